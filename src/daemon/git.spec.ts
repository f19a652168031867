import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { gitMark } from './git';

describe('where git is', () => {
  let root: string;
  const git = (...command: string[]) =>
    execFileSync('git', ['-C', root, '-c', 'user.name=A', '-c', 'user.email=a@b.c', ...command]);

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'autoegg-git-'));
    for (const name of ['known', 'ignored']) {
      mkdirSync(join(root, name));
      writeFileSync(join(root, name, '__init__.py'), '');
    }
    writeFileSync(join(root, '.gitignore'), 'ignored\n');
    git('init', '--quiet');
    git('add', '.');
    git('commit', '--quiet', '-m', 'first');
  });
  afterEach(() => rmSync(root, { recursive: true }));

  it('covers files that git tracks', async () => {
    const mark = await gitMark(join(root, 'known'), join(root, 'known'));
    expect(mark).toEqual({ commit: expect.stringMatching(/^[0-9a-f]{40}$/), dirty: false });
  });

  it('covers files that git could track', async () => {
    mkdirSync(join(root, 'fresh'));
    writeFileSync(join(root, 'fresh', '__init__.py'), '');
    expect((await gitMark(join(root, 'fresh'), join(root, 'fresh')))?.dirty).toBe(true);
  });

  it('does not cover files that git ignores', async () => {
    expect(await gitMark(join(root, 'ignored'), join(root, 'ignored'))).toBeNull();
  });
});
