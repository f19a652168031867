import type { TranslationBundle } from '@jupyterlab/translation';
import { Button } from '@jupyterlab/ui-components';
import * as React from 'react';

import { bytes } from '../format';
import { warningIcon } from '../icons';
import type { LibrarySentences } from '../librarySentences';
import type { ILibraryRow } from '../rows';
import type { IServerMonitor } from '../tokens';
import { useAsked } from './useAsked';

/** As many files as are listed before somebody asks for all. */
const FIRST = 10;

/** What would be shipped, the largest file first, each with the rule that it is shipped by. */
export function ShippedFiles(props: {
  row: ILibraryRow;
  server: IServerMonitor;
  sentences: LibrarySentences;
  trans: TranslationBundle;
}): JSX.Element | null {
  const { row, server, sentences, trans } = props;
  const [all, setAll] = React.useState(false);
  const { key } = row;
  const { value, problem } = useAsked(
    key === null ? null : () => server.contents(key),
    `${key} ${row.disk}`
  );
  if (key === null || problem) {
    return (
      <p className="jp-Autoegg-hint">
        {problem ?? trans.__('Only a daemon of this server can tell; this kernel has another one.')}
      </p>
    );
  }
  if (!value) {
    return null;
  }
  const warned = value.files.filter(({ warning }) => warning !== null);
  const files = all ? value.files : value.files.slice(0, FIRST);
  return (
    <>
      {warned.map(({ path, warning }) => (
        <p className="jp-Autoegg-caution" key={path}>
          <warningIcon.react tag="span" className="jp-Autoegg-icon" width="16px" />
          <span>
            <bdi className="jp-Autoegg-code">{path}</bdi> {sentences.warning(warning!)}
          </span>
        </p>
      ))}
      <table className="jp-Autoegg-table">
        <thead>
          <tr>
            <th scope="col">{trans.__('File')}</th>
            <th scope="col">{trans.__('Rule')}</th>
            <th scope="col">{trans.__('Size')}</th>
          </tr>
        </thead>
        <tbody>
          {files.map(({ path, size, rule }) => (
            <tr key={path}>
              <td className="jp-Autoegg-path" title={path}>
                <bdi>{path}</bdi>
              </td>
              <td title={sentences.reason(rule)}>{sentences.rule(rule)}</td>
              <td className="jp-Autoegg-number">{bytes(size)}</td>
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row" colSpan={2}>
              {trans._n('%1 file in all', '%1 files in all', value.files.length)}
            </th>
            <td className="jp-Autoegg-number">{bytes(value.bytes)}</td>
          </tr>
        </tfoot>
      </table>
      {value.files.length > FIRST && (
        <Button minimal small className="jp-Autoegg-more" onClick={() => setAll(!all)}>
          {all ? trans.__('Show the largest only') : trans.__('Show all')}
        </Button>
      )}
    </>
  );
}
