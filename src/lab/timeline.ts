import type { KernelLibrary, LibraryStatus } from '../protocol';
import type { IAutoegg, IKernelLink } from './tokens';

export type Lane = 'save' | 'build' | 'ship' | 'run';

/** Something that happened, as far as this page has seen it. */
export interface IMoment {
  readonly lane: Lane;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Milliseconds that it took; null while it goes on. */
  readonly took: number | null;
  /** Library, with the version where there is one. */
  readonly what: string;
}

const MOST = 200;

/** What the page has seen of saves, builds, ships and runs, for each notebook. Kept in memory only. */
export class Timeline {
  constructor(
    private readonly model: IAutoegg,
    private readonly now: () => number = Date.now
  ) {
    model.changed.connect(this._onChanged, this);
    this._onChanged();
  }

  /** Of the notebook in front, oldest first. */
  get moments(): readonly IMoment[] {
    const link = this.model.current?.link;
    return (link && this._moments.get(link)) ?? [];
  }

  private _onChanged(): void {
    const link = this.model.current?.link;
    if (!link) {
      return;
    }
    const moments = [...this.moments];
    const seen = this._seenOf(link);
    const note = (lane: Lane, key: string, at: string, took: number, what: string): void => {
      const name = `${lane} ${key}`;
      if (seen.get(name) !== at) {
        seen.set(name, at);
        moments.push({ lane, at: Date.parse(at) - took, took, what });
      }
    };
    const statuses = new Map(
      this.model.server.state?.libraries.map(status => [status.library, status])
    );
    for (const known of link.state?.libraries ?? []) {
      const { name, library, shipped } = known;
      const status = library === null ? undefined : statuses.get(library);
      if (this._noted.has(known) && this._noted.get(known) === status) {
        continue;
      }
      this._noted.set(known, status);
      if (status?.built) {
        const { at, milliseconds } = status.built;
        const what = `${name} ${status.version?.slice(0, 4) ?? ''}`;
        // What is rebuilt without having changed (another notebook needs it, a damaged egg) is no save.
        const before = seen.get(`version ${name}`);
        if (before !== undefined && before !== status.version) {
          note('save', name, new Date(Date.parse(at) - milliseconds).toISOString(), 0, what);
        }
        if (status.version !== null) {
          seen.set(`version ${name}`, status.version);
        }
        note('build', name, at, milliseconds, what);
      }
      if (shipped) {
        note(
          'ship',
          name,
          shipped.at,
          shipped.milliseconds,
          `${name} ${shipped.version.slice(0, 4)}`
        );
      }
    }
    this._noteRun(link, moments);
    this._moments.set(link, moments.slice(-MOST));
  }

  private _noteRun(link: IKernelLink, moments: IMoment[]): void {
    const last = moments.findIndex(({ lane, took }) => lane === 'run' && took === null);
    if (link.isBusy && link.condition === 'connected' && last < 0) {
      moments.push({ lane: 'run', at: this.now(), took: null, what: '' });
    } else if (!link.isBusy && last >= 0) {
      moments[last] = { ...moments[last], took: this.now() - moments[last].at };
    }
  }

  private _seenOf(link: IKernelLink): Map<string, string> {
    const seen = this._seen.get(link) ?? new Map<string, string>();
    this._seen.set(link, seen);
    return seen;
  }

  private readonly _moments = new WeakMap<IKernelLink, IMoment[]>();
  /** What was said of a library, and by the daemon, when it was last looked at: the same objects tell nothing new. */
  private readonly _noted = new WeakMap<KernelLibrary, LibraryStatus | undefined>();
  private readonly _seen = new WeakMap<IKernelLink, Map<string, string>>();
}
