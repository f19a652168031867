import type {
  BarrierAnswer,
  Delivery,
  Failure,
  LibraryCondition,
  LibrarySpec,
  LibraryStatus,
  Requests
} from '../protocol';
import type { Barrier } from './barrier';
import { bytesOf, difference, versionOf, type Files } from './digest';
import type { Workshop } from './eggThread';
import { GitMarks } from './gitMarks';
import { Packing } from './packing';
import { Progress } from './progress';
import { Releases, type Release } from './releases';
import { toFailure } from './refusal';
import { Settling } from './settling';
import type { Store } from './store';
import { warningsOf } from './weight';

/** Milliseconds between an event and the work that it sets off. */
const DEBOUNCE = 5;
/** Where changes may raise no event: milliseconds between two looks, at least, and how many times longer than a look takes. */
const POLL = 1_000;
const POLL_SHARE = 20;

/** One library: the version that is on disk, and the eggs that bring it. */
export class Library {
  private readonly releases = new Releases();
  private readonly packing: Packing;
  private readonly progress = new Progress(() => this.tellProgress());
  private revision = -1;
  private work: Promise<unknown> = Promise.resolve();
  private timer: NodeJS.Timeout | null = null;
  private pollTimer: NodeJS.Timeout | null = null;
  private rebasing = false;
  private closed = false;
  private condition: LibraryCondition = 'building';
  private error: Failure | null = null;
  private built: LibraryStatus['built'] = null;
  private readonly settling: Settling;
  private readonly git: GitMarks;

  constructor(
    readonly id: string,
    readonly spec: LibrarySpec,
    private readonly barrier: Barrier,
    private readonly store: Store,
    workshop: Workshop,
    private readonly onChange: (library: Library) => void,
    private readonly onProblem: (error: unknown) => void
  ) {
    this.settling = new Settling(barrier, spec.path);
    this.git = new GitMarks(spec, (version, mark) => {
      store.index.mark(spec, version, mark);
      this.onChange(this);
    });
    const path = (name: string) => barrier.tree!.path(name);
    this.packing = new Packing(spec, store, workshop, path, (packed, files) =>
      this.progress.packing(packed, files)
    );
  }

  /** Many files are read for their digests: so many are, of so many. */
  reading(read: number, files: number): void {
    const later = this.packing.isNew ? (this.barrier.tree?.leaves.size ?? files) : 0;
    this.progress.reading(read, files, later);
  }

  get current(): Release | null {
    return this.releases.current;
  }

  /** The eggs to ship now; null unless they bring what was on disk when last looked. */
  get delivery(): Delivery | null {
    return this.condition === 'current' ? (this.current?.delivery ?? null) : null;
  }

  get status(): LibraryStatus {
    const { current } = this;
    return {
      library: this.id,
      name: this.spec.name,
      kind: this.spec.kind,
      path: this.spec.path,
      version: current?.version ?? null,
      condition: this.condition,
      error: this.error,
      files: current?.files.size ?? 0,
      bytes: current ? bytesOf(current.files) : 0,
      built: this.built,
      progress: this.progress.work,
      warnings: this.warnings,
      git: current && this.git.of(current.version)
    };
  }

  /** Where a version is in the store; null: the present one. */
  locate(wanted: string | null): Requests['version']['result'] {
    const version = wanted ?? this.current?.version ?? null;
    const delivery = version === null ? null : this.releases.find(version)?.delivery;
    const eggs = delivery
      ? [delivery.base, delivery.patch]
      : [version === null ? null : this.packing.wholeOf(version)];
    return {
      version,
      spec: this.spec,
      manifest: version === null ? null : this.packing.manifestOf(version),
      eggs: eggs.flatMap(egg => (egg && this.store.holds(egg) ? [egg.path] : []))
    };
  }

  private get warnings(): string[] {
    return this.barrier.tree ? warningsOf(this.barrier.tree) : [];
  }

  /** Store files that clients may know. */
  *needs(): Iterable<string> {
    yield* this.releases.needs();
    yield* this.packing.needs;
  }

  /** Makes sure what is on disk and that its eggs are ready. Throws {@link Refusal}. */
  refresh(): Promise<Release> {
    return this.enqueue(() => this.bring(true));
  }

  async answer(known: string | null): Promise<BarrierAnswer> {
    try {
      const release = await this.refresh();
      // After the answer, for which a cell waits.
      setImmediate(() => this.remember(release));
      const record = this.barrier.tree?.rules.settings.record && ({ record: true } as const);
      if (release.version === known) {
        return { library: this.id, unchanged: true, version: known, ...record };
      }
      const { version, delivery } = release;
      const from = known === null ? null : this.filesOf(known);
      const { changed, removed } = from
        ? difference(from, release.files)
        : { changed: null, removed: null };
      const { warnings } = this;
      const differs = { version, delivery, changed, removed, warnings };
      return { library: this.id, unchanged: false, ...differs, ...record };
    } catch (error) {
      return { library: this.id, failure: toFailure(error) };
    }
  }

