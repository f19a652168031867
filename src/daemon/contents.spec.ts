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

const found = () =>
  [...new Tree(join(project, 'lib'), 'lib', 'package', unwatched).leaves.files().keys()].sort();

beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), 'autoegg-contents-'));
  mkdirSync(join(project, '.git'));
  write('lib/__init__.py');
});
afterEach(() => rmSync(project, { recursive: true, force: true }));

describe('what belongs to a library', () => {
  it('follows the deepest .gitignore that has an opinion', () => {
    write('.gitignore', '*.dat\n');
    write('lib/sub/.gitignore', '!keep.dat\n');
    write('lib/sub/keep.dat');
    write('lib/sub/drop.dat');
    expect(found()).toEqual(['lib/__init__.py', 'lib/sub/keep.dat']);
  });

  it('keeps compiled modules that git ignores, because they can be imported', () => {
    write('.gitignore', '*.so\n*.log\n');
    write('lib/fast.so');
    write('lib/fast.log');
    expect(found()).toEqual(['lib/__init__.py', 'lib/fast.so']);
  });

  it('has a package named build, but not the folder of that name', () => {
    write('lib/build/__init__.py');
    write('lib/sub/build/a.py');
    expect(found()).toEqual(['lib/__init__.py', 'lib/build/__init__.py']);
  });

  it('lets exclude drop modules, and include bring hidden files', () => {
    write('pyproject.toml', '[tool.autoegg]\nexclude = ["old*.py"]\ninclude = ["lib/.keys"]\n');
    write('lib/old_one.py');
    write('lib/.keys');
    write('lib/.other');
    expect(found()).toEqual(['lib/.keys', 'lib/__init__.py']);
  });

  it('does not mind a broken pyproject.toml that says nothing about it', () => {
    write('pyproject.toml', 'this is [ not toml');
    expect(found()).toEqual(['lib/__init__.py']);
  });

  it('refuses settings that are no lists of patterns', () => {
    write('pyproject.toml', '[tool.autoegg]\nexclude = "a"\n');
    expect(found).toThrow(/exclude under \[tool\.autoegg\] must be a list/);
  });

  it('is found out anew when an empty folder becomes an environment', () => {
    mkdirSync(join(project, 'lib', 'env'));
    const tree = new Tree(join(project, 'lib'), 'lib', 'package', unwatched);
    write('lib/env/pyvenv.cfg');
    write('lib/env/lib/a.py');
    expect(() => tree.checkAll()).toThrow(RulesChanged);
    expect(found()).toEqual(['lib/__init__.py']);
  });

  it('is stale when a rule appears, changes or goes', () => {
    const rules = new Rules(join(project, 'lib'));
    expect(rules.stale()).toBe(false);
    write('.gitignore', 'a');
    expect(rules.stale()).toBe(true);
  });

  it('judges what git ignores once, until it is something else or the rules are others', () => {
    write('.gitignore', '*.tmp\n');
    write('lib/a.tmp');
    const tree = new Tree(join(project, 'lib'), 'lib', 'package', unwatched);
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
