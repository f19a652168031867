import { existsSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'fs';
import { tmpdir } from 'os';
import { join } from 'path';
import type { Delivery, LibrarySpec } from '../protocol';
import { versionOf, type Files } from './digest';
import { limitsOf } from './keeping';
import { LIMITS } from './pruning';
import { Store } from './store';

let folder: string;
const spec: LibrarySpec = { name: 'lib', kind: 'package', path: '/somewhere/lib' };
const DAY = 86_400_000;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'autoegg-index-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A version with one file, whose whole egg has so many bytes. */
function made(store: Store, content: string, bytes = 1000): Delivery {
  const files: Files = new Map([['lib/a.py', { digest: content.padStart(64, '0'), size: 1 }]]);
  const label = { name: 'lib', kind: 'package' as const, version: versionOf(files) };
  const manifest = store.putManifest(label, files);
  const base = store.putEgg(label, Buffer.alloc(bytes, content), false);
  return { version: label.version, base, patch: null, manifest };
}

/** As if it had been run last so many days ago. */
function age(store: Store, { version }: Delivery, days: number): void {
  const then = (Date.now() - days * DAY) / 1000;
  utimesSync(join(store.folder, 'versions', `lib.package.${version}.json`), then, then);
}

const kept = (store: Store) =>
  new Map(store.index.entries().map(({ kept }) => [kept.version, kept.gone?.why ?? 'kept']));

describe('the index of versions', () => {
  it('keeps what brings a version that was run, however many others there are', () => {
    const store = new Store(folder, { ...LIMITS, versions: 1 });
    const ran = made(store, '1');
    store.index.remember(spec, ran, null);
    const others = ['2', '3', '4'].map(content => made(store, content));
    store.prune();
    expect([existsSync(ran.base.path), existsSync(ran.manifest)]).toEqual([true, true]);
    expect(others.map(({ base }) => existsSync(base.path)).filter(Boolean)).toHaveLength(0);
  });

  it('lets a version go that was not run for longer than the days, and says so', () => {
    const store = new Store(folder);
    const [old, recent] = [made(store, '1'), made(store, '2')];
    for (const delivery of [old, recent]) {
      store.index.remember(spec, delivery, null);
    }
    age(store, old, 91);
    age(store, recent, 89);
    store.prune();
    expect([existsSync(old.base.path), existsSync(recent.base.path)]).toEqual([false, true]);
    expect(existsSync(old.manifest)).toBe(true);
    expect(kept(store)).toEqual(
      new Map([
        [old.version, 'age'],
        [recent.version, 'kept']
      ])
    );
    age(store, old, 90 * 4 + 1);
    store.prune();
    expect([...kept(store).keys()]).toEqual([recent.version]);
  });

  it('lets the version go first that was run longest ago, and only as far as the bytes demand', () => {
    const store = new Store(folder, { ...LIMITS, bytes: 2800 });
    const [first, second, never] = [made(store, '1'), made(store, '2'), made(store, '3')];
    store.index.remember(spec, first, null);
    store.index.remember(spec, second, null);
    age(store, first, 1);
    age(store, second, 2);
    store.prune();
    const there = [first, second, never].map(({ base }) => existsSync(base.path));
    expect(there).toEqual([true, true, false]);
    new Store(folder, { ...LIMITS, bytes: 1800 }).prune();
    expect([existsSync(first.base.path), existsSync(second.base.path)]).toEqual([true, false]);
    expect(kept(store).get(second.version)).toBe('size');
  });

  it('keeps an egg as long as one of the versions that it brings', () => {
    const store = new Store(folder, { ...LIMITS, bytes: 1800 });
    const [old, recent] = [made(store, '1'), made(store, '2', 10)];
    const patched = { ...recent, base: old.base, patch: recent.base };
    store.index.remember(spec, old, null);
    store.index.remember(spec, patched, null);
    age(store, old, 5);
    store.prune();
    expect([existsSync(old.base.path), existsSync(patched.patch.path)]).toEqual([true, true]);
  });

  it('never lets go what some living daemon holds', () => {
    const store = new Store(folder, { ...LIMITS, bytes: 0 });
    const delivery = made(store, '1');
    store.index.remember(spec, delivery, null);
    age(store, delivery, 1000);
    store.hold([delivery.manifest, delivery.base.path]);
    store.prune();
    expect(existsSync(delivery.base.path)).toBe(true);
    expect(kept(store).get(delivery.version)).toBe('kept');
  });

  it('remembers where the library lay, when it ran first, and the cleanest commit', () => {
    const store = new Store(folder);
    const delivery = made(store, '1');
    store.index.remember(spec, delivery, { commit: 'a', dirty: true });
    const [{ kept: before } = {}] = store.index.entries();
    store.index.mark(spec, delivery.version, { commit: 'b', dirty: false });
    store.index.mark(spec, delivery.version, { commit: 'c', dirty: true });
    new Store(folder).index.remember({ ...spec, path: '/elsewhere/lib' }, delivery, null);
    const [{ kept: after } = {}] = store.index.entries();
    expect(after).toEqual({ ...before, git: { commit: 'b', dirty: false } });
    expect(after?.path).toBe('/somewhere/lib');
  });

  it('has a version back whose eggs were made again', () => {
    const store = new Store(folder);
    const delivery = made(store, '1');
    store.index.remember(spec, delivery, null);
    age(store, delivery, 91);
    store.prune();
    store.index.remember(spec, made(store, '1'), null);
    expect([...kept(store).values()]).toEqual(['kept']);
  });

  it('believes no entry that is damaged', () => {
    const store = new Store(folder);
    const delivery = made(store, '1');
    store.index.remember(spec, delivery, null);
    const [name] = readdirSync(join(folder, 'versions'));
    writeFileSync(join(folder, 'versions', name!), '{');
    expect(store.index.entries()).toEqual([]);
    writeFileSync(
      join(folder, 'versions', name!),
      JSON.stringify({ format: 1, name: 'other', kind: 'package', version: delivery.version })
    );
    expect(store.index.entries()).toEqual([]);
  });
});

describe('how much and how long is kept', () => {
  const before = { ...process.env };
  afterEach(() => {
    process.env = { ...before };
  });

  it('is what the server says, else the environment, else 1 GB and 90 days', () => {
    const told: string[] = [];
    const limits = (given = {}) => {
      const { bytes, days } = limitsOf(given, problem => told.push(problem.message));
      return [bytes, days];
    };
    expect(limits()).toEqual([1e9, 90]);
    process.env['AUTOEGG_KEEP_MEGABYTES'] = '20';
    process.env['AUTOEGG_KEEP_DAYS'] = '0.5';
    expect(limits()).toEqual([20e6, 0.5]);
    expect(limits({ megabytes: '5', days: '7' })).toEqual([5e6, 7]);
    expect(told).toEqual([]);
    process.env['AUTOEGG_KEEP_DAYS'] = 'ever';
    expect(limits()).toEqual([20e6, 90]);
    expect(told).toEqual([
      'AUTOEGG_KEEP_DAYS must be a number above zero, not "ever"; 90 is used.'
    ]);
  });
});
