import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { look } from './disk';
import type { Owners } from './owners';
import { errorCode, refusals } from './refusal';

/** The lock that git holds while it changes a work tree. */
export class GitLock {
  constructor(
    readonly path: string,
    private readonly owners: Owners
  ) {}

  /** Is it held, by a user whose changes are waited for? */
  get held(): boolean {
    return look(this.path) !== null && this.owners.stranger(this.path) === null;
  }
}

/** The lock of the repository whose work tree is `work`; null where `.git` names no folder that is believed. */
export function lockOf(work: string, owners: Owners): GitLock | null {
  const git = join(work, '.git');
  let folder = git;
  if (look(git)?.type === 'file') {
    // A linked work tree or submodule: the file names the folder.
    const target = /^gitdir:\s*(.+?)\s*$/m.exec(textOf(git))?.[1];
    if (!target) {
      return null;
    }
    folder = target.startsWith('/') ? target : join(work, target);
  }
  return owners.stranger(folder) === null ? new GitLock(join(folder, 'index.lock'), owners) : null;
}

/** The text of a file that rules lie in. Throws a refusal when it cannot be read. */
export function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw refusals.unreadable(path, errorCode(error));
  }
}
