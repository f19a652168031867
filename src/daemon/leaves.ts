import type { FileRule } from '../protocol';
import type { Files } from './digest';
import { hashFile, look, racy, same, secretAt, type Hashed, type Look } from './disk';
import { Moving } from './refusal';

/** One file as it was last read. `digest` is null until then. */
export interface Leaf {
  path: string;
  /** Path in the egg. */
  name: string;
  /** Why it belongs. */
  rule: FileRule;
  seen: Look | null;
  digest: string | null;
  size: number;
  /** Reached through a symbolic link. */
  linked: boolean;
  /** Left out if a secret is found in it. */
  forSecrets: boolean;
}

/** The files of a tree: what was read of each, which have to be read again, and whether anything has changed. */
export class Leaves {
  readonly pending = new Set<Leaf>();
  /** Grows when the set of files or a digest changes. */
  revision = 0;
  /** The change that was youngest when it was looked at, since {@link calm}: its file, and its age then in ms. */
  youngest: { path: string; age: number } | null = null;
  /** Some file is reached through a link, or has a second name elsewhere: events may not tell of it. */
  elsewhere = false;
  /** Of all files together. */
  bytes = 0;
  /** Files that contain a secret, and which; the caller leaves them out. */
  readonly secrets = new Map<Leaf, string>();
  private readonly byName = new Map<string, Leaf>();

  get size(): number {
    return this.byName.size;
  }

  has(name: string): boolean {
    return this.byName.has(name);
  }

  /** By their paths in the egg. */
  all(): Iterable<Leaf> {
    return this.byName.values();
  }

  /** The largest files, the largest first. */
  largest(count: number): Leaf[] {
    return [...this.byName.values()].sort((a, b) => b.size - a.size).slice(0, count);
  }

  files(): Files {
    const files: Files = new Map();
    for (const leaf of this.byName.values()) {
      files.set(leaf.name, { digest: leaf.digest ?? '', size: leaf.size });
    }
    return files;
  }

  /** Takes a file in; what `previous` has read of it counts if it is untouched since, else it is pending. */
  add(
    path: string,
    name: string,
    seen: Look,
    linked: boolean,
    previous: Leaves | null = null,
    rule: FileRule = 'data',
    forSecrets = false
  ): Leaf {
    this.elsewhere ||= linked || seen.links > 1;
    const { size } = seen;
    const leaf: Leaf = { path, name, rule, seen: null, digest: null, size, linked, forSecrets };
    const old = previous?.byName.get(name);
    if (
      old?.path === path &&
      old.seen &&
      same(old.seen, seen) &&
      !racy(old.seen) &&
      (old.forSecrets || !forSecrets) &&
      !previous!.pending.has(old)
    ) {
      Object.assign(leaf, { seen: old.seen, digest: old.digest, size: old.size });
    } else {
      this.pending.add(leaf);
    }
    this.byName.set(name, leaf);
    this.bytes += leaf.size;
    this.grow(path, seen);
    return leaf;
  }

  /** @param folder how the folder looks that the file is gone from */
  remove(leaf: Leaf, folder: Look | null): void {
    this.byName.delete(leaf.name);
    this.pending.delete(leaf);
    this.secrets.delete(leaf);
    this.bytes -= leaf.size;
    this.grow(leaf.path, folder);
  }

  /** Looks whether a file is as it was read; false if it is gone, or something else now. */
  check(leaf: Leaf, window?: number): boolean {
    const now = look(leaf.path, leaf.linked);
    if (now?.type !== 'file') {
      return false;
    }
    if (leaf.seen === null || !same(now, leaf.seen) || racy(leaf.seen, window)) {
      this.pending.add(leaf);
      this.bytes += now.size - leaf.size;
      leaf.size = now.size;
    }
    return true;
  }

  /** Reads what is pending. Files that are being written stay pending; the first of them is returned. */
  hashPending(): string | null {
    let moving: string | null = null;
    for (const leaf of this.pending) {
      try {
        this.settle(leaf, hashFile(leaf.path, leaf.forSecrets));
      } catch (error) {
        if (!(error instanceof Moving)) {
          throw error;
        }
        moving ??= leaf.path;
      }
    }
    return moving;
  }

  /** Looks for secrets in what is pending, and reads no more of it than that takes. */
  findSecrets(): void {
    for (const leaf of this.pending) {
      if (leaf.forSecrets) {
        this.judge(leaf, secretAt(leaf.path));
      }
    }
  }

  /** Takes what a thread has read for a pending file. */
  settle(leaf: Leaf, { seen, digest, size, secret }: Hashed): void {
    this.judge(leaf, secret);
    this.pending.delete(leaf);
    leaf.seen = seen;
    this.bytes += size - leaf.size;
    leaf.size = size;
    this.elsewhere ||= seen.links > 1;
    if (leaf.digest !== digest) {
      leaf.digest = digest;
      this.grow(leaf.path, seen);
    }
  }

  private judge(leaf: Leaf, secret: string | null): void {
    if (secret === null) {
      this.secrets.delete(leaf);
    } else {
      this.secrets.set(leaf, secret);
    }
  }

  /** Forgets how young the changes so far were. */
  calm(): void {
    this.youngest = null;
  }

  private grow(path: string, seen: Look | null): void {
    this.revision++;
    const age = seen ? seen.at - seen.ctime : 0;
    if (this.youngest === null || age < this.youngest.age) {
      this.youngest = { path, age };
    }
  }
}
