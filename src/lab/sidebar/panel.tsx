import type { TranslationBundle } from '@jupyterlab/translation';
import { Button, ReactWidget, UseSignal } from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';
import type { Message } from '@lumino/messaging';
import * as React from 'react';

import { CommandIDs } from '../commandIds';
import { shipIcon } from '../icons';
import { libraryRows } from '../rows';
import { Sentences } from '../sentences';
import type { IAutoegg } from '../tokens';
import { LibraryRow } from './libraryRow';
import { Note } from './note';
import { Switch } from './switch';

/** The sidebar: what the current notebook's driver and Spark workers run. */
export class LibraryPanel extends ReactWidget {
  constructor(private readonly options: LibraryPanel.IOptions) {
    super();
    this.addClass('jp-SidePanel');
    this.addClass('jp-Autoegg');
    this.node.tabIndex = -1;
  }

  protected override render(): JSX.Element {
    const { model } = this.options;
    return (
      <UseSignal signal={model.changed} shouldUpdate={() => this.isVisible}>
        {() => <LibraryView {...this.options} />}
      </UseSignal>
    );
  }

  /** Nothing is drawn while the panel is hidden, so that it has to catch up when it is shown. */
  protected override onAfterShow(message: Message): void {
    super.onAfterShow(message);
    this.update();
  }

  protected override onActivateRequest(): void {
    this.node.focus();
  }
}

export namespace LibraryPanel {
  export interface IOptions {
    model: IAutoegg;
    commands: CommandRegistry;
    trans: TranslationBundle;
  }
}

export function LibraryView(props: LibraryPanel.IOptions): JSX.Element {
  const { model, commands, trans } = props;
  const sentences = new Sentences(trans);
  const link = model.current?.link ?? null;
  const state = link?.state ?? null;
  const placeholder = sentences.placeholder(model);
  const rows = libraryRows(state, model.server.state);
  const run = (command: string, args = {}): void => {
    void commands.execute(command, args);
  };
  const isPending = (name: string, library?: string): boolean =>
    !!link?.pending.some(
      action =>
        action.name === name && (!library || ('library' in action && action.library === library))
    );

  return (
    <>
      <div className="jp-SidePanel-header jp-Autoegg-header">
        <h2>{trans.__('Library Code')}</h2>
        <Button
          className="jp-Autoegg-ship"
          minimal
          disabled={!state || isPending('ship')}
          title={trans.__('Ship library: build, reload and give it to Spark now')}
          aria-label={trans.__('Ship library')}
          onClick={() => run(CommandIDs.ship)}
        >
          <shipIcon.react tag="span" width="16px" />
        </Button>
      </div>
      <div className="jp-Autoegg-body">
        {state && (
          <div className="jp-Autoegg-master">
            <span className="jp-Autoegg-notebook" title={model.current?.name}>
              {model.current?.name}
            </span>
            <Switch
              label={trans.__('Keep the libraries of this notebook current')}
              isOn={state.enabled}
              isPending={isPending('set_enabled')}
              onToggle={enabled => run(CommandIDs.toggle, { enabled })}
            />
          </div>
        )}
        {sentences.notes(model).map(note => (
          <Note key={note.text} note={note} onStep={run} />
        ))}
        {state && !state.enabled && (
          <Note
            note={{
              kind: 'info',
              text: trans.__('Switched off for this notebook: its libraries stay as they are.')
            }}
            onStep={run}
          />
        )}
        {placeholder ? (
          <Note note={placeholder} onStep={run} />
        ) : (
          <ul className="jp-Autoegg-list" aria-label={trans.__('Libraries')}>
            {rows.map(row => (
              <LibraryRow
                key={row.path}
                row={row}
                sentences={sentences}
                trans={trans}
                isPending={isPending('set_library', row.name)}
                onToggle={enabled => run(CommandIDs.toggleLibrary, { library: row.name, enabled })}
              />
            ))}
          </ul>
        )}
      </div>
      {state && (
        <div className="jp-Autoegg-footer" title={sentences.spark(model) ?? undefined}>
          {sentences.spark(model)}
        </div>
      )}
      <div className="jp-Autoegg-live" role="status" aria-live="polite">
        {placeholder?.text ??
          rows.map(row => `${row.name} ${sentences.condition(row.condition)}`).join(', ')}
      </div>
    </>
  );
}
