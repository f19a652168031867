import type { TranslationBundle } from '@jupyterlab/translation';
import { Button } from '@jupyterlab/ui-components';
import * as React from 'react';

import { bytes } from '../format';
import { warningIcon } from '../icons';
import type { LibrarySentences } from '../librarySentences';
import type { ILibraryRow } from '../rows';
import type { IServerMonitor } from '../tokens';
import { Disclosure } from './disclosure';
import { useAsked } from './useAsked';

/** Number of files that are listed before the user asks for all. */
const FIRST = 10;

/** A path as the paths of the shipped files are: it begins with the library's name. */
const fromName = (root: string, path: string) => {
  const parent = root.slice(0, root.lastIndexOf('/') + 1);
  return path.startsWith(parent) ? path.slice(parent.length) : path;
};

/** A sentence in which the library's files are named as they are in the table below it. */
const shortPaths = (root: string, sentence: string) =>
  sentence.replaceAll(root.slice(0, root.lastIndexOf('/') + 1), '');

/** What would be shipped, the largest file first, each with the rule that it is shipped by; and what is left out, by which. */
export function ShippedFiles(props: {
  row: ILibraryRow;
  server: IServerMonitor;
  sentences: LibrarySentences;
  trans: TranslationBundle;
  /** Somebody wants to see the file that the manifest names so. */
  onShow: (member: string) => void;
}): JSX.Element | null {
  const { row, server, sentences, trans, onShow } = props;
  const [all, setAll] = React.useState(false);
  const [isLeftOut, setLeftOut] = React.useState(false);
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
  const sorted = [...value.files].sort((a, b) => b.size - a.size);
  const files = all ? sorted : sorted.slice(0, FIRST);
  const total = sorted.reduce((sum, { size }) => sum + size, 0);
  return (
    <>
      {value.warnings.map(warning => (
        <p className="jp-Autoegg-caution" key={warning}>
          <warningIcon.react tag="span" className="jp-Autoegg-icon" width="16px" />
          <span>{shortPaths(value.spec.path, warning)}</span>
        </p>
      ))}
      <table className="jp-Autoegg-table jp-Autoegg-paths">
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
              <td>
                <button
                  type="button"
                  className="jp-Autoegg-path jp-Autoegg-link"
                  title={path}
                  onClick={() => onShow(path)}
                >
                  <bdi>{path}</bdi>
                </button>
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
            <td className="jp-Autoegg-number">{bytes(total)}</td>
          </tr>
        </tfoot>
      </table>
      {value.files.length > FIRST && (
        <Button minimal small className="jp-Autoegg-more" onClick={() => setAll(!all)}>
          {all ? trans.__('Show the Largest Only') : trans.__('Show All')}
        </Button>
      )}
      {value.leftOut.length > 0 && (
        <Disclosure
          className="jp-Autoegg-leftOut"
          title={trans._n('%1 left out', '%1 left out', value.leftOut.length)}
          isOpen={isLeftOut}
          onToggle={() => setLeftOut(!isLeftOut)}
        >
          {() => (
            <table className="jp-Autoegg-table jp-Autoegg-paths">
              <thead>
                <tr>
                  <th scope="col">{trans.__('File')}</th>
                  <th scope="col">{trans.__('Rule')}</th>
                </tr>
              </thead>
              <tbody>
                {value.leftOut.map(({ path, rule }) => (
                  <tr key={path}>
                    <td className="jp-Autoegg-path" title={path}>
                      <bdi>{fromName(value.spec.path, path)}</bdi>
                    </td>
                    <td title={sentences.reason(rule)}>{sentences.rule(rule)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          )}
        </Disclosure>
      )}
    </>
  );
}
