import type { TranslationBundle } from '@jupyterlab/translation';
import { Button, ReactWidget, UseSignal } from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';
import type { Message } from '@lumino/messaging';
import * as React from 'react';

import { CommandIDs } from './commandIds';
import { LibrarySentences } from './librarySentences';
import { libraryRows, shortVersion } from './rows';
import { Sentences } from './sentences';
import { ICONS } from './sidebar/libraryRow';
import type { IAutoegg } from './tokens';

/** What the status bar's item opens: each library in a line, and what a person most often does next. */
export class StatusPopup extends ReactWidget {
  constructor(private readonly options: StatusPopup.IOptions) {
    super();
    this.addClass('jp-Autoegg-popup');
    this.node.setAttribute('role', 'dialog');
    this.node.setAttribute('aria-label', options.trans.__('Library Code'));
  }

  protected override render(): JSX.Element {
    return (
      <UseSignal signal={this.options.model.changed}>
        {() => <PopupView {...this.options} />}
      </UseSignal>
    );
  }

  /** So that it can be used, and left with Escape, by keyboard. */
  protected override onAfterAttach(message: Message): void {
    super.onAfterAttach(message);
    void this.renderPromise?.then(() => this.node.querySelector('button')?.focus());
  }
}

export namespace StatusPopup {
  export interface IOptions {
    model: IAutoegg;
    commands: CommandRegistry;
    trans: TranslationBundle;
    onDone: () => void;
  }
}

function PopupView({ model, commands, trans, onDone }: StatusPopup.IOptions): JSX.Element {
  const words = new LibrarySentences(trans);
  const sentences = new Sentences(trans);
  const rows = libraryRows(model.current?.link.state ?? null, model.server.state);
  const placeholder = sentences.placeholder(model);
  const cells = sentences.cells(model);
  const action = (command: string, label: string): JSX.Element => (
    <Button
      className="jp-mod-styled jp-mod-reject"
      small
      disabled={!commands.isEnabled(command)}
      onClick={() => {
        onDone();
        void commands.execute(command);
      }}
    >
      {label}
    </Button>
  );
  return (
    <>
      {placeholder ? (
        <p>{placeholder.text}</p>
      ) : (
        <ul>
          {rows.map(row => {
            const Icon = ICONS[row.condition];
            return (
              <li key={row.path} title={words.explanation(row)}>
                <Icon.react tag="span" className="jp-Autoegg-icon" width="16px" />
                <span className="jp-Autoegg-name">{row.name}</span>
                <span className="jp-Autoegg-code">
                  {row.version ? shortVersion(row.version) : '–'}
                </span>
                <span>{words.condition(row.condition)}</span>
              </li>
            );
          })}
        </ul>
      )}
      {cells && <p>{cells}</p>}
      <p className="jp-Autoegg-hint">{sentences.spark(model)}</p>
      <div className="jp-Autoegg-actions">
        {action(CommandIDs.openSidebar, trans.__('Open the Panel'))}
        {!placeholder && action(CommandIDs.ship, trans.__('Ship Library'))}
        {cells && action(CommandIDs.runStale, trans.__('Run Stale Cells'))}
      </div>
    </>
  );
}
