import { geteuid } from 'node:process';
import { look } from './disk';

/**
 * Whose files are trusted: those of this user, of root, and of the library's owner (a container with a mounted tree runs as
 * another user). In a folder that others may write into, such as `/tmp`, anybody can put a file above a library.
 */
export class Owners {
  private readonly believed: ReadonlySet<number>;

  /** @param library a library's folder, or file */
  constructor(library: string) {
    const owner = look(library, true)?.uid;
    this.believed = new Set([geteuid?.() ?? 0, 0, ...(owner === undefined ? [] : [owner])]);
  }

  /** The number of the user to whom a file belongs that is not believed, or what a link there leads to; null if it is, or is not there. */
  stranger(path: string): number | null {
    for (const seen of [look(path), look(path, true)]) {
      if (seen && !this.believed.has(seen.uid)) {
        return seen.uid;
      }
    }
    return null;
  }
}
