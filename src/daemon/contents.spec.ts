import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'fs';
import { tmpdir } from 'os';
import { dirname, join } from 'path';
import { Rules, RulesChanged } from './contents';
import { Tree } from './tree';

let project: string;
const unwatched = { cover: () => undefined, uncover: () => undefined };

function write(path: string, text = ''): void {
  mkdirSync(dirname(join(project, path)), { recursive: true });
  writeFileSync(join(project, path), text);
}

const open = () => Tree.open(join(project, 'lib'), 'lib', 'package', unwatched);
const found = async () => [...(await open()).leaves.files().keys()].sort();

beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), 'autoegg-contents-'));
  mkdirSync(join(project, '.git'));
  write('lib/__init__.py');
});
afterEach(() => rmSync(project, { recursive: true, force: true }));

describe('what belongs to a library', () => {
  it('follows the deepest .gitignore that has an opinion', async () => {
    write('.gitignore', '*.dat\n');
    write('lib/sub/.gitignore', '!keep.dat\n');
    write('lib/sub/keep.dat');
    write('lib/sub/drop.dat');
    expect(await found()).toEqual(['lib/__init__.py', 'lib/sub/keep.dat']);
  });

  it('keeps compiled modules that git ignores, because they can be imported', async () => {
    write('.gitignore', '*.so\n*.log\n');
    write('lib/fast.so');
    write('lib/fast.log');
    expect(await found()).toEqual(['lib/__init__.py', 'lib/fast.so']);
  });

  it('has a package named build, but not the folder of that name', async () => {
    write('lib/build/__init__.py');
    write('lib/sub/build/a.py');
    expect(await found()).toEqual(['lib/__init__.py', 'lib/build/__init__.py']);
  });

  it('lets exclude drop modules, and include bring hidden files', async () => {
    write('pyproject.toml', '[tool.autoegg]\nexclude = ["old*.py"]\ninclude = ["lib/.keys"]\n');
    write('lib/old_one.py');
    write('lib/.keys');
    write('lib/.other');
    expect(await found()).toEqual(['lib/.keys', 'lib/__init__.py']);
  });

  it('does not mind a broken pyproject.toml that says nothing about it', async () => {
    write('pyproject.toml', 'this is [ not toml');
    expect(await found()).toEqual(['lib/__init__.py']);
  });

  it('refuses settings that are no lists of patterns', async () => {
    write('pyproject.toml', '[tool.autoegg]\nexclude = "a"\n');
    await expect(found()).rejects.toThrow(/exclude under \[tool\.autoegg\] must be a list/);
  });

  it('is determined again when an empty folder becomes an environment', async () => {
    mkdirSync(join(project, 'lib', 'env'));
    const tree = await open();
    write('lib/env/pyvenv.cfg');
    write('lib/env/lib/a.py');
    expect(() => tree.checkAll()).toThrow(RulesChanged);
    expect(await found()).toEqual(['lib/__init__.py']);
  });

  it('is stale when a rule appears, changes or goes', () => {
    const rules = new Rules(join(project, 'lib'));
    expect(rules.stale()).toBe(false);
    write('.gitignore', 'a');
    expect(rules.stale()).toBe(true);
  });

  it('does not look into a folder that git ignores', async () => {
    write('.gitignore', 'out/\n');
    write('lib/out/a.txt');
    write('lib/out/deep/b.py');
    const judged = [jest.spyOn(Rules.prototype, 'file'), jest.spyOn(Rules.prototype, 'folder')];
    expect(await found()).toEqual(['lib/__init__.py']);
    const paths = judged.flatMap(spy => spy.mock.calls.map(([, path]) => path));
    expect(paths.sort()).toEqual(
      ['__init__.py', 'out'].map(name => join(project, 'lib', name)).sort()
    );
    judged.forEach(spy => spy.mockRestore());
  });

  it('judges what git ignores once, until it is something else or the rules are others', async () => {
    write('.gitignore', '*.tmp\n');
    write('lib/a.tmp');
    const tree = await open();
    const judged = jest.spyOn(tree.rules, 'file');
    const names = () => [...tree.leaves.files().keys()].sort();
    write('lib/b.py');
    tree.check(new Map([[join(project, 'lib'), new Set(['a.tmp', 'b.py'])]]));
    expect(names()).toEqual(['lib/__init__.py', 'lib/b.py']);
    expect(judged.mock.calls.map(([, , name]) => name)).toEqual(['b.py']);
    rmSync(join(project, 'lib', 'a.tmp'));
    write('lib/a.tmp/__init__.py');
    tree.check(new Map([[join(project, 'lib'), new Set(['a.tmp'])]]));
    expect(names()).toEqual(['lib/__init__.py', 'lib/a.tmp/__init__.py', 'lib/b.py']);
    write('.gitignore', '');
    expect(tree.stale()).toBe(true);
  });
});