  /** Whoever was told of a version may run it, and want it again much later. */
  private remember({ version, delivery }: Release): void {
    try {
      this.store.index.remember(this.spec, delivery, this.git.of(version));
    } catch (error) {
      this.onProblem(error);
    }
  }

  /** Something happened: be ready before anybody asks. */
  hint(delay = DEBOUNCE): void {
    if (this.closed || this.timer) {
      return;
    }
    this.timer = setTimeout(() => {
      this.timer = null;
      this.enqueue(() => this.bring(false)).catch(error => {
        // A barrier reports it; until then it may well settle or come back.
        const again = toFailure(error).code === 'unsettled' ? 100 : 1_000;
        this.hint(again);
      });
    }, delay);
    this.timer.unref();
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.timer ?? undefined);
    this.git.close();
    clearTimeout(this.pollTimer ?? undefined);
    this.barrier.close();
  }

  /** One pass at a time, in the order of asking: each begins to look after it was asked for. */
  private enqueue<T>(pass: () => Promise<T>): Promise<T> {
    const result = this.work.then(pass);
    this.work = result.catch(() => undefined);
    return result;
  }

  private async bring(strict: boolean): Promise<Release> {
    const begin = performance.now();
    try {
      const release = await this.settling.settle(strict, {
        asBefore: revision => (revision === this.revision ? this.whole : null),
        take: async (tree, revision) => {
          const taken = await this.publish(tree.leaves.files(), begin);
          this.revision = revision;
          return taken;
        }
      });
      if (this.condition !== 'current') {
        this.say('current', null);
      }
      return release;
    } catch (error) {
      const failure = toFailure(error);
      if (failure.code !== 'unsettled') {
        this.say(failure.code === 'missing' ? 'missing' : 'broken', failure);
        this.hint(1_000);
      }
      throw error;
    } finally {
      this.lookAgain(performance.now() - begin);
    }
  }

  /** Where a save may raise no event, it is found by looking now and then, at a small share of the time. */
  private lookAgain(took: number): void {
    clearTimeout(this.pollTimer ?? undefined);
    this.pollTimer = null;
    if (this.closed || !this.barrier.silent) {
      return;
    }
    this.pollTimer = setTimeout(
      () => this.enqueue(() => this.bring(false)).catch(() => undefined),
      Math.max(POLL, took * POLL_SHARE)
    );
    this.pollTimer.unref();
  }

  /** Makes the eggs of these files, and then, all at once, their version the current one. */
  private async publish(files: Files, begin: number): Promise<Release> {
    const version = versionOf(files);
    const { current } = this;
    if (current?.version === version && this.whole) {
      return current;
    }
    const delivery = await this.packing.deliver(version, files);
    const release = this.releases.add({ version, files, delivery });
    const eggBytes = delivery.patch?.bytes ?? delivery.base.bytes;
    const milliseconds = performance.now() - begin;
    this.built = { at: new Date().toISOString(), milliseconds, eggBytes };
    this.say('current', null);
    if (this.barrier.gitLock !== null) {
      this.git.ask(version);
    }
    this.rebase(delivery);
    return release;
  }

  /** When the patch has grown too large, packs the present version again, while clients keep using the old base. */
  private rebase(delivery: Delivery): void {
    const { current } = this;
    if (!current || this.rebasing || !this.packing.outgrown(delivery)) {
      return;
    }
    this.rebasing = true;
    this.packing
      .pack(current.version, current.files, true)
      .then(next =>
        this.enqueue(async () => {
          const now = this.current!;
          this.releases.add({
            ...now,
            delivery: await this.packing.deliver(now.version, now.files, next)
          });
        })
      )
      // The files have moved on, or the disk is full: the next save tries again, and the old base still serves.
      .catch(() => undefined)
      .finally(() => (this.rebasing = false));
  }

  /** The current release, as long as the store has all that brings it, undamaged. */
  private get whole(): Release | null {
    return this.current && this.packing.isThere(this.current.delivery) ? this.current : null;
  }

  private filesOf(version: string): Files | null {
    return this.releases.find(version)?.files ?? this.packing.filesOf(version);
  }

  private tellProgress(): void {
    this.condition = 'building';
    this.error = null;
    if (!this.closed) {
      this.onChange(this);
    }
  }

  private say(condition: LibraryCondition, error: Failure | null): void {
    this.progress.end();
    const news =
      condition === 'current' ||
      this.condition !== condition ||
      this.error?.message !== error?.message;
    this.condition = condition;
    this.error = error;
    if (news && !this.closed) {
      this.onChange(this);
    }
  }
}
