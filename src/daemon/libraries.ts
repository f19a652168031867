import type { BarrierAnswer, LibrarySpec, LibraryStatus, Requests } from '../protocol';
import { admit } from './admission';
import { Barrier } from './barrier';
import type { Cookie } from './cookie';
import type { Pulse } from './coverage';
import { sha256 } from './disk';
import type { Workshop } from './eggThread';
import { Library } from './library';
import { refusals } from './refusal';
import type { Store } from './store';

/** Milliseconds that a library stays watched after its last user has gone: kernels restart. */
const GRACE = 30_000;
/** Milliseconds after the last new egg until the store is pruned. */
const TIDY = 2_000;

interface Entry {
  library: Library;
  users: Set<object>;
  farewell: NodeJS.Timeout | null;
}

export interface LibrariesOptions {
  store: Store;
  workshop: Workshop;
  pulse: Pulse;
  cookie: Cookie;
  onChange: (library: Library) => void;
  onClosed: (library: string) => void;
  onProblem: (error: unknown) => void;
  grace?: number;
}

/** The libraries that are open. A library that several clients have open is one object. */
export class Libraries {
  private readonly entries = new Map<string, Entry>();
  private tidying: NodeJS.Timeout | null = null;

  constructor(private readonly options: LibrariesOptions) {}

  /** Opens for `user`; resolves when the eggs of the present version are ready. */
  async open(spec: LibrarySpec, user: object): Promise<string> {
    const real = admit(spec);
    const id = `${spec.name}-${sha256(`${spec.name}\0${spec.kind}\0${real}`).slice(0, 12)}`;
    let entry = this.entries.get(id);
    if (!entry) {
      entry = { library: this.create(id, spec), users: new Set(), farewell: null };
      this.entries.set(id, entry);
    }
    entry.users.add(user);
    clearTimeout(entry.farewell ?? undefined);
    entry.farewell = null;
    try {
      await entry.library.refresh();
    } catch (error) {
      if (!entry.library.current) {
        this.leave(id, entry, user, 0);
        throw error;
      }
      // It was there before; barriers say what is wrong with it now.
    }
    return id;
  }

  close(id: string, user: object): void {
    this.leave(id, this.get(id), user, this.options.grace ?? GRACE);
  }

  /** Ends everything that `user` has open. */
  forget(user: object): void {
    for (const [id, entry] of this.entries) {
      if (entry.users.has(user)) {
        this.leave(id, entry, user, this.options.grace ?? GRACE);
      }
    }
  }

  answer(questions: { library: string; known: string | null }[]): Promise<BarrierAnswer[]> {
    return Promise.all(
      questions.map(({ library, known }) => {
        const entry = this.entries.get(library);
        return entry
          ? entry.library.answer(known)
          : { library, failure: refusals.unknownLibrary(library).failure };
      })
    );
  }

  spec(id: string): LibrarySpec {
    return this.get(id).library.spec;
  }

  locate(id: string, version: string | null): Requests['version']['result'] {
    return this.get(id).library.locate(version);
  }

  all(): Library[] {
    return [...this.entries.values()].map(entry => entry.library);
  }

  statuses(): LibraryStatus[] {
    return this.all().map(library => library.status);
  }

  end(): void {
    clearTimeout(this.tidying ?? undefined);
    for (const { library, farewell } of this.entries.values()) {
      clearTimeout(farewell ?? undefined);
      library.close();
    }
    this.entries.clear();
    this.options.store.release();
  }

  private get(id: string): Entry {
    const entry = this.entries.get(id);
    if (!entry) {
      throw refusals.unknownLibrary(id);
    }
    return entry;
  }

  private create(id: string, spec: LibrarySpec): Library {
    const { pulse, cookie, workshop, store, onChange, onProblem } = this.options;
    const barrier = new Barrier(
      spec,
      pulse,
      cookie,
      workshop,
      () => library.hint(),
      (read, files) => library.reading(read, files)
    );
    const told = (changed: Library) => {
      this.hold();
      onChange(changed);
    };
    const library = new Library(id, spec, barrier, store, workshop, told, onProblem);
    return library;
  }

  private leave(id: string, entry: Entry, user: object, grace: number): void {
    entry.users.delete(user);
    if (entry.users.size > 0 || entry.farewell) {
      return;
    }
    entry.farewell = setTimeout(() => {
      entry.library.close();
      this.entries.delete(id);
      this.hold();
      this.options.onClosed(id);
    }, grace);
  }

  /** Tells other daemons which files are needed, and some time later lets the store forget what is not. */
  private hold(): void {
    try {
      this.options.store.hold(this.all().flatMap(library => [...library.needs()]));
    } catch (error) {
      this.options.onProblem(error);
    }
    this.tidying ??= setTimeout(() => {
      this.tidying = null;
      this.options.store.prune();
    }, TIDY);
    this.tidying.unref();
  }
}
