import fs, {
  mkdirSync,
  mkdtempSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync
} from 'node:fs';
import { tmpdir } from 'os';
import { dirname, join } from 'path';
import type { Cover } from './branch';
import { Coverage, Pulse } from './coverage';
import { Tree } from './tree';

let project: string;
const unwatched: Cover = { cover: () => undefined, uncover: () => undefined };

function write(path: string, text = ''): void {
  mkdirSync(dirname(join(project, path)), { recursive: true });
  writeFileSync(join(project, path), text);
}

const at = (...path: string[]) => join(project, ...path);
const treeOf = (cover = unwatched) => Tree.open(at('lib'), 'lib', 'package', cover);
const names = (tree: Tree) => [...tree.leaves.files().keys()].sort();

beforeEach(() => {
  project = realpathSync(mkdtempSync(join(tmpdir(), 'autoegg-tree-')));
  write('lib/__init__.py');
});
afterEach(() => rmSync(project, { recursive: true, force: true }));

describe('a folder', () => {
  it.each([
    [
      'has taken the place of another one',
      () => {
        renameSync(at('lib', 'parts'), at('before'));
        renameSync(at('next'), at('lib', 'parts'));
      }
    ],
    [
      'was gone and is there again',
      (tree: Tree) => {
        renameSync(at('lib', 'parts'), at('before'));
        tree.checkAll();
        renameSync(at('next'), at('lib', 'parts'));
      }
    ]
  ])('that %s is watched as any other', async (_, replace) => {
    write('lib/parts/a.py');
    write('next/a.py');
    let told = () => undefined as void;
    const heard = new Promise<void>(resolve => (told = resolve));
    const coverage = new Coverage(new Pulse(), (folder, name) => {
      if (folder === at('lib', 'parts') && name === 'new.py') {
        told();
      }
    });
    try {
      const tree = await treeOf(coverage);
      replace(tree);
      tree.checkAll();
      write('lib/parts/new.py');
      await heard;
    } finally {
      coverage.close();
    }
  });

  it('that has taken the place of another one is found when something was heard of the folder above', async () => {
    write('lib/parts/a.py');
    write('next/b.py');
    const tree = await treeOf();
    renameSync(at('lib', 'parts'), at('before'));
    renameSync(at('next'), at('lib', 'parts'));
    tree.check(new Map([[at('lib'), new Set(['parts'])]]));
    expect(names(tree)).toEqual(['lib/__init__.py', 'lib/parts/b.py']);
  });

  it('has what came right after it was read, although the clock cannot distinguish the two', async () => {
    // Time stamps go in steps: a tick of the system, or what a file system can write down. Newer kernels have finer ones.
    const step = (time: number) => Math.floor(time / 20) * 20;
    const { lstatSync, statSync } = fs;
    const coarse = (real: typeof statSync) =>
      ((...args: Parameters<typeof statSync>) => {
        const stats = real(...args);
        return (
          stats &&
          Object.assign(stats, {
            mtimeMs: step(Number(stats.mtimeMs)),
            ctimeMs: step(Number(stats.ctimeMs))
          })
        );
      }) as typeof statSync;
    jest.spyOn(fs, 'lstatSync').mockImplementation(coarse(lstatSync as typeof statSync) as never);
    jest.spyOn(fs, 'statSync').mockImplementation(coarse(statSync) as never);
    try {
      for (let turn = 0; turn < 20; turn++) {
        write(`lib/turn${turn}/a.py`);
        const tree = await treeOf();
        write(`lib/turn${turn}/b.py`);
        tree.checkAll();
        expect(names(tree)).toContain(`lib/turn${turn}/b.py`);
        rmSync(at('lib', `turn${turn}`), { recursive: true });
      }
    } finally {
      jest.restoreAllMocks();
    }
  });

  it('that is gone takes everything below it along', async () => {
    write('lib/parts/deep/a.py');
    const tree = await treeOf();
    rmSync(at('lib', 'parts'), { recursive: true });
    tree.checkAll();
    expect(names(tree)).toEqual(['lib/__init__.py']);
    write('lib/parts/deep/a.py');
    tree.checkAll();
    expect(names(tree)).toEqual(['lib/__init__.py', 'lib/parts/deep/a.py']);
  });
});

describe('a link', () => {
  it('back to a folder in which it lies is no part of the library', async () => {
    write('lib/outer/a.py');
    write('lib/outer/inner/b.py');
    symlinkSync(at('lib', 'outer'), at('lib', 'outer', 'inner', 'again'));
    expect(names(await treeOf())).toEqual([
      'lib/__init__.py',
      'lib/outer/a.py',
      'lib/outer/inner/b.py'
    ]);
  });

  it('to a folder that links back brings that folder once', async () => {
    write('lib/one/a.py');
    write('lib/two/b.py');
    symlinkSync('../two', at('lib', 'one', 'other'));
    symlinkSync('../one', at('lib', 'two', 'other'));
    expect(names(await treeOf())).toEqual([
      'lib/__init__.py',
      'lib/one/a.py',
      'lib/one/other/b.py',
      'lib/two/b.py',
      'lib/two/other/a.py'
    ]);
  });

  it.each(['', '..', '../..'])(
    'to the library itself or a folder above is no part of it: %s',
    async up => {
      write('beside.py');
      symlinkSync(join(at('lib'), up), at('lib', 'above'));
      expect(names(await treeOf())).toEqual(['lib/__init__.py']);
    }
  );

  it('to a folder that leads elsewhere by now is followed', async () => {
    write('v1/a.py');
    write('v2/b.py');
    symlinkSync(at('v1'), at('current'));
    symlinkSync(at('current'), at('lib', 'parts'));
    const tree = await treeOf();
    expect(names(tree)).toEqual(['lib/__init__.py', 'lib/parts/a.py']);
    rmSync(at('current'));
    symlinkSync(at('v2'), at('current'));
    tree.checkAll();
    expect(names(tree)).toEqual(['lib/__init__.py', 'lib/parts/b.py']);
    rmSync(at('current'));
    tree.checkAll();
    expect(names(tree)).toEqual(['lib/__init__.py']);
  });
});

describe('a first walk', () => {
  it('lets others have their turn while it looks through many files that are left out', async () => {
    write('.gitignore', '*.tmp\n');
    mkdirSync(at('.git'));
    for (let number = 0; number < 2_000; number++) {
      write(`lib/${number}.tmp`);
    }
    let turns = 0;
    const turn = () => {
      turns++;
      next = setImmediate(turn);
    };
    let next = setImmediate(turn);
    const tree = await treeOf();
    clearImmediate(next);
    expect(turns).toBeGreaterThan(2);
    expect(names(tree)).toEqual(['lib/__init__.py']);
  });
});
