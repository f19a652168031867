import type { KernelState } from '../../protocol';

/** Where the record of a cell's last run stands in the notebook's file. */
export const METADATA = 'autoegg';

/** Number of the record's form, which `autoegg/versions/recorded.py` reads and writes, too. */
const SCHEMA = 1;

/** What a cell ran on, as its notebook's file keeps it. */
export interface IRecord {
  schema: number;
  libraries: Record<string, { version: string; commit: string | null; clean: boolean }>;
  python: string;
  spark: string | null;
  /** Distributions that the libraries import; only where the kernel has recorded, below the cell. */
  packages?: Record<string, string>;
  /** The cell names its versions itself (`%%autoegg at`), so its result is never out of date. */
  at?: true;
}

/** The record of a cell that has just run on these versions in this kernel. */
export function recordOf(
  versions: Readonly<Record<string, string>>,
  state: Pick<KernelState, 'libraries' | 'python' | 'spark'>
): IRecord {
  const mark = (name: string, version: string) =>
    state.libraries
      .find(library => library.name === name)
      ?.history.find(past => past.version === version)?.git ?? null;
  return {
    schema: SCHEMA,
    libraries: Object.fromEntries(
      Object.entries(versions).map(([name, version]) => {
        const git = mark(name, version);
        const clean = git !== null && git.commit !== null && !git.dirty;
        return [name, { version, commit: git?.commit ?? null, clean }];
      })
    ),
    python: state.python ?? '',
    spark: state.spark.version ?? null
  };
}

/** The versions that make a result out of date, by its record; null if there are none, or its form is not known here. */
export function versionsIn(record: unknown): Record<string, string> | null {
  const { schema, libraries, at } = (record ?? {}) as Partial<IRecord>;
  return schema === SCHEMA && libraries && !at
    ? Object.fromEntries(Object.entries(libraries).map(([name, { version }]) => [name, version]))
    : null;
}

/**
 * The record of a cell: that of its outputs if a kernel has recorded without a page, which is then of the same run as they are;
 * else that of the cell itself.
 */
export function recordIn(cell: unknown, outputs: readonly unknown[]): unknown {
  const records = [cell, ...outputs].map(
    metadata => (metadata as Record<string, unknown> | null | undefined)?.[METADATA]
  );
  return records.filter(record => record !== undefined).at(-1);
}
