import type { Delivery } from '../protocol';
import type { Files } from './digest';

/** How many are kept, because a client may still ask for what differs from them. */
const REMEMBERED = 8;

/** A version whose eggs are ready. */
export interface Release {
  version: string;
  files: Files;
  delivery: Delivery;
}

/** The versions of one library that clients may have learnt of lately. */
export class Releases {
  private releases: Release[] = [];

  get current(): Release | null {
    return this.releases[0] ?? null;
  }

  /** Makes it the current one; of a version only the last delivery counts. */
  add(release: Release): Release {
    const others = this.releases.filter(({ version }) => version !== release.version);
    this.releases = [release, ...others.slice(0, REMEMBERED - 1)];
    return release;
  }

  find(version: string): Release | null {
    return this.releases.find(release => release.version === version) ?? null;
  }

  /** The store files that bring them. */
  *needs(): Iterable<string> {
    for (const { delivery } of this.releases) {
      yield delivery.manifest;
      yield delivery.base.path;
      if (delivery.patch) {
        yield delivery.patch.path;
      }
    }
  }
}
