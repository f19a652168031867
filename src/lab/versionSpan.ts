import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';

import type { PastVersion } from '../protocol';
import type { ILibraryRow } from './rows';

/** Two versions that are compared. */
export interface ISpan {
  readonly from: string;
  readonly to: string;
}

/** Which versions are compared: those that are asked for, else what runs with the disk, else the last two that ran. */
export function spanOf(
  row: Pick<ILibraryRow, 'key' | 'version' | 'disk' | 'history'>,
  args: ReadonlyPartialJSONObject = {}
): ISpan | null {
  const { key, version, disk, history } = row;
  const waits = version !== null && disk !== null && version !== disk;
  const to = (args.to as string | undefined) ?? (waits ? disk : version);
  const from =
    (args.from as string | undefined) ?? (waits ? version : (before(history, to)?.version ?? null));
  return key !== null && from && to && from !== to ? { from, to } : null;
}

/** The version that ran before the latest run of `version`. */
function before(history: readonly PastVersion[], version: string | null): PastVersion | undefined {
  return history[history.findIndex(past => past.version === version) + 1];
}
