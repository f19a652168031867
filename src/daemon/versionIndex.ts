import { existsSync, readFileSync, readdirSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import {
  EGG_FORMAT,
  type Delivery,
  type Egg,
  type GitMark,
  type KeptVersion,
  type LibrarySpec,
  type StoredEgg
} from '../protocol';

/** Milliseconds after which a version that is still run is dated anew. */
const FRESH = 3_600_000;

/** An entry of the index, with its place in the store. */
export interface Entry {
  path: string;
  /** When a kernel or program last asked for it: the file's own time, so that dating it anew writes nothing. */
  last: number;
  kept: KeptVersion;
}

/**
 * Which versions kernels and programs have run, so that each is found again later: where its library lay, the eggs that bring it, and
 * where git was. It names files of the store and contains none.
 */
export class VersionIndex {
  private readonly dated = new Map<string, { at: number; eggs: string }>();

  /**
   * @param folder where the entries lie
   * @param nameOf the file name of a version's entry
   * @param write replaces a file as a whole
   */
  constructor(
    private readonly folder: string,
    private readonly nameOf: (label: Pick<KeptVersion, 'name' | 'kind' | 'version'>) => string,
    private readonly write: (path: string, text: string) => void
  ) {}

  /** A kernel or program is about to run this version. */
  remember({ name, kind, path }: LibrarySpec, delivery: Delivery, git: GitMark | null): void {
    const { version } = delivery;
    const place = join(this.folder, this.nameOf({ name, kind, version }));
    const now = Date.now();
    const names = `${delivery.base.name} ${delivery.patch?.name}`;
    const dated = this.dated.get(place);
    if (dated?.eggs === names && now - dated.at < FRESH && existsSync(place)) {
      return;
    }
    const before = this.read(place);
    const first = before?.first ?? new Date(now).toISOString();
    const eggs = { base: stored(delivery.base), patch: delivery.patch && stored(delivery.patch) };
    this.put(place, {
      format: EGG_FORMAT,
      name,
      kind,
      version,
      // What was brought back from elsewhere was packed in a folder that is none of the user's.
      path: before?.path ?? path,
      first,
      ...eggs,
      git: better(before?.git ?? null, git),
      gone: null
    });
    this.dated.set(place, { at: now, eggs: names });
  }

  /** Git has said where it was when this version was made; of a version that was never run, nothing is kept. */
  mark({ name, kind }: LibrarySpec, version: string, git: GitMark): void {
    const place = join(this.folder, this.nameOf({ name, kind, version }));
    const before = this.read(place);
    const found = better(before?.git ?? null, git);
    if (before && found !== before.git) {
      const { mtimeMs } = statSync(place);
      this.put(place, { ...before, git: found });
      utimesSync(place, mtimeMs / 1000, mtimeMs / 1000);
    }
  }

  /** The eggs of this version were let go; the entry stays, to say so to whoever asks. */
  retire({ path, kept, last }: Entry, why: 'age' | 'size'): void {
    this.put(path, { ...kept, gone: { at: new Date().toISOString(), why } });
    utimesSync(path, last / 1000, last / 1000);
    this.dated.delete(path);
  }

  entries(): Entry[] {
    let names: string[];
    try {
      names = readdirSync(this.folder);
    } catch {
      return [];
    }
    return names.flatMap(name => {
      const path = join(this.folder, name);
      const stats = name.startsWith('.') ? undefined : statSync(path, { throwIfNoEntry: false });
      const kept = stats && this.read(path);
      return kept ? [{ path, last: stats.mtimeMs, kept }] : [];
    });
  }

  private put(place: string, kept: KeptVersion): void {
    this.write(place, JSON.stringify(kept));
  }

  private read(place: string): KeptVersion | null {
    try {
      const kept = JSON.parse(readFileSync(place, 'utf8')) as KeptVersion;
      return kept.format === EGG_FORMAT && this.nameOf(kept) === place.slice(this.folder.length + 1)
        ? kept
        : null;
    } catch {
      return null; // not there, or damaged: the next run of the version writes it again
    }
  }
}

const stored = ({ name, digest, bytes }: Egg): StoredEgg => ({ name, digest, bytes });

/** A commit that has exactly these files says more than one that they are a change of. */
function better(before: GitMark | null, now: GitMark | null): GitMark | null {
  return now === null || (before !== null && !before.dirty && now.dirty) ? before : now;
}
