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

/** The versions in a record; null if it is not in a form that is known here. */
export function versionsIn(record: unknown): Record<string, string> | null {
  const { schema, libraries } = (record ?? {}) as Partial<IRecord>;
  return schema === SCHEMA && libraries
    ? Object.fromEntries(Object.entries(libraries).map(([name, { version }]) => [name, version]))
    : null;
}
