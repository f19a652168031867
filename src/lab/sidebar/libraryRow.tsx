import type { TranslationBundle } from '@jupyterlab/translation';
import type { LabIcon } from '@jupyterlab/ui-components';
import {
  Button,
  buildIcon,
  caretDownIcon,
  caretRightIcon,
  checkIcon,
  circleEmptyIcon,
  errorIcon,
  fileUploadIcon,
  lockIcon,
  pauseIcon,
  refreshIcon
} from '@jupyterlab/ui-components';
import * as React from 'react';

import type { LibrarySentences } from '../librarySentences';
import type { ILibraryRow, RowCondition } from '../rows';
import { Switch } from './switch';
import { VersionId } from './versionId';

/** Shape as well as colour, and the word next to it: the state can be read without seeing colours. */
export const ICONS: Record<RowCondition, LabIcon> = {
  current: checkIcon,
  waiting: refreshIcon,
  shipping: fileUploadIcon,
  building: buildIcon,
  broken: errorIcon,
  paused: pauseIcon,
  pinned: lockIcon,
  absent: circleEmptyIcon,
  new: circleEmptyIcon,
  driver: checkIcon
};

/** What a person can do with a row. */
export interface IRowActions {
  toggle: (row: ILibraryRow, enabled: boolean) => void;
  open: (row: ILibraryRow) => void;
  /** Shows its code. */
  visit: (row: ILibraryRow) => void;
  copy: (row: ILibraryRow, version: string) => void;
  release: (row: ILibraryRow) => void;
  show: (row: ILibraryRow, file: string, line: number | null) => void;
}

interface IProps {
  row: ILibraryRow;
  sentences: LibrarySentences;
  trans: TranslationBundle;
  actions: IRowActions;
  isPending: boolean;
  /** What is shown below the row; null while it is folded away. */
  details: (() => React.ReactNode) | null;
}

/** One library of the current notebook; what there is to know beyond a glance is folded away. */
function Row(props: IProps): JSX.Element {
  const { row, sentences, trans, actions, isPending, details } = props;
  const isOpen = details !== null;
  const id = React.useId();
  const Icon = ICONS[row.condition];
  const Caret = isOpen ? caretDownIcon : caretRightIcon;
  const failure = sentences.failure(row);
  const size = sentences.size(row);
  const { failure: place } = row;
  return (
    <li className="jp-Autoegg-library" data-condition={row.condition} data-library={row.name}>
      <div className="jp-Autoegg-title">
        <button
          type="button"
          className="jp-Autoegg-fold"
          aria-expanded={isOpen}
          aria-controls={isOpen ? id : undefined}
          aria-label={trans.__('%1: details', row.name)}
          title={isOpen ? trans.__('Hide details') : trans.__('Show details')}
          onClick={() => actions.open(row)}
        >
          <Caret.react tag="span" className="jp-Autoegg-icon" width="16px" />
          <Icon.react tag="span" className="jp-Autoegg-icon jp-Autoegg-state" width="16px" />
        </button>
        <button
          type="button"
          className="jp-Autoegg-name jp-Autoegg-link"
          title={trans.__('%1: open its code', row.name)}
          onClick={() => actions.visit(row)}
        >
          {row.name}
        </button>
        <VersionId
          version={row.version}
          trans={trans}
          onCopy={version => actions.copy(row, version)}
        />
        <Switch
          label={trans.__('Keep %1 up to date', row.name)}
          isOn={row.enabled && !row.suspended}
          isPending={isPending}
          obstacle={row.suspended ? trans.__('Switched off with the whole notebook') : null}
          onToggle={enabled => actions.toggle(row, enabled)}
        />
      </div>
      <div className="jp-Autoegg-facts">
        <p>
          <span className="jp-Autoegg-condition" title={sentences.explanation(row)}>
            {sentences.condition(row.condition)}
          </span>
          {size && ` · ${size}`}
        </p>
        <p className="jp-Autoegg-explanation">
          {row.condition === 'current' ? sentences.shipped(row) : sentences.explanation(row)}
        </p>
      </div>
      {row.progress !== null && (
        <div
          className="jp-Autoegg-progress"
          role="progressbar"
          aria-label={trans.__('Building %1', row.name)}
          aria-valuenow={Math.floor(row.progress * 100)}
        >
          <div style={{ width: `${row.progress * 100}%` }} />
        </div>
      )}
      {failure && (
        <div className="jp-Autoegg-failure">
          <p>{failure}</p>
          {place?.file && (
            <Button
              minimal
              small
              className="jp-Autoegg-more"
              title={place.file}
              onClick={() => actions.show(row, place.file!, place.line)}
            >
              {place.line === null
                ? trans.__('Open the File')
                : trans.__('Open at Line %1', place.line)}
            </Button>
          )}
        </div>
      )}
      {row.pinned && (
        <div className="jp-Autoegg-actions">
          <Button
            small
            className="jp-mod-styled jp-mod-reject"
            disabled={isPending}
            onClick={() => actions.release(row)}
          >
            {trans.__('Use Newest Version')}
          </Button>
        </div>
      )}
      {details && (
        <div id={id} className="jp-Autoegg-parts">
          {details()}
        </div>
      )}
    </li>
  );
}

/** Drawn again only if something is new about its library; rows and sentences are the same objects until then. */
export const LibraryRow = React.memo(Row);
