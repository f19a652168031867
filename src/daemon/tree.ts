import { readdirSync, realpathSync, type Dirent } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { LibraryKind } from '../protocol';
import { Rules, type Walk } from './contents';
import type { Files } from './digest';
import { hashFile, look, racy, same, type Look } from './disk';
import { errorCode, Moving, refusals } from './refusal';

/** One file as it was last read. `digest` is null until then. */
export interface Leaf {
  path: string;
  /** Path in the egg. */
  name: string;
  seen: Look | null;
  digest: string | null;
  size: number;
  /** Reached through a symbolic link. */
  linked: boolean;
}

interface Branch {
  path: string;
  name: string;
  seen: Look;
  walk: Walk;
  leaves: Map<string, Leaf>;
  branches: Map<string, Branch>;
  /** Rule files that lie in it. */
  rules: string;
  /** Device and inode of every folder above: a link that leads back to one of them is a loop. */
  chain: readonly string[];
}

/** Watches a folder from now on, and ends that. */
export interface Cover {
  cover(folder: string): void;
  uncover(folder: string): void;
}

/** The most entries that a zip without zip64 can have. */
const MOST = 65_535;

const identity = (seen: Look) => `${seen.dev}:${seen.ino}`;

/**
 * The library's folders and files as last seen. It never decides when to look: {@link checkAll} looks at everything
 * known, {@link check} at the places named. Both leave files to hash in {@link pending}.
 */
export class Tree {
  readonly rules: Rules;
  readonly pending = new Set<Leaf>();
  /** Grows when the set of files or a digest changes. */
  revision = 0;
  /** The change that was youngest when it was looked at, since {@link calm}: its file, and its age then in ms. */
  youngest: { path: string; age: number } | null = null;
  /** Something is reached through a link or another mount, or has a second name elsewhere: events may not tell of it. */
  elsewhere = false;
  private readonly leaves = new Map<string, Leaf>();
  private readonly branches = new Map<string, Branch>();
  private readonly top: Branch;

  /**
   * @param root real path of the directory or (a module) the file
   * @param cover told of each folder before it is read, so that later changes are events
   * @param previous an older tree of the same root: what is untouched since is not read again
   */
  constructor(
    readonly root: string,
    readonly importName: string,
    readonly kind: LibraryKind,
    private readonly cover: Cover,
    private readonly previous: Tree | null = null
  ) {
    const folder = kind === 'module' ? dirname(root) : root;
    const seen = this.enter(folder);
    if (seen === null) {
      throw refusals.missing(root);
    }
    this.rules = new Rules(folder);
    this.top = {
      path: folder,
      name: kind === 'module' ? '' : importName,
      seen,
      walk: this.rules.inside(this.rules.top, folder),
      leaves: new Map(),
      branches: new Map(),
      rules: '',
      chain: [identity(seen)]
    };
    this.branches.set(folder, this.top);
    this.read(this.top, true);
    this.previous = null;
  }

  files(): Files {
    const files: Files = new Map();
    for (const leaf of this.leaves.values()) {
      files.set(leaf.name, { digest: leaf.digest ?? '', size: leaf.size });
    }
    return files;
  }

  path(name: string): string {
    return this.kind === 'module'
      ? this.root
      : join(this.root, name.slice(this.importName.length + 1));
  }

  folders(): Iterable<string> {
    return this.branches.keys();
  }

  /** True when rules or the root itself have been replaced, so that only a new walk tells what belongs. */
  stale(): boolean {
    const now = look(this.top.path);
    if (now?.type !== 'directory') {
      throw refusals.missing(this.root);
    }
    return identity(now) !== identity(this.top.seen) || this.rules.stale();
  }

  /** Looks at every known file and folder. */
  checkAll(window?: number): void {
    this.checkBranch(this.top, window);
  }

  private checkBranch(branch: Branch, window?: number): void {
    if (branch !== this.top || this.kind !== 'module') {
      const now = look(branch.path, true);
      if (now?.type !== 'directory') {
        this.drop(branch);
        return;
      }
      if (!same(now, branch.seen) || racy(branch.seen, window)) {
        this.read(branch, identity(now) !== identity(branch.seen));
        // It may be gone by now.
        if (!this.branches.has(branch.path)) {
          return;
        }
      }
    }
    for (const leaf of branch.leaves.values()) {
      this.checkLeaf(branch, leaf, window);
    }
    for (const below of branch.branches.values()) {
      this.checkBranch(below, window);
    }
    if (branch === this.top && this.kind === 'module' && branch.leaves.size === 0) {
      this.read(branch, true);
    }
  }

