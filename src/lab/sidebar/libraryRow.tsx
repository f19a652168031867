import type { TranslationBundle } from '@jupyterlab/translation';
import type { LabIcon } from '@jupyterlab/ui-components';
import {
  buildIcon,
  checkIcon,
  circleEmptyIcon,
  errorIcon,
  fileUploadIcon,
  pauseIcon,
  refreshIcon
} from '@jupyterlab/ui-components';
import * as React from 'react';

import type { ILibraryRow, RowCondition } from '../rows';
import { shortVersion } from '../rows';
import type { Sentences } from '../sentences';
import { Switch } from './switch';

/** Shape as well as colour: the state can be read without seeing colours. */
const ICONS: Record<RowCondition, LabIcon> = {
  current: checkIcon,
  waiting: refreshIcon,
  shipping: fileUploadIcon,
  building: buildIcon,
  broken: errorIcon,
  paused: pauseIcon,
  new: circleEmptyIcon
};

/** One library of the current notebook. */
export function LibraryRow(props: {
  row: ILibraryRow;
  sentences: Sentences;
  trans: TranslationBundle;
  isPending: boolean;
  onToggle: (enabled: boolean) => void;
}): JSX.Element {
  const { row, sentences, trans, isPending, onToggle } = props;
  const Icon = ICONS[row.condition];
  const failure = sentences.failure(row);
  const shipped = sentences.shipped(row);
  return (
    <li className="jp-Autoegg-library" data-condition={row.condition} data-library={row.name}>
      <div className="jp-Autoegg-title">
        <Icon.react tag="span" className="jp-Autoegg-icon" width="16px" />
        <span className="jp-Autoegg-name" title={row.name}>
          {row.name}
        </span>
        <span className="jp-Autoegg-version" title={row.version ?? undefined}>
          {row.version ? shortVersion(row.version) : '–'}
        </span>
        <Switch
          label={trans.__('Keep %1 current', row.name)}
          isOn={row.enabled}
          isPending={isPending}
          onToggle={onToggle}
        />
      </div>
      <p className="jp-Autoegg-explanation">
        <span className="jp-Autoegg-condition">{sentences.condition(row.condition)}</span>
        {' · '}
        {sentences.explanation(row)}
      </p>
      {failure && <p className="jp-Autoegg-failure">{failure}</p>}
      <dl className="jp-Autoegg-details">
        <dt>{trans.__('Size')}</dt>
        <dd>{sentences.size(row)}</dd>
        <dt>{trans.__('Root')}</dt>
        <dd className="jp-Autoegg-path" title={row.path}>
          <bdi>{row.path}</bdi>
        </dd>
        <dt>{trans.__('Shipped')}</dt>
        <dd>{shipped ?? trans.__('not yet')}</dd>
      </dl>
    </li>
  );
}
