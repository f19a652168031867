import type { TranslationBundle } from '@jupyterlab/translation';
import { Button, errorIcon } from '@jupyterlab/ui-components';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';
import * as React from 'react';

import { warningIcon } from '../icons';
import type { INote } from '../sentences';

/** A note that needs no action has none. */
const ICONS = { info: null, warning: warningIcon, error: errorIcon };

/** One sentence about the notebook as a whole, and the next step where there is one. */
export function Note(props: {
  note: INote;
  trans: TranslationBundle;
  onStep: (command: string, args?: ReadonlyPartialJSONObject) => void;
  onShow?: (file: string, line: number | null) => void;
}): JSX.Element {
  const { trans, onStep, onShow } = props;
  const { kind, text, step, place } = props.note;
  const Icon = ICONS[kind];
  return (
    <div className="jp-Autoegg-note" data-kind={kind}>
      {Icon && <Icon.react tag="span" className="jp-Autoegg-icon" width="16px" />}
      <div className="jp-Autoegg-noteText">
        <p>{text}</p>
        {step && (
          <Button
            className="jp-mod-styled jp-mod-reject"
            small
            onClick={() => onStep(step.command, step.args)}
          >
            {step.label}
          </Button>
        )}
        {place && onShow && (
          <Button
            className="jp-mod-styled jp-mod-reject"
            small
            title={place.file}
            onClick={() => onShow(place.file, place.line)}
          >
            {place.line === null
              ? trans.__('Open the File')
              : trans.__('Open at Line %1', place.line)}
          </Button>
        )}
      </div>
    </div>
  );
}
