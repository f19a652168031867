import type { TranslationBundle } from '@jupyterlab/translation';
import { Button } from '@jupyterlab/ui-components';
import * as React from 'react';

import { moment } from '../format';
import type { LibrarySentences } from '../librarySentences';
import type { ILibraryRow } from '../rows';
import { shortVersion } from '../rows';
import { VersionId } from './versionId';

/** What the driver has run since the kernel started, newest first, and the way back to each. */
export function Versions(props: {
  row: ILibraryRow;
  sentences: LibrarySentences;
  trans: TranslationBundle;
  isPending: boolean;
  onPin: (version: string) => void;
  onCopy: (version: string) => void;
  onCompare: (versions: { from: string; to: string }) => void;
}): JSX.Element {
  const { row, sentences, trans, isPending, onPin, onCopy, onCompare } = props;
  if (!row.history.length) {
    return <p className="jp-Autoegg-hint">{trans.__('No cell has used it yet in this kernel.')}</p>;
  }
  return (
    <ol className="jp-Autoegg-versions">
      {row.history.map((past, index) => {
        const isRunning = past.version === row.version;
        const isNow = index === row.history.findIndex(({ version }) => version === row.version);
        const git = sentences.git(past);
        const before = row.history[index + 1];
        const changed =
          past.changes > 0 && past.changes <= 2
            ? past.files.map(file => file.split('/').pop()).join(', ')
            : sentences.changes(past);
        return (
          <li key={`${past.version} ${past.at} ${row.history.length - index}`} data-running={isNow}>
            <div className="jp-Autoegg-versionLine">
              <VersionId version={past.version} trans={trans} onCopy={onCopy} />
              <span className="jp-Autoegg-when">
                {moment(past.at)} {sentences.source(past)}
              </span>
              {isNow && (
                <span className="jp-Autoegg-badge">
                  {row.pinned ? trans.__('pinned') : trans.__('running')}
                </span>
              )}
              {!isRunning && (
                <Button
                  minimal
                  small
                  className="jp-Autoegg-more"
                  disabled={isPending}
                  aria-label={trans.__('Use version %1', shortVersion(past.version))}
                  title={trans.__('Pin driver and workers to this version until you go back')}
                  onClick={() => onPin(past.version)}
                >
                  {trans.__('Use This Version')}
                </Button>
              )}
            </div>
            <div className="jp-Autoegg-hint">
              {before && past.changes > 0 ? (
                <button
                  type="button"
                  className="jp-Autoegg-link"
                  title={trans.__('Show what changed:\n%1', past.files.join('\n'))}
                  onClick={() => onCompare({ from: before.version, to: past.version })}
                >
                  {changed}
                </button>
              ) : (
                changed
              )}
              {git && (
                <span title={past.git?.commit ?? undefined}>
                  {' · '}
                  {git}
                </span>
              )}
            </div>
          </li>
        );
      })}
    </ol>
  );
}
