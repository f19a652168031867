import type { Dirent } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { setImmediate as othersTurn } from 'node:timers/promises';
import type { FileRule, LibraryKind } from '../protocol';
import {
  branchOf,
  enter,
  entriesOf,
  identity,
  leadsAbove,
  type Branch,
  type Cover
} from './branch';
import { belongs, Rules, RulesChanged } from './contents';
import { look, racy, same, type Look } from './disk';
import { Leaves, type Leaf } from './leaves';
import { refusals } from './refusal';

/** The most entries that a zip without zip64 can have. */
const MOST = 65_535;

/** Entries that a first walk looks at in one go: about 15 ms (30 µs each, most of it for rules that leave files out). */
const SLICE = 500;

/** Told of everything in a tree that does not belong to the library. */
export type LeftOut = (path: string, rule: FileRule) => void;

/**
 * The library's folders and files as last seen. It never decides when to look: {@link checkAll} looks at everything
 * known, {@link check} at the places named. Both leave files to read in {@link Leaves.pending}.
 */
export class Tree {
  readonly rules: Rules;
  readonly leaves = new Leaves();
  /** Some folder is reached through a link, or something lies on another device: events may not tell of what is in it. */
  private away = false;
  private readonly branches = new Map<string, Branch>();
  private readonly top: Branch;

  /**
   * Walks a library's folders. Whatever else the process has to do has its turn in between, so a tree of 100,000 files
   * keeps no other kernel waiting.
   *
   * @param root real path of the directory or (a module) the file
   * @param cover called with each folder before it is read, so that later changes are events
   * @param previous an older tree of the same root: what is untouched since is not read again
   * @param leftOut called with what does not belong
   */
  static async open(
    root: string,
    importName: string,
    kind: LibraryKind,
    cover: Cover,
    previous: Tree | null = null,
    leftOut: LeftOut = () => undefined
  ): Promise<Tree> {
    const tree = new Tree(root, importName, kind, cover, previous, leftOut);
    let entries = 0;
    for (const _ of tree.reading(tree.top, true)) {
      if (++entries % SLICE === 0) {
        await othersTurn();
      }
    }
    tree.previous = null;
    return tree;
  }

  private constructor(
    readonly root: string,
    readonly importName: string,
    readonly kind: LibraryKind,
    private readonly cover: Cover,
    private previous: Tree | null,
    private readonly leftOut: LeftOut
  ) {
    const folder = kind === 'module' ? dirname(root) : root;
    const seen = enter(folder, this.cover);
    if (seen === null) {
      throw refusals.missing(root);
    }
    this.rules = new Rules(folder, root);
    const walk = this.rules.inside(this.rules.top, folder);
    this.top = branchOf(
      folder,
      kind === 'module' ? '' : importName.replaceAll('.', '/'),
      seen,
      walk
    );
    this.branches.set(folder, this.top);
  }

  /** Something is reached through a link or lies on another device, or has a second name elsewhere: events may not tell of it. */
  get elsewhere(): boolean {
    return this.away || this.leaves.elsewhere;
  }

  path(name: string): string {
    return this.kind === 'module'
      ? this.root
      : join(this.root, name.slice(this.importName.length + 1));
  }

