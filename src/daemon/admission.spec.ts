import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'fs';
import { homedir, tmpdir } from 'os';
import { join } from 'path';
import type { LibraryKind } from '../protocol';
import { admit } from './admission';

let folder: string;
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'autoegg-admission-')));
  for (const name of ['lib', 'env', 'site-packages', 'my-lib']) {
    mkdirSync(join(folder, name));
  }
  writeFileSync(join(folder, 'env', 'pyvenv.cfg'), '');
  writeFileSync(join(folder, 'my-script.py'), '');
  symlinkSync('lib', join(folder, 'link'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const open = (name: string, kind: LibraryKind, path: string) => () => admit({ name, kind, path });

describe('a path', () => {
  it('that may be a library is known by where its links lead', () => {
    expect(open('lib', 'package', join(folder, 'link'))()).toBe(join(folder, 'lib'));
  });

  it.each([
    ['site-packages', 'installed packages'],
    ['env', 'virtual environment'],
    ['my-lib', '"my-lib" is not a valid Python module name'],
    ['gone-away', 'no longer exists']
  ])('%s is refused with path and reason, whatever its name', (name, reason) => {
    const path = join(folder, name);
    expect(open(name, 'namespace', path)).toThrow(reason);
    expect(open(name, 'namespace', path)).toThrow(path);
  });

  it('is refused as a kind of library that there is none of', () => {
    const path = join(folder, 'lib');
    expect(open('lib', 'zip' as LibraryKind, path)).toThrow(
      `${path} cannot be a library of the kind "zip": use package, module or namespace.`
    );
  });

  it('is refused with its name when that is all that is wrong', () => {
    const path = join(folder, 'my-script.py');
    expect(open('my-script', 'module', path)).toThrow(`${path} cannot be a library: "my-script"`);
  });

  it.each([
    ['/', 'the root of the file system'],
    [homedir(), 'the home directory']
  ])('%s is refused although it has no import name', (path, reason) => {
    expect(open('', 'namespace', path)).toThrow(`${path} is ${reason}`);
  });

  it('is refused where everybody puts files, which a home directory may be below of', () => {
    expect(open('', 'namespace', tmpdir())).toThrow(
      /is (the folder for temporary files|a folder above the home directory)/
    );
  });
});
