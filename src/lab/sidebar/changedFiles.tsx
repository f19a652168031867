import type { TranslationBundle } from '@jupyterlab/translation';
import { Button } from '@jupyterlab/ui-components';
import * as React from 'react';

import { spanOf } from '../versionSpan';
import type { ILibraryRow } from '../rows';
import { shortVersion } from '../rows';
import type { Difference } from '../../protocol';
import type { IServerMonitor } from '../tokens';
import { Disclosure } from './disclosure';
import { useAsked } from './useAsked';

const MARKS = { added: '+', changed: '~', removed: '−' } as const;

/** The files that differ between what runs and what is on disk, or that the last ship changed; lines on demand. */
export function ChangedFiles(props: {
  row: ILibraryRow;
  server: IServerMonitor;
  trans: TranslationBundle;
  /** Somebody wants to see a file's two versions side by side. */
  onCompare: (what: { from: string; to: string; path: string }) => void;
}): JSX.Element {
  const { row, server, trans, onCompare } = props;
  const [open, setOpen] = React.useState<string | null>(null);
  const { key, version } = row;
  // Saves are sent to Spark at once, so what counts is what runs; if all runs, what the last switch changed.
  const span = spanOf(row);
  const { value, problem } = useAsked(
    span && (() => server.changes(key!, span.from, span.to)),
    `${key} ${span?.from} ${span?.to}`
  );
  if (!span || key === null) {
    return (
      <p className="jp-Autoegg-hint">
        {version === null
          ? trans.__('Nothing has run yet, so there is nothing to compare with.')
          : key === null
            ? trans.__(
                'Only the library daemon of this server knows; this kernel uses another one.'
              )
            : trans.__('Nothing has changed since %1 was loaded.', shortVersion(version))}
      </p>
    );
  }
  if (problem) {
    return <p className="jp-Autoegg-hint">{problem}</p>;
  }
  const { from, to } = span;
  const words = {
    added: trans.__('added'),
    changed: trans.__('changed'),
    removed: trans.__('removed')
  };
  const files = value
    ? (['changed', 'added', 'removed'] as const).flatMap(kind =>
        value[kind].map(path => ({ kind, path }))
      )
    : [];
  return (
    <>
      <p className="jp-Autoegg-hint">
        {span.from === version
          ? trans.__(
              'From %1, which is running, to %2 on disk:',
              shortVersion(from),
              shortVersion(to)
            )
          : trans.__(
              'Changed in the last update, from %1 to %2:',
              shortVersion(from),
              shortVersion(to)
            )}
      </p>
      <ul className="jp-Autoegg-files">
        {files.map(({ kind, path }) => (
          <li key={path}>
            <Disclosure
              title={
                <>
                  <span className="jp-Autoegg-mark" data-kind={kind} title={words[kind]}>
                    {MARKS[kind]}
                  </span>
                  <span className="jp-Autoegg-path" title={`${path}: ${words[kind]}`}>
                    <bdi>{path}</bdi>
                  </span>
                </>
              }
              isOpen={open === path}
              aside={
                <Button
                  minimal
                  small
                  className="jp-Autoegg-more"
                  aria-label={trans.__('Compare %1', path)}
                  title={trans.__('Show both versions side by side')}
                  onClick={() => onCompare({ from, to, path })}
                >
                  {trans.__('Compare')}
                </Button>
              }
              onToggle={() => setOpen(open === path ? null : path)}
            >
              {() => <Lines {...{ server, trans, path, from, to }} library={key} />}
            </Disclosure>
          </li>
        ))}
      </ul>
    </>
  );
}

function Lines(props: {
  server: IServerMonitor;
  trans: TranslationBundle;
  library: string;
  path: string;
  from: string;
  to: string;
}): JSX.Element | null {
  const { server, trans, library, path, from, to } = props;
  const { value, problem } = useAsked(
    () => server.difference(library, path, from, to),
    `${path} ${from} ${to}`
  );
  if (problem || value?.reason) {
    return <p className="jp-Autoegg-hint">{problem ?? whyNot(value!.reason!, trans)}</p>;
  }
  if (!value?.lines) {
    return null;
  }
  return (
    <>
      <pre
        className="jp-Autoegg-diff"
        tabIndex={0}
        aria-label={trans.__('Changed lines of %1', path)}
      >
        {value.lines.map((line, index) => (
          <div key={index} data-kind={KINDS[line[0]] ?? 'same'}>
            {line || ' '}
          </div>
        ))}
      </pre>
      {value.cut && (
        <p className="jp-Autoegg-hint">
          {trans.__('This is only the beginning; the rest is too long to be shown.')}
        </p>
      )}
    </>
  );
}

function whyNot(reason: NonNullable<Difference['reason']>, trans: TranslationBundle): string {
  switch (reason) {
    case 'large':
      return trans.__('Too large to be compared here.');
    case 'slow':
      return trans.__('It took too long to compare, so it was given up.');
    case 'binary':
      return trans.__('Not text, so there are no lines to compare.');
  }
}

const KINDS: Record<string, string> = { '+': 'added', '-': 'removed', '@': 'place' };
