import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { GitMark } from '../protocol';

const run = promisify(execFile);

/** Milliseconds after which git is not waited for: a mark is for a person, nothing depends on it. */
const PATIENCE = 10_000;

/** What a repository's own configuration must not have git do: start a program, go to the network. */
const SAFE = {
  'core.fsmonitor': 'false',
  'core.hooksPath': '/dev/null',
  'protocol.allow': 'never',
  'status.renames': 'false'
};

/**
 * Where git is in the work tree of `path`, and whether something below `path` differs from there; null if git cannot
 * tell, or does not know the files: those that it ignores differ from no commit and belong to none. Takes no lock and runs
 * nothing that the repository names: no hook, no monitor, no filter. A file with a filter (git LFS) therefore counts as changed
 * when its time stamps say so.
 */
export async function gitMark(folder: string, path: string): Promise<GitMark | null> {
  const own = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_'))
  );
  const env = { ...own, GIT_NO_LAZY_FETCH: '1', GIT_OPTIONAL_LOCKS: '0' };
  const git = async (settings: Record<string, string>, ...command: string[]): Promise<string> => {
    const given = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const { stdout } = await run('git', ['-C', folder, ...given, ...command], {
      env,
      timeout: PATIENCE,
      maxBuffer: 1 << 24
    });
    return stdout;
  };
  try {
    const names = await git(SAFE, 'config', '--null', '--name-only', '--list');
    const filters = withoutFilters(names.split('\0').filter(name => name.startsWith('filter.')));
    const settings = { ...SAFE, ...filters };
    const status = ['status', '--porcelain', '--untracked-files=all', '--ignore-submodules=all'];
    const changes = await git(settings, ...status, '--', path);
    if (changes === '' && (await git(settings, 'ls-files', '-z', '--', path)) === '') {
      return null;
    }
    const head = git(settings, 'rev-parse', '--verify', '--quiet', 'HEAD').catch(() => '');
    return { commit: (await head).trim() || null, dirty: changes !== '' };
  } catch {
    return null;
  }
}

/** Settings that empty each filter that a configuration names. Throws where a name cannot be given on the command line. */
function withoutFilters(names: string[]): Record<string, string> {
  const filters = new Set(names.map(name => name.replace(/\.[^.]*$/, '')));
  const settings: Record<string, string> = {};
  for (const filter of filters) {
    if (/[=\n]/.test(filter)) {
      throw new Error(`${filter} cannot be switched off`);
    }
    Object.assign(settings, {
      [`${filter}.clean`]: '',
      [`${filter}.smudge`]: '',
      [`${filter}.process`]: '',
      [`${filter}.required`]: 'false'
    });
  }
  return settings;
}
