import type { TranslationBundle } from '@jupyterlab/translation';

import type { ILibraryRow } from '../rows';
import { shortVersion } from '../rows';
import type { ICellRun, IPlace } from './memory';

/** A library's version that the cell ran on, and the one that the next cell will run. */
export interface IChange {
  readonly library: string;
  readonly from: string;
  readonly to: string;
}

/** What a person sees of a cell; null where there is nothing to see. */
export interface IMark {
  readonly kind: 'stale' | 'refused';
  /** A few words beside the cell. */
  readonly text: string;
  /** The same as a sentence. */
  readonly caption: string;
  /** Where a click on it leads: to what has changed, or to what is to be repaired. */
  readonly target?: { readonly change: IChange } | { readonly place: IPlace };
}

/** The version of each library that the next cell will run, by import name. */
export function versionsNow(rows: readonly ILibraryRow[]): Map<string, string> {
  const versions = new Map<string, string>();
  for (const row of rows) {
    const held = row.pinned ?? (row.condition === 'paused' ? row.version : null);
    const version = held ?? row.next ?? row.version;
    if (version) {
      versions.set(row.name, version);
    }
  }
  return versions;
}

/** {@link markOf} for many cells at one moment. */
export function marksOf(
  now: ReadonlyMap<string, string>,
  trans: TranslationBundle
): (run: ICellRun) => IMark | null {
  const ofCode = new Map<ICellRun['versions'], IMark | null>();
  return run => {
    if (run.refused || run.early) {
      return markOf(run, now, trans);
    }
    const known = ofCode.get(run.versions);
    const mark = known === undefined ? markOf(run, now, trans) : known;
    ofCode.set(run.versions, mark);
    return mark;
  };
}

export function markOf(
  run: ICellRun | null,
  now: ReadonlyMap<string, string>,
  trans: TranslationBundle
): IMark | null {
  if (run?.refused) {
    return {
      kind: 'refused',
      text: run.place?.line
        ? trans.__('did not run · open at line %1', run.place.line)
        : trans.__('did not run'),
      caption: trans.__('Refused before it started: nothing in this cell was executed.'),
      ...(run.place && { target: { place: run.place } })
    };
  }
  if (run?.early) {
    return {
      kind: 'stale',
      text: trans.__('ran before autoegg was loaded'),
      caption: trans.__(
        'This cell used your library before autoegg was loaded, so it is not known which code it ran.'
      )
    };
  }
  const older = Object.entries(run?.versions ?? {}).filter(
    ([name, version]) => now.has(name) && now.get(name) !== version
  );
  if (!older.length) {
    return null;
  }
  const [name, version] = older[0];
  const [before, after] = [shortVersion(version), shortVersion(now.get(name)!)];
  return {
    kind: 'stale',
    text:
      older.length === 1
        ? trans.__('ran on %1, now %2', before, after)
        : trans.__('ran on older code of %1 libraries', older.length),
    caption: older
      .map(([name, version]) =>
        trans.__('%1: ran on %2, now %3', name, shortVersion(version), shortVersion(now.get(name)!))
      )
      .join('\n'),
    target: { change: { library: name, from: version, to: now.get(name)! } }
  };
}
