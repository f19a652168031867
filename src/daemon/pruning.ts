import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Entry, VersionIndex } from './versionIndex';

/** What a store may hold. */
export interface Limits {
  /** Bytes of all libraries together. */
  bytes: number;
  /** Of one library, eggs of versions that no kernel has run. */
  versions: number;
  /** How long a version is kept that kernels have run, from the last time on. */
  days: number;
}

export const LIMITS: Limits = { bytes: 1e9, versions: 50, days: 90 };

const DAY = 86_400_000;
/** How many times as long as its eggs an entry of the index stays, to say that they are gone. */
const EPITAPH = 4;

interface File {
  path: string;
  time: number;
  bytes: number;
}

/**
 * Removes from a store what is too old or too much, and needed by nobody: versions that were not run for too long; then eggs that no
 * kernel has run, the oldest first; then versions that the index names, the one that was run longest ago first.
 *
 * @param held what living daemons need
 * @param forget removes a file of the store
 */
export function prune(
  folder: string,
  limits: Limits,
  index: VersionIndex,
  held: ReadonlySet<string>,
  forget: (path: string) => void
): void {
  const isHeld = (entry: Entry) => held.has(manifestOf(folder, entry));
  const named = index.entries().filter(entry => {
    const age = Date.now() - entry.last;
    if (isHeld(entry) || age <= limits.days * DAY) {
      return true;
    }
    if (age > limits.days * DAY * EPITAPH) {
      forget(entry.path);
      return false;
    }
    if (!entry.kept.gone) {
      index.retire(entry, 'age');
      entry.kept.gone = { at: '', why: 'age' };
    }
    return true;
  });
  const living = named.filter(({ kept }) => !kept.gone).sort((a, b) => a.last - b.last);
  const uses = new Map<string, number>();
  for (const path of living.flatMap(entry => filesOf(folder, entry))) {
    uses.set(path, (uses.get(path) ?? 0) + 1);
  }
  for (const path of named.flatMap(entry => (entry.kept.gone ? filesOf(folder, entry) : []))) {
    if (!uses.has(path) && !held.has(path)) {
      forget(path);
    }
  }
  // Small, and what says which files a version had: what git or other eggs still have of it is found by them.
  const manifests = new Set(named.map(entry => manifestOf(folder, entry)));

  const files = filesIn(folder);
  let total = [...files.values()].flat().reduce((sum, { bytes }) => sum + bytes, 0);
  const free: File[] = [];
  for (const group of files.values()) {
    const others = group.filter(
      ({ path }) => !held.has(path) && !uses.has(path) && !manifests.has(path)
    );
    const spared = group.length - others.length;
    for (const [at, file] of others.sort((a, b) => b.time - a.time).entries()) {
      if (at + spared >= limits.versions) {
        forget(file.path);
        total -= file.bytes;
      } else {
        free.push(file);
      }
    }
  }
  for (const file of free.sort((a, b) => a.time - b.time)) {
    if (total <= limits.bytes) {
      return;
    }
    forget(file.path);
    total -= file.bytes;
  }
  const bytes = new Map([...files.values()].flat().map(file => [file.path, file.bytes]));
  for (const entry of living) {
    if (total <= limits.bytes) {
      return;
    }
    if (isHeld(entry)) {
      continue;
    }
    index.retire(entry, 'size');
    for (const path of filesOf(folder, entry)) {
      uses.set(path, uses.get(path)! - 1);
      if (uses.get(path) === 0 && !held.has(path)) {
        forget(path);
        total -= bytes.get(path) ?? 0;
      }
    }
  }
}

const manifestOf = (folder: string, { path }: Entry) =>
  join(folder, 'manifests', path.slice(path.lastIndexOf('/') + 1));

/** The eggs that bring a version. */
function filesOf(folder: string, { kept }: Entry): string[] {
  return [kept.base, kept.patch].flatMap(egg => (egg ? [join(folder, 'eggs', egg.name)] : []));
}

/** By folder, library and kind of egg. Removes what a daemon has left that was killed while it wrote. */
function filesIn(folder: string): Map<string, File[]> {
  const groups = new Map<string, File[]>();
  for (const part of ['eggs', 'manifests', 'bases']) {
    for (const name of list(join(folder, part))) {
      const path = join(folder, part, name);
      const stats = statSync(path, { throwIfNoEntry: false });
      if (!stats) {
        continue;
      }
      if (name.startsWith('.')) {
        if (Date.now() - stats.mtimeMs > 3_600_000) {
          rmSync(path, { force: true });
        }
        continue;
      }
      const group = `${part}/${name.replace(/-?[0-9a-f]{16}.*$/, '')}/${name.endsWith('.patch.egg')}`;
      const file = { path, time: stats.mtimeMs, bytes: stats.size };
      groups.set(group, [...(groups.get(group) ?? []), file]);
    }
  }
  return groups;
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
