import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import { look, same, type Look } from './disk';
import { Owners } from './owners';
import { patternsOf, type Patterns } from './patterns';
import { refusals } from './refusal';
import { textOf } from './repository';
import { readSettings, type Settings } from './settings';

/** What a pyproject.toml says, and where it lies. */
export interface Said {
  folder: string;
  settings: Settings;
}

/** Bytes from which on a stranger's file is none that people write by hand. */
const MOST = 1 << 20;

/** The files that decide which others belong to a library: where they are, whose they are, and whether they are as they were. */
export class RuleFiles {
  readonly owners: Owners;
  /** Those that are links, which git does not follow. */
  readonly unfollowed = new Set<string>();
  private readonly seen = new Map<string, Look | null>();

  /** @param library the file, where the library is one; `root` is its folder then */
  constructor(
    private readonly root: string,
    private readonly library: string
  ) {
    this.owners = new Owners(library);
  }

  /** True when a file that rules came from has changed. */
  stale(): boolean {
    for (const [path, seen] of this.seen) {
      const now = look(path);
      if (now === null || seen === null ? now !== seen : !same(now, seen)) {
        return true;
      }
    }
    return false;
  }

  /** Does a file above the library belong to a user who is not trusted? */
  isOthers(path: string): boolean {
    const isInside = this.root === this.library && path.startsWith(`${this.root}/`);
    return !isInside && this.owners.stranger(path) !== null;
  }

  /** Where a link leads; null for one that leads nowhere. */
  targetOf(link: string): string | null {
    try {
      return realpathSync.native(link);
    } catch {
      return null;
    }
  }

  /**
   * Looks at a file that decides over others. Inside the walked tree `absence` need not be kept: a file of one of
   * `Rules.NAMES` that appears there is seen when the folder is read again.
   */
  probe(path: string, absence = true): Look | null {
    const seen = look(path);
    // The folder .git changes with every git command; only that it is there matters.
    if (seen === null ? absence : !path.endsWith('/.git')) {
      this.seen.set(path, seen);
    }
    return seen;
  }

  patternsIn(folder: string, absence = true): Patterns[] {
    const path = join(folder, '.gitignore');
    const type = this.probe(path, absence)?.type;
    if (type === 'link' && !this.isOthers(path)) {
      this.unfollowed.add(path);
    }
    const text = type === 'file' ? this.textOf(path) : null;
    return text === null ? [] : [patternsOf(path, folder, text)];
  }

  /**
   * The settings nearest to the library, those of strangers that are nearer, and the file in which the project can decide on
   * these. A pyproject.toml without our table has no effect.
   */
  settingsIn(folders: string[]): { own: Said | null; theirs: Said[]; decisions: string } {
    const theirs: Said[] = [];
    let decisions: string | null = null;
    for (const folder of folders) {
      const file = join(folder, 'pyproject.toml');
      const isOthers = this.isOthers(file);
      if (!this.isFile(file, isOthers)) {
        continue;
      }
      if (isOthers) {
        const settings = this.settingsOfOthers(file);
        theirs.push(...(settings ? [{ folder, settings }] : []));
        continue;
      }
      decisions ??= file;
      const settings = readSettings(file, textOf(file));
      if (settings) {
        return { own: { folder, settings }, theirs, decisions: file };
      }
    }
    return { own: null, theirs, decisions: decisions ?? join(this.root, 'pyproject.toml') };
  }

  /** Looks at a file that may be a link, and at what that leads to. A link of ours that leads nowhere would keep nothing at home. */
  private isFile(path: string, isOthers: boolean): boolean {
    const seen = this.probe(path);
    if (seen?.type !== 'link') {
      return seen?.type === 'file';
    }
    const target = this.targetOf(path);
    if (target === null && !isOthers) {
      throw refusals.deadLink(path);
    }
    return target !== null && this.probe(target)?.type === 'file';
  }

  /** The text of a rule file; null for another user's that cannot be read: whether it leaves something out is unknown. */
  private textOf(path: string): string | null {
    const isOthers = this.isOthers(path);
    try {
      return isOthers && look(path, true)!.size > MOST ? null : textOf(path);
    } catch (error) {
      if (isOthers) {
        return null;
      }
      throw error;
    }
  }

  private settingsOfOthers(file: string): Settings | null {
    try {
      return readSettings(file, this.textOf(file) ?? '');
    } catch {
      return null;
    }
  }
}
