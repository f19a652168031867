import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { GitMark } from '../protocol';

const run = promisify(execFile);

/** Milliseconds after which git is not waited for: a mark is for a person, nothing depends on it. */
const PATIENCE = 10_000;

/**
 * Where git is in the work tree of `path`, and whether something below `path` differs from there; null if git cannot
 * tell. Takes no lock and runs no hook of the repository.
 */
export async function gitMark(folder: string, path: string): Promise<GitMark | null> {
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_'))
  );
  const git = async (...command: string[]): Promise<string> => {
    const safe = ['--no-optional-locks', '-c', 'core.fsmonitor=false', '-C', folder];
    const { stdout } = await run('git', [...safe, ...command], {
      env,
      timeout: PATIENCE,
      maxBuffer: 1 << 24
    });
    return stdout;
  };
  try {
    const changes = await git('status', '--porcelain', '--untracked-files=all', '--', path);
    const commit = await git('rev-parse', '--verify', '--quiet', 'HEAD').catch(() => '');
    return { commit: commit.trim() || null, dirty: changes !== '' };
  } catch {
    return null;
  }
}
