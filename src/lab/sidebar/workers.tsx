import type { TranslationBundle } from '@jupyterlab/translation';
import { Button, checkIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import type { KernelState, WorkerGroup } from '../../protocol';
import { moment } from '../format';
import { warningIcon } from '../icons';
import type { ILibraryRow } from '../rows';
import { shortVersion } from '../rows';

/** Workers that have run this library, and whether each last ran what the driver runs. */
export function workersOf(
  row: ILibraryRow,
  state: KernelState
): { group: WorkerGroup; version: string; isEqual: boolean }[] {
  return state.workers
    .filter(({ versions }) => row.name in versions)
    .map(group => {
      const version = group.versions[row.name];
      return { group, version, isEqual: !!row.version?.startsWith(version) };
    });
}

/** One line: do they all run the same? */
export function workersSummary(
  row: ILibraryRow,
  state: KernelState,
  trans: TranslationBundle
): { text: string; isEqual: boolean | null } {
  const found = workersOf(row, state);
  const places = new Set(found.map(({ group }) => group.executor ?? group.host)).size;
  const behind = found.filter(({ isEqual }) => !isEqual).length;
  if (!found.length) {
    return { text: trans.__('driver only'), isEqual: null };
  }
  return behind
    ? { text: trans.__('%1 ran another version', behind), isEqual: false }
    : {
        text: trans._n('driver and %1 executor: equal', 'driver and %1 executors: equal', places),
        isEqual: true
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
          {found.map(({ group, version, isEqual }) => (
            <tr key={`${group.executor} ${group.host} ${version}`} data-equal={isEqual}>
              <td title={group.host}>
                {group.executor === null
                  ? group.host
                  : group.executor === 'driver'
                    ? trans.__('workers here')
                    : trans.__('executor %1', group.executor)}
                {group.processes > 1 && ` ×\u00a0${group.processes}`}
              </td>
              <td className="jp-Autoegg-code">
                {shortVersion(version)}
                {isEqual ? (
                  <checkIcon.react
                    tag="span"
                    className="jp-Autoegg-inline"
                    width="12px"
                    title={trans.__('as the driver')}
                  />
                ) : (
                  <warningIcon.react
                    tag="span"
                    className="jp-Autoegg-inline"
                    width="12px"
                    title={trans.__('not what the driver runs')}
                  />
                )}
              </td>
              <td>{moment(group.at)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="jp-Autoegg-hint">
        {spark.kind === 'none' || spark.kind === 'starting'
          ? trans.__('No executor yet: start a Spark session.')
          : spark.kind === 'connect'
            ? trans.__('Tasks of Spark Connect do not tell by themselves what they ran.')
            : found.length
              ? trans.__('An executor goes to the new version with its next task.')
              : trans.__('No task that used it has finished yet.')}
      </p>
      {(spark.kind === 'classic' || spark.kind === 'connect') && (
        <Button
          minimal
          small
          className="jp-Autoegg-more"
          disabled={isPending}
          title={trans.__('Run a small task on each executor that tells which version it has')}
          onClick={onVerify}
        >
          {trans.__('Ask All Executors')}
        </Button>
      )}
    </>
  );
}
