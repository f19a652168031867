import { Button, errorIcon, infoIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import { warningIcon } from '../icons';
import type { INote } from '../sentences';

const ICONS = { info: infoIcon, warning: warningIcon, error: errorIcon };

/** One sentence about the notebook as a whole, and the next step where there is one. */
export function Note(props: { note: INote; onStep: (command: string) => void }): JSX.Element {
  const { kind, text, step } = props.note;
  const Icon = ICONS[kind];
  return (
    <div className="jp-Autoegg-note" data-kind={kind}>
      <Icon.react tag="span" className="jp-Autoegg-icon" width="16px" />
      <div className="jp-Autoegg-noteText">
        <p>{text}</p>
        {step && (
          <Button
            className="jp-mod-styled jp-mod-reject"
            small
            onClick={() => props.onStep(step.command)}
          >
            {step.label}
          </Button>
        )}
      </div>
    </div>
  );
}
