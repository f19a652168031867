import { existsSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'fs';
import { hostname, tmpdir } from 'os';
import { join } from 'path';
import { Store } from './store';

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
    const store = new Store(folder, { bytes: 1e9, versions: 3 });
    const paths = fill(store, 5);
    store.prune();
    expect(paths.map(path => existsSync(path))).toEqual([false, false, true, true, true]);
  });

  it('lets the oldest go when there are too many bytes', () => {
    const store = new Store(folder, { bytes: 2500, versions: 100 });
    const paths = fill(store, 4);
    store.prune();
    expect(paths.map(path => existsSync(path))).toEqual([false, false, true, true]);
  });

  it('never lets go what some living daemon holds', () => {
    const store = new Store(folder, { bytes: 0, versions: 1 });
    const paths = fill(store, 3);
    store.hold([paths[0]!]);
    // Process 1 is always there, and is not ours.
    writeFileSync(join(folder, 'leases', `${hostname()}.1.json`), JSON.stringify([paths[1]]));
    store.prune();
    expect(paths.map(path => existsSync(path))).toEqual([true, true, false]);
  });

  it('forgets what dead daemons held', () => {
    const store = new Store(folder, { bytes: 0, versions: 1 });
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
    store.putManifest(label(1), files);
    const egg = store.putEgg(label(1), Buffer.from('egg'), false);
    store.putBase(label(1), egg);
    const other = new Store(folder);
    expect(other.files(label(1))).toEqual(files);
    store.putManifest(label(3), new Map());
    expect(other.files(label(3))).toEqual(new Map());
    expect(other.base(label(1))).toEqual(egg);
    expect(other.files(label(2))).toBeNull();
  });
});
