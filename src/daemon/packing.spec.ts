import { mkdirSync, mkdtempSync, realpathSync, rmSync, statSync, writeFileSync } from 'fs';
import { tmpdir } from 'os';
import { join } from 'path';
import { versionOf, type Files } from './digest';
import { sha256 } from './disk';
import { workshop } from './eggThread';
import { Packing } from './packing';
import { Store } from './store';

let folder: string;
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'autoegg-packing-')));
  mkdirSync(join(folder, 'lib'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(contents: Record<string, string>): Files {
  return new Map(
    Object.entries(contents).map(([name, text]) => {
      writeFileSync(join(folder, name), text);
      return [name, { digest: sha256(text), size: text.length }];
    })
  );
}

function packing(onLong = () => {}): Packing {
  const spec = { name: 'lib', kind: 'package' as const, path: join(folder, 'lib') };
  const store = new Store(join(folder, 'store'));
  return new Packing(spec, store, workshop(null), name => join(folder, name), onLong);
}

const deliver = (by: Packing, files: Files) => by.deliver(versionOf(files), files);

describe('packing', () => {
  it('delivers a first version whole and the next ones as a patch of it', async () => {
    const by = packing();
    const first = await deliver(by, write({ 'lib/a.py': 'A = 1\n', 'lib/b.py': '' }));
    expect(first.patch).toBeNull();
    const second = await deliver(by, write({ 'lib/a.py': 'A = 2\n', 'lib/b.py': '' }));
    expect(second.base).toEqual(first.base);
    expect(second.patch).not.toBeNull();
    expect(by.outgrown(second)).toBe(false);
  });

  it.each([
    ['small', 10],
    ['large', 2 << 20]
  ])('takes the %s egg that another daemon has made of a version', async (_size, length) => {
    const files = write({ 'lib/a.py': '#'.repeat(length) });
    const first = await deliver(packing(), files);
    const made = statSync(first.base.path).ino;
    // Without the file it could not be made again.
    rmSync(join(folder, 'lib/a.py'));
    expect(await deliver(packing(), files)).toEqual(first);
    expect(statSync(first.base.path).ino).toBe(made);
  });

  it('makes a new base when it is asked to, and goes on with that', async () => {
    const by = packing();
    await deliver(by, write({ 'lib/a.py': 'A = 1\n' }));
    const files = write({ 'lib/a.py': 'A = 1\n', 'lib/table.csv': '1,2\n'.repeat(50_000) });
    expect(by.outgrown(await deliver(by, files))).toBe(true);
    const base = await by.pack(versionOf(files), files, true);
    expect((await by.deliver(versionOf(files), files, base)).patch).toBeNull();
    expect((await deliver(by, files)).base).toEqual(base.egg);
    expect(by.needs).toEqual([base.egg.path]);
  });

  it('does not deliver a file that has changed since it was looked at', async () => {
    const files = write({ 'lib/a.py': 'A = 1\n' });
    write({ 'lib/a.py': 'A = 2\n' });
    await expect(deliver(packing(), files)).rejects.toMatchObject({
      file: join(folder, 'lib/a.py')
    });
  });

  it('says when it begins with a whole version, and not before a patch', async () => {
    let told = 0;
    const by = packing(() => told++);
    await deliver(by, write({ 'lib/a.py': 'A = 1\n' }));
    await deliver(by, write({ 'lib/a.py': 'A = 2\n' }));
    expect(told).toBe(1);
  });
});
