import type { TranslationBundle } from '@jupyterlab/translation';
import { Button } from '@jupyterlab/ui-components';
import * as React from 'react';

import type { CachedData, KernelState } from '../../protocol';
import { bytes } from '../format';
import { warningIcon } from '../icons';
import { shortVersion } from '../rows';

/** The libraries of which `data` was made with another version than the driver runs now. */
export function olderIn(data: CachedData, state: KernelState): string[] {
  return state.libraries
    .filter(({ name, version }) => data.versions[name] && data.versions[name] !== version)
    .map(({ name }) => name);
}

/** Cached data, and on which code it was made. Nothing is dropped by itself. */
export function Cached(props: {
  state: KernelState;
  trans: TranslationBundle;
  /** Whether the kernel is busy with cached data, or has been asked to be. */
  isPending: boolean;
  onUnpersist: (id: number) => void;
  onRecompute: (id: number) => void;
}): JSX.Element {
  const { state, trans, isPending, onUnpersist, onRecompute } = props;
  return (
    <ul className="jp-Autoegg-cached" aria-label={trans.__('Cached Data')}>
      {state.cached.map(data => {
        const older = olderIn(data, state);
        const size = trans.__('%1 in memory', bytes(data.memoryBytes));
        return (
          <li key={data.id} data-older={older.length > 0}>
            <div className="jp-Autoegg-versionLine">
              <span className="jp-Autoegg-name" title={data.name}>
                {data.name}
              </span>
              <span className="jp-Autoegg-kind">
                {data.kind === 'rdd' ? trans.__('RDD') : trans.__('DataFrame')}
              </span>
            </div>
            <div className="jp-Autoegg-hint">
              {data.diskBytes > 0 ? trans.__('%1, %2 on disk', size, bytes(data.diskBytes)) : size}
              {' · '}
              {trans._n('%1 partition', '%1 partitions', data.partitions)}
            </div>
            {older.length > 0 && (
              <p className="jp-Autoegg-caution">
                <warningIcon.react tag="span" className="jp-Autoegg-icon" width="16px" />
                <span>
                  {older
                    .map(name =>
                      trans.__(
                        'computed with %1 %2, now %3',
                        name,
                        shortVersion(data.versions[name]),
                        shortVersion(
                          state.libraries.find(library => library.name === name)?.version ?? ''
                        )
                      )
                    )
                    .join(', ')}
                </span>
              </p>
            )}
            <div className="jp-Autoegg-actions">
              <Button
                minimal
                small
                className="jp-Autoegg-more"
                disabled={isPending || !data.named}
                aria-label={trans.__('Recompute %1', data.name)}
                title={
                  data.named
                    ? trans.__('Recompute with the current code')
                    : trans.__(
                        'No variable of the notebook refers to it; re-run the cell that created it'
                      )
                }
                onClick={() => onRecompute(data.id)}
              >
                {trans.__('Recompute')}
              </Button>
              <Button
                minimal
                small
                className="jp-Autoegg-more"
                disabled={isPending}
                aria-label={trans.__('Unpersist %1', data.name)}
                title={trans.__('Drop it; it is recomputed when used')}
                onClick={() => onUnpersist(data.id)}
              >
                {trans.__('Unpersist')}
              </Button>
            </div>
          </li>
        );
      })}
    </ul>
  );
}
