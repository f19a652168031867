import { realpathSync } from 'node:fs';
import type { LibraryKind, LibrarySpec } from '../protocol';
import type { Cookie } from './cookie';
import { Coverage, isLocal, type Pulse } from './coverage';
import { Rules, RulesChanged } from './contents';
import { RACY } from './disk';
import type { Workshop } from './eggThread';
import type { Leaves } from './leaves';
import { mountsIn } from './mounts';
import { refusals } from './refusal';
import type { GitLock } from './repository';
import { Tree } from './tree';
import { Watcher } from './watcher';
import { weigh } from './weight';

/** On a mount whose clock may differ from ours, a look is trusted only after this time (ms). */
const RACY_ELSEWHERE = 5_000;
/** From here on files are hashed in a thread. */
const MANY_FILES = 500;
const MANY_BYTES = 16 << 20;

/**
 * Keeps one {@link Tree} equal to the disk. {@link look} is the strict one: when it resolves, the tree is what was on
 * disk after the call; {@link glance} only follows up the events that have come.
 *
 * How strict looking can be cheap: every folder is watched before it is read, so while no event has come, nothing has
 * changed, and a cookie makes sure that events have come. Where that reasoning has a hole (see {@link trusted}), every
 * known file and folder is looked at.
 */
export class Barrier {
  tree: Tree | null = null;
  private root: string;
  private readonly kind: LibraryKind;
  private coverage: Coverage;
  private watcher: Watcher | null = null;
  private hints = new Map<string, Set<string> | null>();
  private local = false;
  /** What is mounted in the library, as last looked. */
  private mounts = '';
  private fullAt = -Infinity;
  /** Of the last tree, for when the library is away. */
  private lock: GitLock | null = null;
  /** Grows with every reason not to rely on events; `cleared` is as high when everything was looked at since. */
  private doubts = 1;
  private cleared = 0;

  constructor(
    private readonly spec: LibrarySpec,
    private readonly pulse: Pulse,
    private readonly cookie: Cookie,
    private readonly workshop: Workshop,
    private readonly onEvent: () => void,
    /** Told while many files are read: how many are, of how many. */
    private readonly onLong: (read: number, files: number) => void = () => undefined
  ) {
    this.root = spec.path;
    this.kind = spec.kind;
    this.coverage = new Coverage(pulse, (folder, name) => this.hint(folder, name));
  }

  get gitLock(): GitLock | null {
    return this.tree?.rules.gitLock ?? this.lock;
  }

  /** Some change may raise no event here, so that only polling detects it: a network mount, too few watches, links and mounts in it. */
  get silent(): boolean {
    return (
      this.tree !== null &&
      (!this.local || !this.coverage.complete || this.tree.elsewhere || this.mounts !== '')
    );
  }

  /** Something may have happened to an entry of a folder (null: to any). */
  hint(folder: string, name: string | null): void {
    if (name !== null && Rules.noise(name)) {
      return;
    }
    if (this.kind === 'module' && name !== null && !this.root.endsWith(`/${name}`)) {
      return;
    }
    const names = this.hints.get(folder);
    if (name === null) {
      this.hints.set(folder, null);
    } else if (names) {
      names.add(name);
    } else if (names === undefined) {
      this.hints.set(folder, new Set([name]));
    }
    this.onEvent();
  }

  /** The next look must be at everything: some watcher has failed. */
  doubt(): void {
    this.doubts++;
  }

  /** Returns a file that is being written, or null when the tree is complete. */
  async look(): Promise<string | null> {
    const passed = this.trusted() && (await this.cookie.pass()) && this.trusted();
    return this.pass(passed ? 'events' : 'all');
  }

  async glance(): Promise<string | null> {
    return this.pass(this.tree && this.doubts === this.cleared && !this.silent ? 'events' : 'all');
  }

  close(): void {
    this.coverage.close();
    void this.watcher?.close();
  }

  private trusted(): boolean {
    return (
      this.doubts === this.cleared &&
      this.tree !== null &&
      this.local &&
      !this.tree.elsewhere &&
      this.mounts === '' &&
      this.coverage.complete &&
      this.pulse.count - this.fullAt < this.pulse.limit
    );
  }

  private async pass(how: 'events' | 'all'): Promise<string | null> {
    // A pass that ends early leaves an unknown state behind.
    const doubts = ++this.doubts;
    this.follow();
    if (this.mounted()) {
      how = 'all';
    }
    const places = this.hints;
    if (places.size > 0) {
      this.hints = new Map();
    }
    let tree = this.tree;
    try {
      if (!tree || tree.stale()) {
        tree = await this.walk();
      } else if (how === 'all') {
        const count = this.pulse.count;
        tree.checkAll(this.local ? RACY : RACY_ELSEWHERE);
        this.fullAt = count;
      } else {
        tree.check(places);
      }
    } catch (error) {
      if (!(error instanceof RulesChanged)) {
        throw error;
      }
      tree = await this.walk();
    }
    tree.rules.agree();
    weigh(tree);
    const moving = tree.leaves.pending.size > 0 ? await this.hash(tree.leaves) : null;
    tree.leaveOutSecrets();
    this.cleared = doubts;
    return moving;
  }

  /** The real path of that the library's name leads to now; links on the way may have been changed. */
  private follow(): void {
    let root: string;
    try {
      root = realpathSync.native(this.spec.path);
    } catch {
      throw refusals.missing(this.spec.path);
    }
    if (root !== this.root) {
      this.root = root;
      this.tree = null;
    }
  }

  /** Is something mounted in the library, or was when last looked? */
  private mounted(): boolean {
    const before = this.mounts;
    this.mounts = mountsIn(this.root, this.kind);
    return before !== '' || this.mounts !== '';
  }

  private async walk(): Promise<Tree> {
    const previous = this.tree;
    this.tree = null;
    // New watches: an old one may belong to a folder that has been replaced.
    this.coverage.close();
    this.coverage = new Coverage(this.pulse, (folder, name) => this.hint(folder, name));
    const coverage = this.coverage;
    const count = this.pulse.count;
    const usable = previous?.root === this.root ? previous : null;
    const tree = await Tree.open(this.root, this.spec.name, this.kind, coverage, usable);
    tree.leaves.revision += (previous?.leaves.revision ?? 0) + 1;
    this.local = isLocal(this.root);
    void this.watcher?.close();
    this.watcher = new Watcher(
      this.root,
      this.kind,
      this.pulse,
      (folder, name) => this.hint(folder, name),
      () => this.doubt()
    );
    this.tree = tree;
    this.lock = tree.rules.gitLock;
    this.fullAt = count;
    return tree;
  }

  private async hash(leaves: Leaves): Promise<string | null> {
    let bytes = 0;
    for (const leaf of leaves.pending) {
      bytes += leaf.size;
    }
    if (leaves.pending.size < MANY_FILES && bytes < MANY_BYTES) {
      return leaves.hashPending();
    }
    const files = [...leaves.pending];
    this.onLong(0, files.length);
    const hashes = await this.workshop.hash({ files }, read => this.onLong(read, files.length));
    let moving: string | null = null;
    for (const [index, leaf] of files.entries()) {
      const hash = hashes[index];
      if (!hash) {
        moving ??= leaf.path;
      } else if (leaves.pending.has(leaf)) {
        leaves.settle(leaf, hash);
      }
    }
    return moving;
  }
}
