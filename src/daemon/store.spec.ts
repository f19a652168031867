import {
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  utimesSync,
  writeFileSync
} from 'fs';
import { homedir, hostname, tmpdir } from 'os';
import { join } from 'path';
import { versionOf } from './digest';
import { LIMITS } from './pruning';
import { defaultStore, openStore, Store } from './store';

let folder: string;
const label = (version: number) => ({
  name: 'lib',
  kind: 'package' as const,
  version: String(version).padStart(64, '0')
});

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'autoegg-store-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Puts eggs of 1,000 bytes, each older than the next. */
function fill(store: Store, count: number): string[] {
  return Array.from({ length: count }, (_, index) => {
    const { path } = store.putEgg(label(index), Buffer.alloc(1000, index), true);
    utimesSync(path, 1000 + index, 1000 + index);
    return path;
  });
}

describe('the store', () => {
  it('keeps one file for equal bytes', () => {
    const store = new Store(folder);
    const first = store.putEgg(label(1), Buffer.from('egg'), false);
    expect(store.putEgg(label(2), Buffer.from('egg'), false)).toEqual(first);
    expect(readdirSync(join(folder, 'eggs'))).toEqual([first.name]);
  });

  it('lets the oldest go when there are too many versions', () => {
    const store = new Store(folder, { ...LIMITS, versions: 3 });
    const paths = fill(store, 5);
    store.prune();
    expect(paths.map(path => existsSync(path))).toEqual([false, false, true, true, true]);
  });

  it('lets the oldest go when there are too many bytes', () => {
    const store = new Store(folder, { ...LIMITS, bytes: 2500, versions: 100 });
    const paths = fill(store, 4);
    store.prune();
    expect(paths.map(path => existsSync(path))).toEqual([false, false, true, true]);
  });

  it('never lets go what some living daemon holds', () => {
    const store = new Store(folder, { ...LIMITS, bytes: 0, versions: 1 });
    const paths = fill(store, 3);
    store.hold([paths[0]!]);
    // Process 1 is always there, and is not ours.
    writeFileSync(join(folder, 'leases', `${hostname()}.1.json`), JSON.stringify([paths[1]]));
    store.prune();
    expect(paths.map(path => existsSync(path))).toEqual([true, true, false]);
  });

  it('forgets what dead daemons held', () => {
    const store = new Store(folder, { ...LIMITS, bytes: 0, versions: 1 });
    const paths = fill(store, 1);
    const lease = join(folder, 'leases', `${hostname()}.${2 ** 22 + 5}.json`);
    writeFileSync(lease, JSON.stringify(paths));
    store.prune();
    expect([existsSync(paths[0]!), existsSync(lease)]).toEqual([false, false]);
  });

  it('reads back the files of a version and its whole egg', () => {
    const store = new Store(folder);
    const files = new Map([
      ['lib/a.py', { digest: 'd', size: 1 }],
      ['lib/"b"\n\\.txt', { digest: 'e', size: 2 }]
    ]);
    const one = { ...label(1), version: versionOf(files) };
    store.putManifest(one, files);
    const egg = store.putEgg(one, Buffer.from('egg'), false);
    store.putBase(one, egg);
    const other = new Store(folder);
    expect(other.files(one)).toEqual(files);
    const none = { ...label(1), version: versionOf(new Map()) };
    store.putManifest(none, new Map());
    expect(other.files(none)).toEqual(new Map());
    expect(other.base(one)).toEqual(egg);
    expect(other.files(label(2))).toBeNull();
  });

  describe('when a file in it was damaged', () => {
    const files = new Map([['lib/a.py', { digest: 'd'.repeat(64), size: 1 }]]);
    const label = { name: 'lib', kind: 'package' as const, version: versionOf(files) };
    const empty = (path: string) => writeFileSync(path, '');
    const otherBytes = (path: string) =>
      writeFileSync(path, Buffer.from(readFileSync(path).map(byte => byte ^ 1)));

    for (const [how, damage] of Object.entries({ empty, otherBytes })) {
      for (const [whose, reopen] of Object.entries({
        'of this daemon': (store: Store) => store,
        'of the next daemon': () => new Store(folder)
      })) {
        it(`makes an egg again that is ${how}, ${whose}`, () => {
          const store = new Store(folder);
          const egg = store.putEgg(label, Buffer.from('egg'), false);
          store.putBase(label, egg);
          damage(egg.path);
          const after = reopen(store);
          expect(after.holds(egg)).toBe(false);
          expect(after.base(label)).toBeNull();
          expect(after.putEgg(label, Buffer.from('egg'), false)).toEqual(egg);
          expect(readFileSync(egg.path, 'utf8')).toBe('egg');
          expect(after.holds(egg)).toBe(true);
        });

        it(`makes a manifest again that is ${how}, ${whose}`, () => {
          const store = new Store(folder);
          const path = store.putManifest(label, files);
          damage(path);
          const after = reopen(store);
          expect(after.manifest(label)).toBeNull();
          expect(after.files(label)).toBeNull();
          damage(store.putManifest(label, files));
          expect(after.putManifest(label, files)).toBe(path);
          expect(after.files(label)).toEqual(files);
        });
      }
    }

    it('believes no manifest that lists other files than its version has', () => {
      const store = new Store(folder);
      const path = store.putManifest(label, files);
      writeFileSync(path, readFileSync(path, 'utf8').replace('lib/a.py', 'lib/b.py'));
      expect(store.files(label)).toBeNull();
    });

    it('goes nowhere that the name of a base leads to', () => {
      const store = new Store(folder);
      const egg = store.putEgg(label, Buffer.from('egg'), false);
      for (const name of ['', '"../eggs/x"', '7', 'null', JSON.stringify(`../eggs/${egg.name}`)]) {
        store.putBase(label, egg);
        writeFileSync(join(folder, 'bases', `lib.package.${label.version}.json`), name);
        expect(store.base(label)).toBeNull();
      }
    });
  });

  describe('of a user', () => {
    const before = { ...process.env };
    afterEach(() => {
      process.env = { ...before };
    });

    it('lies in the folder for caches, which is an absolute one', () => {
      process.env['XDG_CACHE_HOME'] = folder;
      expect(defaultStore()).toBe(join(folder, 'jupyterlab-autoegg', 'store'));
      process.env['XDG_CACHE_HOME'] = 'caches';
      expect(defaultStore()).toBe(join(homedir(), '.cache', 'jupyterlab-autoegg', 'store'));
    });

    it('gives way to one of the daemon where it cannot be written', () => {
      const file = join(folder, 'file');
      writeFileSync(file, '');
      process.env['XDG_CACHE_HOME'] = file;
      const told: string[] = [];
      const own = join(folder, 'own');
      const store = openStore(own, LIMITS, problem => told.push(String(problem)));
      expect(store.folder).toBe(own);
      expect(told).toHaveLength(1);
      expect(told[0]).toContain(`${file}/jupyterlab-autoegg/store`);
      expect(told[0]).toContain('XDG_CACHE_HOME');
    });
  });
});