  /** Looks at the named entries of folders (null: at the whole folder). */
  check(places: ReadonlyMap<string, ReadonlySet<string> | null>): void {
    for (const [folder, names] of places) {
      const branch = this.branches.get(folder);
      if (!branch) {
        continue;
      }
      let again = names === null;
      for (const name of names ?? []) {
        const leaf = branch.leaves.get(name);
        again ||= leaf ? !this.checkLeaf(branch, leaf) : !Rules.noise(name);
      }
      if (again) {
        this.read(branch, true);
      }
    }
  }

  /** Reads what is pending. Files that are being written stay pending; the first of them is returned. */
  hashPending(): string | null {
    let moving: string | null = null;
    for (const leaf of this.pending) {
      try {
        const { seen, digest, size } = hashFile(leaf.path);
        this.settle(leaf, seen, digest, size);
      } catch (error) {
        if (!(error instanceof Moving)) {
          throw error;
        }
        moving ??= leaf.path;
      }
    }
    return moving;
  }

  /** Takes what a thread has read for a pending leaf. */
  settle(leaf: Leaf, seen: Look, digest: string, size: number): void {
    this.pending.delete(leaf);
    leaf.seen = seen;
    leaf.size = size;
    this.elsewhere ||= seen.links > 1;
    if (leaf.digest !== digest) {
      leaf.digest = digest;
      this.grow(leaf.path, seen);
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

  /** Returns false if the file is gone, or something else now. */
  private checkLeaf(branch: Branch, leaf: Leaf, window?: number): boolean {
    const now = look(leaf.path, leaf.linked);
    if (now?.type !== 'file') {
      this.removeLeaf(branch, leaf);
      return false;
    }
    if (leaf.seen === null || !same(now, leaf.seen) || racy(leaf.seen, window)) {
      this.pending.add(leaf);
    }
    return true;
  }

  private removeLeaf(branch: Branch, leaf: Leaf): void {
    branch.leaves.delete(basename(leaf.path));
    this.leaves.delete(leaf.name);
    this.pending.delete(leaf);
    this.grow(leaf.path, look(branch.path, true));
  }

  private drop(branch: Branch): void {
    if (branch === this.top) {
      throw refusals.missing(this.root);
    }
    for (const leaf of [...branch.leaves.values()]) {
      this.removeLeaf(branch, leaf);
    }
    for (const below of [...branch.branches.values()]) {
      this.drop(below);
    }
    this.cover.uncover(branch.path);
    this.branches.delete(branch.path);
    this.branches.get(dirname(branch.path))?.branches.delete(basename(branch.path));
  }

  /** Watches a folder and looks at it, so that watch and look are of the same folder; null if there is none. */
  private enter(path: string): Look | null {
    for (;;) {
      const before = look(path, true);
      if (before?.type !== 'directory') {
        return null;
      }
      this.cover.cover(path);
      const after = look(path, true);
      if (after && identity(after) === identity(before)) {
        return after;
      }
      this.cover.uncover(path);
    }
  }

  /** Reads a folder again; with `deep`, folders below it may have been replaced by others of the same name. */
  private read(branch: Branch, deep: boolean): void {
    let seen = this.enter(branch.path);
    if (seen !== null && identity(seen) !== identity(branch.seen)) {
      // Another folder of that name: the watch, if it is older, follows the one that went.
      this.cover.uncover(branch.path);
      seen = this.enter(branch.path);
    }
    if (seen === null) {
      return this.drop(branch);
    }
    branch.seen = seen;
    const found = this.kind === 'module' ? [basename(this.root)] : null;
    const entries = found ? null : this.list(branch.path);
    if (entries) {
      const rules = entries.filter(entry => Rules.NAMES.has(entry.name)).map(entry => entry.name);
      if (branch.leaves.size + branch.branches.size > 0 && rules.join() !== branch.rules) {
        throw new Restart();
      }
      branch.rules = rules.join();
    }
    const present = new Set(found ?? entries!.map(entry => entry.name));
    for (const [name, leaf] of [...branch.leaves]) {
      if (!present.has(name)) {
        this.removeLeaf(branch, leaf);
      }
    }
    for (const [name, below] of [...branch.branches]) {
      if (!present.has(name)) {
        this.drop(below);
      }
    }
    if (found) {
      this.visitFile(branch, basename(this.root), look(this.root), true);
      return;
    }
    for (const entry of entries!) {
      this.visit(branch, entry, deep);
    }
  }

  private list(folder: string): Dirent[] {
    try {
      return readdirSync(folder, { withFileTypes: true });
    } catch (error) {
      if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR') {
        throw new Moving(folder);
      }
      throw refusals.unreadable(folder, errorCode(error));
    }
  }

  private visit(branch: Branch, entry: Dirent, deep: boolean): void {
    const { name } = entry;
    const path = join(branch.path, name);
    const known = branch.branches.get(name);
    if (entry.isFile()) {
      if (known) {
        this.drop(known);
      }
      const leaf = branch.leaves.get(name);
      if (leaf && !leaf.linked) {
        if (deep) {
          this.checkLeaf(branch, leaf);
        }
        return;
      }
      if (leaf) {
        this.removeLeaf(branch, leaf);
      }
      this.visitFile(branch, name, look(path), false);
    } else if (entry.isDirectory()) {
      this.visitFolder(branch, name, path, deep);
    } else if (entry.isSymbolicLink()) {
      const target = look(path, true);
      if (target?.type === 'file') {
        const leaf = branch.leaves.get(name);
        if (leaf && !leaf.linked) {
          this.removeLeaf(branch, leaf);
        }
        if (!branch.leaves.has(name)) {
          this.visitFile(branch, name, target, false, true);
        }
      } else if (target?.type === 'directory') {
        this.visitFolder(branch, name, path, deep, true);
      }
    }
  }

  private visitFile(
    branch: Branch,
    name: string,
    seen: Look | null,
    sure: boolean,
    linked = false
  ): void {
    const path = join(branch.path, name);
    const egg = branch.name ? `${branch.name}/${name}` : `${this.importName}.py`;
    if (seen?.type !== 'file' || this.leaves.has(egg)) {
      return;
    }
    if (!sure && !this.rules.file(branch.walk, path, name)) {
      return;
    }
    if (name.includes('\ufffd')) {
      throw refusals.badName8(path);
    }
    this.elsewhere ||= linked || seen.links > 1;
    const old = this.previous?.leaves.get(egg);
    const leaf: Leaf = { path, name: egg, seen: null, digest: null, size: seen.size, linked };
    if (
      old?.path === path &&
      old.seen &&
      same(old.seen, seen) &&
      !racy(old.seen) &&
      !this.previous!.pending.has(old)
    ) {
      Object.assign(leaf, { seen: old.seen, digest: old.digest, size: old.size });
    } else {
      this.pending.add(leaf);
    }
    branch.leaves.set(name, leaf);
    this.leaves.set(egg, leaf);
    this.grow(path, seen);
    if (this.leaves.size + this.branches.size > MOST) {
      throw refusals.tooManyFiles(this.root);
    }
  }

  private visitFolder(
    branch: Branch,
    name: string,
    path: string,
    deep: boolean,
    linked = false
  ): void {
    const leaf = branch.leaves.get(name);
    if (leaf) {
      this.removeLeaf(branch, leaf);
    }
    const known = branch.branches.get(name);
    if (known) {
      const now = deep ? look(path, true) : known.seen;
      if (now && identity(now) === identity(known.seen)) {
        return;
      }
      this.drop(known);
    }
    const walk = this.rules.folder(branch.walk, path, name);
    if (walk === null) {
      return;
    }
    const seen = this.enter(path);
    if (seen === null || branch.chain.includes(identity(seen))) {
      return;
    }
    if (linked && this.forbidden(path)) {
      return;
    }
    this.elsewhere ||= linked || seen.dev !== this.top.seen.dev;
    const below: Branch = {
      path,
      name: `${branch.name}/${name}`,
      seen,
      walk: this.rules.inside(walk, path),
      leaves: new Map(),
      branches: new Map(),
      rules: '',
      chain: [...branch.chain, identity(seen)]
    };
    branch.branches.set(name, below);
    this.branches.set(path, below);
    this.read(below, false);
  }

  /** A link to a folder above the library, e.g. to `/`, is no part of it. */
  private forbidden(path: string): boolean {
    try {
      return `${this.root}/`.startsWith(`${realpathSync.native(path)}/`.replace('//', '/'));
    } catch {
      return true;
    }
  }
}

/** The rules inside the tree have changed: what belongs must be found out anew. */
export class Restart extends Error {}