  /** True when rules or the root itself have been replaced, so that only a new walk shows what belongs. */
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
        // Each one is looked at, also when the folder is to be read already.
        const other = leaf
          ? !this.checkLeaf(branch, leaf)
          : !Rules.noise(name) && !this.isLeftOut(branch, name);
        again ||= other;
      }
      if (again) {
        this.read(branch, true);
      }
    }
  }

  /** Is it still a plain file that rules leave out, whatever is written into it? */
  private isLeftOut(branch: Branch, name: string): boolean {
    return branch.leftOut.has(name) && look(join(branch.path, name))?.type === 'file';
  }

  /** Takes out the files in which reading has found a secret. */
  leaveOutSecrets(): void {
    for (const [leaf, secret] of this.leaves.secrets) {
      this.removeLeaf(this.branches.get(dirname(leaf.path))!, leaf);
      this.rules.leaveOut(leaf.path, leaf.linked, secret);
      this.leftOut(leaf.path, 'secret');
    }
    this.leaves.secrets.clear();
  }

  /** Returns false if the file is gone, or something else now. */
  private checkLeaf(branch: Branch, leaf: Leaf, window?: number): boolean {
    const there = this.leaves.check(leaf, window);
    if (!there) {
      this.removeLeaf(branch, leaf);
    }
    return there;
  }

  private removeLeaf(branch: Branch, leaf: Leaf): void {
    branch.leaves.delete(basename(leaf.path));
    this.leaves.remove(leaf, look(branch.path, true));
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

  /** Reads a folder again; with `deep`, folders below it may have been replaced by others of the same name. */
  private read(branch: Branch, deep: boolean): void {
    for (const _ of this.reading(branch, deep));
  }

  /** Reads a folder, and each new one below it; one step for each entry. */
  private *reading(branch: Branch, deep: boolean): Generator<void> {
    let seen = enter(branch.path, this.cover);
    if (seen !== null && identity(seen) !== identity(branch.seen)) {
      // Another folder of that name: the watch, if it is older, follows the one that went.
      this.cover.uncover(branch.path);
      seen = enter(branch.path, this.cover);
    }
    if (seen === null) {
      return this.drop(branch);
    }
    branch.seen = seen;
    const found = this.kind === 'module' ? [basename(this.root)] : null;
    const entries = found ? null : entriesOf(branch.path);
    if (entries) {
      const rules = entries.filter(entry => Rules.NAMES.has(entry.name)).map(entry => entry.name);
      if (branch.rules !== null && rules.join() !== branch.rules) {
        throw new RulesChanged();
      }
      branch.rules = rules.join();
    }
    const present = new Set(found ?? entries!.map(entry => entry.name));
    for (const name of branch.leftOut) {
      if (!present.has(name)) {
        branch.leftOut.delete(name);
      }
    }
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
      this.visitFile(branch, basename(this.root), () => look(this.root), true);
      return;
    }
    for (const entry of entries!) {
      const below = this.visit(branch, entry, deep);
      if (below) {
        yield* this.reading(below, false);
      }
      yield;
    }
  }

  /** Returns a folder that is new, and is to be read. */
  private visit(branch: Branch, entry: Dirent, deep: boolean): Branch | void {
    const { name } = entry;
    const path = join(branch.path, name);
    const known = branch.branches.get(name);
    if (!entry.isFile()) {
      branch.leftOut.delete(name);
    }
    if (entry.isFile()) {
      // Other rules would need another walk.
      if (branch.leftOut.has(name)) {
        return;
      }
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
      this.visitFile(branch, name, () => look(path), false);
    } else if (entry.isDirectory()) {
      return this.visitFolder(branch, name, path, deep);
    } else if (entry.isSymbolicLink()) {
      const target = look(path, true);
      if (target?.type === 'file') {
        const leaf = branch.leaves.get(name);
        if (leaf && !leaf.linked) {
          this.removeLeaf(branch, leaf);
        }
        if (!branch.leaves.has(name)) {
          this.visitFile(branch, name, () => target, false, true);
        }
      } else if (target?.type === 'directory') {
        return this.visitFolder(branch, name, path, deep, true);
      } else {
        this.forget(branch, name);
      }
    } else {
      this.forget(branch, name);
    }
  }

  /** What was a file or folder of the library is a broken link, a socket or a device now. */
  private forget(branch: Branch, name: string): void {
    this.leftOut(join(branch.path, name), 'no file');
    const leaf = branch.leaves.get(name);
    if (leaf) {
      this.removeLeaf(branch, leaf);
    }
    const below = branch.branches.get(name);
    if (below) {
      this.drop(below);
    }
  }

  private visitFile(
    branch: Branch,
    name: string,
    looked: () => Look | null,
    sure: boolean,
    linked = false
  ): void {
    const path = join(branch.path, name);
    const egg = branch.name
      ? `${branch.name}/${name}`
      : `${this.importName.replaceAll('.', '/')}.py`;
    // A name that is not UTF-8 cannot even be looked at.
    const unnameable = name.includes('\ufffd');
    if (this.leaves.has(egg)) {
      return;
    }
    const rule = sure ? 'module' : this.rules.file(branch.walk, path, name, linked);
    if (!belongs(rule)) {
      if (!linked) {
        branch.leftOut.add(name);
      }
      this.leftOut(path, rule);
      return;
    }
    const seen = looked();
    if (seen?.type !== 'file' && !unnameable) {
      return;
    }
    if (unnameable || !seen) {
      throw refusals.badName8(path);
    }
    if (egg.includes('\\')) {
      throw refusals.backslash(path);
    }
    this.away ||= seen.dev !== this.top.seen.dev;
    const forSecrets = rule !== 'module' && this.rules.forSecrets(path, name);
    branch.leaves.set(
      name,
      this.leaves.add(path, egg, seen, linked, this.previous?.leaves ?? null, rule, forSecrets)
    );
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
  ): Branch | void {
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
    const walk = this.rules.folder(branch.walk, path, name, linked);
    if (typeof walk === 'string') {
      this.leftOut(path, walk);
      return;
    }
    if (name.includes('\ufffd')) {
      throw refusals.badName8(path);
    }
    const seen = enter(path, this.cover);
    if (
      seen === null ||
      branch.chain.includes(identity(seen)) ||
      (linked && leadsAbove(path, this.root))
    ) {
      this.leftOut(path, 'no file');
      return;
    }
    this.away ||= linked || seen.dev !== this.top.seen.dev;
    const inside = this.rules.inside(walk, path);
    const below = branchOf(path, `${branch.name}/${name}`, seen, inside, branch.chain);
    branch.branches.set(name, below);
    this.branches.set(path, below);
    return below;
  }
}
