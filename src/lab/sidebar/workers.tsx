import type { TranslationBundle } from '@jupyterlab/translation';
import type { LabIcon } from '@jupyterlab/ui-components';
import { Button, checkIcon, historyIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import type { KernelState, WorkerGroup } from '../../protocol';
import { moment } from '../format';
import { warningIcon } from '../icons';
import type { ILibraryRow } from '../rows';
import { shortVersion } from '../rows';

/**
 * What a worker last ran, against the driver. `equal`: the same. `earlier`: a version that the driver ran before, so there was no task
 * since the change: the next one switches. `other`: one that the driver has never run.
 */
export type Relation = 'equal' | 'earlier' | 'other';

export const SIGNS: Record<Relation, LabIcon> = {
  equal: checkIcon,
  earlier: historyIcon,
  other: warningIcon
};

interface IWorkers {
  readonly group: WorkerGroup;
  /** First digits of the version. */
  readonly version: string;
  readonly relation: Relation;
}

/** Workers that have run this library, those of one place together. */
export function workersOf(row: ILibraryRow, state: KernelState): IWorkers[] {
  return state.workers
    .filter(({ versions }) => row.name in versions)
    .map(group => {
      const version = group.versions[row.name];
      return { group, version, relation: relationOf(row, version) };
    })
    .sort((a, b) => placeOf(a.group).localeCompare(placeOf(b.group), undefined, { numeric: true }));
}

function relationOf(row: ILibraryRow, version: string): Relation {
  if (row.version?.startsWith(version)) {
    return 'equal';
  }
  return row.history.some(past => past.version.startsWith(version)) ? 'earlier' : 'other';
}

/** Executors are counted, not their processes: each by what it ran last. */
const placeOf = ({ executor, host }: WorkerGroup): string => `${executor ?? ''} ${host}`;

/** One line: do they all run the same? */
export function workersSummary(
  row: ILibraryRow,
  state: KernelState,
  trans: TranslationBundle
): { text: string; icon: Relation | null } {
  const latest = new Map<string, IWorkers>();
  for (const workers of workersOf(row, state)) {
    const known = latest.get(placeOf(workers.group));
    if (!known || known.group.at <= workers.group.at) {
      latest.set(placeOf(workers.group), workers);
    }
  }
  const count = (relation: Relation): number =>
    [...latest.values()].filter(workers => workers.relation === relation).length;
  const all = latest.size;
  if (!all) {
    return { text: trans.__('driver only'), icon: null };
  }
  if (count('other')) {
    return {
      text: trans._n(
        '%2 of %1 executor ran another version',
        '%2 of %1 executors ran another version',
        all,
        count('other')
      ),
      icon: 'other'
    };
  }
  return count('earlier')
    ? {
        text: trans._n(
          '%2 of %1 executor idle since the change',
          '%2 of %1 executors idle since the change',
          all,
          count('earlier')
        ),
        icon: 'earlier'
      }
    : {
        text: trans._n('driver and %1 executor: equal', 'driver and %1 executors: equal', all),
        icon: 'equal'
      };
}

/** What driver and executors run: the driver first, then each executor with the version that its last task ran. */
export function Workers(props: {
  row: ILibraryRow;
  state: KernelState;
  trans: TranslationBundle;
  isPending: boolean;
  onVerify: () => void;
}): JSX.Element {
  const { row, state, trans, isPending, onVerify } = props;
  const found = workersOf(row, state);
  const { spark } = state;
  const words: Record<Relation, string> = {
    equal: trans.__('same as the driver'),
    earlier: trans.__('no task since the change; the next one switches'),
    other: trans.__('not a version that the driver ran')
  };
  return (
    <>
      <table className="jp-Autoegg-table jp-Autoegg-workers">
        <thead>
          <tr>
            <th scope="col">{trans.__('Where')}</th>
            <th scope="col">{trans.__('Last Ran')}</th>
            <th scope="col">{trans.__('At')}</th>
          </tr>
        </thead>
        <tbody>
          <tr>
            <td>{trans.__('driver')}</td>
            <td className="jp-Autoegg-code">{row.version ? shortVersion(row.version) : '–'}</td>
            <td>{trans.__('now')}</td>
          </tr>
          {found.map(({ group, version, relation }) => {
            const Icon = SIGNS[relation];
            return (
              <tr
                key={`${group.executor} ${group.host} ${version}`}
                data-relation={relation}
                title={words[relation]}
              >
                <td>
                  {placeName(group, trans)}
                  {group.processes > 1 && ` ×\u00a0${group.processes}`}
                </td>
                <td className="jp-Autoegg-code">
                  {shortVersion(version)}
                  <Icon.react
                    tag="span"
                    className="jp-Autoegg-inline"
                    width="12px"
                    title={words[relation]}
                  />
                </td>
                <td>{moment(group.at)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
      <p className="jp-Autoegg-hint">
        {spark.kind === 'none' || spark.kind === 'starting'
          ? trans.__('No executor yet; start a Spark session.')
          : spark.kind === 'connect'
            ? trans.__('Spark Connect does not report what its tasks ran; ask the executors.')
            : found.length
              ? trans.__('An executor switches to the new version with its next task.')
              : trans.__('No worker process is running; the next task starts one.')}
      </p>
      {(spark.kind === 'classic' || spark.kind === 'connect') && (
        <Button
          minimal
          small
          className="jp-Autoegg-more"
          disabled={isPending}
          title={trans.__('Run a small task on each executor that reports which version it has')}
          onClick={onVerify}
        >
          {isPending ? trans.__('Asking…') : trans.__('Ask All Executors')}
        </Button>
      )}
    </>
  );
}

/** As `%autoegg verify` names it: in local mode the worker processes belong to the driver's machine. */
function placeName({ executor, host }: WorkerGroup, trans: TranslationBundle): string {
  if (executor === null) {
    return host;
  }
  return executor === 'driver'
    ? trans.__('workers on %1', host)
    : trans.__('executor %1 on %2', executor, host);
}
