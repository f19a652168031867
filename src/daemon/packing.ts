import type { Delivery, Egg, LibrarySpec } from '../protocol';
import { bytesOf, difference, type Files } from './digest';
import { readExactly } from './disk';
import { distributionOf } from './distribution';
import { buildEgg, type Label } from './egg';
import type { Workshop } from './eggThread';
import type { Store } from './store';

/** A patch smaller than this is not worth a new base, however small the base is. */
const SMALL = 64 << 10;
/** Libraries below this are packed at once, on the event loop: starting a thread takes longer. */
const THREAD_BYTES = 1 << 20;
const THREAD_FILES = 200;

/** A whole version that patches are relative to. */
export interface Base {
  version: string;
  files: Files;
  egg: Egg;
  bytes: number;
}

/** Makes the eggs that bring one library's versions: now and then a base, and patches of what differs from it. */
export class Packing {
  private base: Base | null = null;

  /**
   * @param path where a file of the egg is on disk
   * @param onLong called when a base takes long: files that are packed, of how many
   */
  constructor(
    private readonly spec: LibrarySpec,
    private readonly store: Store,
    private readonly workshop: Workshop,
    private readonly path: (name: string) => string,
    private readonly onLong: (packed: number, files: number) => void
  ) {}

  /** Store files that later patches rely on. */
  get needs(): string[] {
    return this.base ? [this.base.egg.path] : [];
  }

  /**
   * Prepares the eggs of these files. Throws {@link Moving} if one of them on disk no longer matches `files`.
   *
   * @param base to go on with from now on, instead of the present one
   */
  async deliver(version: string, files: Files, base: Base | null = this.base): Promise<Delivery> {
    if (!base || !this.store.holds(base.egg)) {
      this.onLong(0, files.size);
      base = this.base = await this.pack(version, files, false, packed =>
        this.onLong(packed, files.size)
      );
    }
    const delivery = await this.patch(base, this.label(version), files);
    this.base = base;
    return delivery;
  }

  /** Has the patch grown so large that a new base would save more than it costs? */
  outgrown({ patch }: Delivery): boolean {
    return patch !== null && patch.bytes > Math.max((this.base?.bytes ?? 0) / 4, SMALL);
  }

  /** Whether the next delivery needs a base of its own. */
  get isNew(): boolean {
    return !this.base || !this.store.holds(this.base.egg);
  }

  /** Makes a whole version into one egg, or takes the one that another daemon has made of it. */
  async pack(
    version: string,
    files: Files,
    compress: boolean,
    told?: (packed: number) => void
  ): Promise<Base> {
    const bytes = bytesOf(files);
    const label = { ...this.label(version), distribution: distributionOf(this.spec.path) };
    let egg: Egg;
    if (bytes < THREAD_BYTES && files.size < THREAD_FILES) {
      egg = this.store.base(label) ?? (await this.packHere(label, files, compress));
    } else {
      const paths = new Map([...files.keys()].map(name => [name, this.path(name)]));
      const { folder: store } = this.store;
      egg = await this.workshop.base({ store, label, files, paths, compress }, told);
      this.store.wasChecked(egg);
    }
    return { version, files, egg, bytes };
  }

  /** The files of a version that some daemon has made before; null if it is not, or no longer, known. */
  filesOf(version: string): Files | null {
    return this.store.files(this.label(version));
  }

  /** The one egg that holds a whole version, if the store has it. */
  wholeOf(version: string): Egg | null {
    return this.store.base(this.label(version));
  }

  manifestOf(version: string): string | null {
    return this.store.manifest(this.label(version));
  }

  /** Whether the store has the eggs and the manifest of a version, undamaged. */
  isThere({ version, base, patch }: Delivery): boolean {
    const { store } = this;
    return (
      store.holds(base) &&
      (patch === null || store.holds(patch)) &&
      store.manifest(this.label(version)) !== null
    );
  }

  private async packHere(label: Label, files: Files, compress: boolean): Promise<Egg> {
    const data = await buildEgg(label, files, null, this.read, compress);
    const egg = this.store.putEgg(label, data, false);
    this.store.putBase(label, egg);
    return egg;
  }

  private async patch(base: Base, label: Label, files: Files): Promise<Delivery> {
    const { version } = label;
    const { changed, removed } = difference(base.files, files);
    const manifest = this.store.putManifest(label, files);
    if (changed.length === 0 && removed.length === 0) {
      return { version, base: base.egg, patch: null, manifest };
    }
    const data = await buildEgg(
      label,
      new Map(changed.map(path => [path, files.get(path)!])),
      { base: base.version, deleted: removed },
      this.read
    );
    return { version, base: base.egg, patch: this.store.putEgg(label, data, true), manifest };
  }

  private readonly read = (name: string, digest: string) => readExactly(this.path(name), digest);

  private label(version: string): Label {
    return { name: this.spec.name, kind: this.spec.kind, version };
  }
}
