import type { TranslationBundle } from '@jupyterlab/translation';
import { Button } from '@jupyterlab/ui-components';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';
import * as React from 'react';

import type { KernelState } from '../../protocol';
import { CommandIDs } from '../commandIds';
import { bytes } from '../format';
import { pathOfMember } from '../libraryFiles';
import type { LibrarySentences } from '../librarySentences';
import type { ILibraryRow } from '../rows';
import { pathOnServer } from '../serverRoot';
import type { IServerMonitor } from '../tokens';
import { ChangedFiles } from './changedFiles';
import { ShippedFiles } from './contents';
import { Disclosure } from './disclosure';
import type { Opened } from './opened';
import { Versions } from './versions';
import { SIGNS, Workers, workersSummary } from './workers';

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
  /** Runs a command that has to do with this library. */
  run: (command: string, args?: ReadonlyPartialJSONObject) => void;
}): JSX.Element {
  const { row, state, server, opened, sentences, trans, isPending, run } = props;
  const compare = (args: ReadonlyPartialJSONObject): void => run(CommandIDs.openDiff, args);
  const show = (member: string): void =>
    run(CommandIDs.openFile, {
      file: pathOfMember(member, row),
      library: { key: row.key, name: row.name, path: row.path }
    });
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
  const Icon = summary.icon && SIGNS[summary.icon];
  return (
    <>
      <dl className="jp-Autoegg-details">
        <dt>{trans.__('Root')}</dt>
        <dd>
          <button
            type="button"
            className="jp-Autoegg-path jp-Autoegg-link"
            title={row.path}
            onClick={() => run(CommandIDs.openLibrary, { folder: true })}
          >
            <bdi>{pathOnServer(row.path) ?? row.path}</bdi>
          </button>
        </dd>
        <dt>{trans.__('Sent')}</dt>
        <dd>
          {row.shipped
            ? trans.__('%1 to Spark', bytes(row.shipped.bytes))
            : trans.__('nothing yet')}
        </dd>
      </dl>
      {part('changes', trans.__('Changed Files'), () => (
        <ChangedFiles row={row} server={server} trans={trans} onCompare={compare} />
      ))}
      {part('contents', trans.__('What Ships, and Why'), () => (
        <ShippedFiles row={row} server={server} sentences={sentences} trans={trans} onShow={show} />
      ))}
      {part(
        'workers',
        <>
          {trans.__('Where It Runs')}
          <span className="jp-Autoegg-glance" data-relation={summary.icon ?? undefined}>
            {Icon && <Icon.react tag="span" className="jp-Autoegg-inline" width="12px" />}
            {summary.text}
          </span>
        </>,
        () => (
          <Workers
            row={row}
            state={state}
            trans={trans}
            isPending={props.isVerifying}
            onVerify={() => run(CommandIDs.verify)}
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
            onPin={version => run(CommandIDs.pin, { version })}
            onCopy={version => run(CommandIDs.copyVersion, { version })}
            onCompare={compare}
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
          title={trans.__('Stop keeping it up to date; its files stay as they are')}
          onClick={() => run(CommandIDs.removeLibrary)}
        >
          {trans.__('Remove from the List')}
        </Button>
      </div>
    </>
  );
}
