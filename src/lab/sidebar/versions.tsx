import type { TranslationBundle } from '@jupyterlab/translation';
import { Button } from '@jupyterlab/ui-components';
import * as React from 'react';

import { moment } from '../format';
import type { LibrarySentences } from '../librarySentences';
import type { ILibraryRow } from '../rows';
import { shortVersion } from '../rows';

/** What the driver has run since the kernel started, newest first, and the way back to each. */
export function Versions(props: {
  row: ILibraryRow;
  sentences: LibrarySentences;
  trans: TranslationBundle;
  isPending: boolean;
  onPin: (version: string) => void;
}): JSX.Element {
  const { row, sentences, trans, isPending, onPin } = props;
  if (!row.history.length) {
    return <p className="jp-Autoegg-hint">{trans.__('No cell has run it yet in this kernel.')}</p>;
  }
  return (
    <ol className="jp-Autoegg-versions">
      {row.history.map((past, index) => {
        const isRunning = past.version === row.version;
        const isNow = index === row.history.findIndex(({ version }) => version === row.version);
        const git = sentences.git(past);
        const more = past.changes - past.files.length;
        return (
          <li key={`${past.version} ${past.at}`} data-running={isNow}>
            <div className="jp-Autoegg-versionLine">
              <span className="jp-Autoegg-code" title={past.version}>
                {shortVersion(past.version)}
              </span>
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
                  aria-label={trans.__('Run version %1', shortVersion(past.version))}
                  title={trans.__('Put driver and workers on this version until you go back')}
                  onClick={() => onPin(past.version)}
                >
                  {trans.__('Run')}
                </Button>
              )}
            </div>
            <div className="jp-Autoegg-hint" title={past.files.join('\n')}>
              {past.changes > 0 && past.changes <= 2
                ? past.files.map(file => file.split('/').pop()).join(', ')
                : sentences.changes(past)}
              {more > 0 && past.changes <= 2 ? ` +${more}` : ''}
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
