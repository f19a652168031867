import { readdirSync, realpathSync, type Dirent } from 'node:fs';
import type { Walk } from './contents';
import { look, type Look } from './disk';
import type { Leaf } from './leaves';
import { errorCode, Moving, refusals } from './refusal';

/** One folder of a tree as it was last read. */
export interface Branch {
  path: string;
  /** Path in the egg. */
  name: string;
  seen: Look;
  walk: Walk;
  leaves: Map<string, Leaf>;
  branches: Map<string, Branch>;
  /** Plain files that rules leave out, so that what git ignores is judged once. */
  leftOut: Set<string>;
  /** Rule files that lie in it; null until it has been read. */
  rules: string | null;
  /** Device and inode of every folder above: a link that leads back to one of them is a loop. */
  chain: readonly string[];
}

/** A folder of which nothing but itself has been read. */
export function branchOf(
  path: string,
  name: string,
  seen: Look,
  walk: Walk,
  chain: readonly string[] = []
): Branch {
  return {
    path,
    name,
    seen,
    walk,
    leaves: new Map(),
    branches: new Map(),
    leftOut: new Set(),
    rules: null,
    chain: [...chain, identity(seen)]
  };
}

/** Watches a folder from now on, and ends that. */
export interface Cover {
  cover(folder: string): void;
  uncover(folder: string): void;
}

/** What stays the same when a folder's entries change, and differs when another takes its name. */
export const identity = (seen: Look) => `${seen.dev}:${seen.ino}`;

/** Watches a folder and looks at it, so that watch and look are of the same folder; null if there is none. */
export function enter(path: string, cover: Cover): Look | null {
  for (;;) {
    const before = look(path, true);
    if (before?.type !== 'directory') {
      return null;
    }
    cover.cover(path);
    const after = look(path, true);
    if (after && identity(after) === identity(before)) {
      return after;
    }
    cover.uncover(path);
  }
}

export function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR') {
      throw new Moving(folder);
    }
    throw refusals.unreadable(folder, errorCode(error));
  }
}

/** A link to a folder above the library, e.g. to `/`, is no part of it. */
export function leadsAbove(path: string, root: string): boolean {
  try {
    return `${root}/`.startsWith(`${realpathSync.native(path)}/`.replace('//', '/'));
  } catch {
    return true;
  }
}
