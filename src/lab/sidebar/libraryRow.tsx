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
import { shortVersion } from '../rows';
import { Switch } from './switch';

/** Shape as well as colour, and the word beside it: the state can be read without seeing colours. */
export const ICONS: Record<RowCondition, LabIcon> = {
  current: checkIcon,
  waiting: refreshIcon,
  shipping: fileUploadIcon,
  building: buildIcon,
  broken: errorIcon,
  paused: pauseIcon,
  pinned: lockIcon,
  absent: circleEmptyIcon,
  new: circleEmptyIcon
};

/** One library of the current notebook; what there is to know beyond a glance is folded away. */
export function LibraryRow(props: {
  row: ILibraryRow;
  sentences: LibrarySentences;
  trans: TranslationBundle;
  isPending: boolean;
  isOpen: boolean;
  onToggle: (enabled: boolean) => void;
  onOpen: () => void;
  onRelease: () => void;
  onShow: (file: string, line: number | null) => void;
  children: () => React.ReactNode;
}): JSX.Element {
  const { row, sentences, trans, isPending, isOpen } = props;
  const id = React.useId();
  const Icon = ICONS[row.condition];
  const Caret = isOpen ? caretDownIcon : caretRightIcon;
  const failure = sentences.failure(row);
  const { failure: place } = row;
  return (
    <li className="jp-Autoegg-library" data-condition={row.condition} data-library={row.name}>
      <div className="jp-Autoegg-title">
        <button
          type="button"
          className="jp-Autoegg-fold"
          aria-expanded={isOpen}
          aria-controls={isOpen ? id : undefined}
          onClick={props.onOpen}
        >
          <Caret.react tag="span" className="jp-Autoegg-icon" width="16px" />
          <Icon.react tag="span" className="jp-Autoegg-icon jp-Autoegg-state" width="16px" />
          <span className="jp-Autoegg-name" title={row.name}>
            {row.name}
          </span>
          <span className="jp-Autoegg-version" title={row.version ?? undefined}>
            {row.version ? shortVersion(row.version) : '–'}
          </span>
        </button>
        <Switch
          label={trans.__('Keep %1 current', row.name)}
          isOn={row.enabled}
          isPending={isPending}
          onToggle={props.onToggle}
        />
      </div>
      <div className="jp-Autoegg-facts">
        <p>
          <span className="jp-Autoegg-condition" title={sentences.explanation(row)}>
            {sentences.condition(row.condition)}
          </span>
          {' · '}
          {sentences.size(row)}
        </p>
        <p className="jp-Autoegg-explanation">
          {row.condition === 'current' ? sentences.shipped(row) : sentences.explanation(row)}
        </p>
      </div>
      {failure && (
        <div className="jp-Autoegg-failure">
          <p>{failure}</p>
          {place?.file && (
            <Button
              minimal
              small
              className="jp-Autoegg-more"
              title={place.file}
              onClick={() => props.onShow(place.file!, place.line)}
            >
              {place.line === null
                ? trans.__('Open the file')
                : trans.__('Open at line %1', place.line)}
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
            onClick={props.onRelease}
          >
            {trans.__('Back to Newest')}
          </Button>
        </div>
      )}
      {isOpen && (
        <div id={id} className="jp-Autoegg-parts">
          {props.children()}
        </div>
      )}
    </li>
  );
}
