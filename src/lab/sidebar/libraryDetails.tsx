import type { TranslationBundle } from '@jupyterlab/translation';
import { Button, checkIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import type { KernelState } from '../../protocol';
import { bytes } from '../format';
import { warningIcon } from '../icons';
import type { LibrarySentences } from '../librarySentences';
import type { ILibraryRow } from '../rows';
import { pathOnServer } from '../serverRoot';
import type { IServerMonitor } from '../tokens';
import { ChangedFiles } from './changedFiles';
import { ShippedFiles } from './contents';
import { Disclosure } from './disclosure';
import type { Opened } from './opened';
import { Versions } from './versions';
import { Workers, workersSummary } from './workers';

/** What a person may want to know of one library, and do with it. */
export function LibraryDetails(props: {
  row: ILibraryRow;
  state: KernelState;
  server: IServerMonitor;
  opened: Opened;
  sentences: LibrarySentences;
  trans: TranslationBundle;
  isPending: boolean;
  isVerifying: boolean;
  onVerify: () => void;
  onPin: (version: string) => void;
  onRemove: () => void;
}): JSX.Element {
  const { row, state, server, opened, sentences, trans, isPending } = props;
  const summary = workersSummary(row, state, trans);
  const part = (
    name: string,
    title: React.ReactNode,
    children: () => React.ReactNode
  ): JSX.Element => {
    const key = `${row.path} ${name}`;
    return (
      <Disclosure title={title} isOpen={opened.has(key)} onToggle={() => opened.toggle(key)}>
        {children}
      </Disclosure>
    );
  };
  const Equal = summary.isEqual ? checkIcon : warningIcon;
  return (
    <>
      <dl className="jp-Autoegg-details">
        <dt>{trans.__('Root')}</dt>
        <dd className="jp-Autoegg-path" title={row.path}>
          <bdi>{pathOnServer(row.path) ?? row.path}</bdi>
        </dd>
        <dt>{trans.__('Sent')}</dt>
        <dd>
          {row.shipped
            ? trans.__('%1 to Spark', bytes(row.shipped.bytes))
            : trans.__('nothing yet')}
        </dd>
      </dl>
      {part('changes', trans.__('Changed Files'), () => (
        <ChangedFiles row={row} server={server} trans={trans} />
      ))}
      {part('contents', trans.__('What Ships, and Why'), () => (
        <ShippedFiles row={row} server={server} sentences={sentences} trans={trans} />
      ))}
      {part(
        'workers',
        <>
          {trans.__('Where It Runs')}
          <span className="jp-Autoegg-glance" data-equal={summary.isEqual ?? undefined}>
            {summary.isEqual !== null && (
              <Equal.react tag="span" className="jp-Autoegg-inline" width="12px" />
            )}
            {summary.text}
          </span>
        </>,
        () => (
          <Workers
            row={row}
            state={state}
            trans={trans}
            isPending={props.isVerifying}
            onVerify={props.onVerify}
          />
        )
      )}
      {part(
        'versions',
        <>
          {trans.__('Versions')}
          <span className="jp-Autoegg-glance">{row.history.length}</span>
        </>,
        () => (
          <Versions
            row={row}
            sentences={sentences}
            trans={trans}
            isPending={isPending}
            onPin={props.onPin}
          />
        )
      )}
      <div className="jp-Autoegg-actions">
        <Button
          minimal
          small
          className="jp-Autoegg-more"
          disabled={isPending}
          aria-label={trans.__('Remove %1 from the list', row.name)}
          title={trans.__('Keep it current no longer; its files stay as they are')}
          onClick={props.onRemove}
        >
          {trans.__('Remove from the List')}
        </Button>
      </div>
    </>
  );
}
