import type { TranslationBundle } from '@jupyterlab/translation';
import { Button, ReactWidget, UseSignal } from '@jupyterlab/ui-components';
import { CommandRegistry } from '@lumino/commands';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';
import type { Message } from '@lumino/messaging';
import * as React from 'react';

import { CommandIDs } from '../commandIds';
import { warningIcon } from '../icons';
import { LibrarySentences } from '../librarySentences';
import type { ILibraryRow } from '../rows';
import { libraryRows } from '../rows';
import { Sentences } from '../sentences';
import type { Timeline } from '../timeline';
import type { IAutoegg } from '../tokens';
import { Cached, olderIn } from './cached';
import { Disclosure } from './disclosure';
import { Header } from './header';
import { LibraryDetails } from './libraryDetails';
import type { IRowActions } from './libraryRow';
import { LibraryRow } from './libraryRow';
import { LiveRegion } from './liveRegion';
import { Note } from './note';
import type { Opened } from './opened';
import { Switch } from './switch';
import { TimelineView } from './timelineView';

/** The sidebar: what the current notebook's driver and Spark workers run. */
export class LibraryPanel extends ReactWidget {
  constructor(private readonly options: LibraryPanel.IOptions) {
    super();
    this.addClass('jp-SidePanel');
    this.addClass('jp-Autoegg');
    this.node.tabIndex = -1;
  }

  protected override render(): JSX.Element {
    const { model, opened } = this.options;
    return (
      <UseSignal signal={opened.changed}>
        {() => (
          <UseSignal signal={model.changed} shouldUpdate={() => this.isVisible}>
            {() => <LibraryView {...this.options} />}
          </UseSignal>
        )}
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
    opened: Opened;
    timeline: Timeline;
    trans: TranslationBundle;
  }
}

/** As many libraries are found without a filter. */
const MANY = 10;

/** The keys of a command, to follow its description; empty if it has none. */
function shortcut(commands: CommandRegistry, command: string): string {
  const keys = commands.keyBindings.filter(binding => binding.command === command).pop()?.keys;
  return keys ? ` (${CommandRegistry.formatKeystroke(keys)})` : '';
}

export function LibraryView(props: LibraryPanel.IOptions): JSX.Element {
  const { model, commands, opened, timeline, trans } = props;
  const sentences = new Sentences(trans);
  const words = React.useMemo(() => new LibrarySentences(trans), [trans]);
  const link = model.current?.link ?? null;
  const state = link?.state ?? null;
  const placeholder = sentences.placeholder(model);
  const rows = libraryRows(state, model.server.state);
  const [filter, setFilter] = React.useState('');
  const isLong = rows.length > MANY;
  const wanted = isLong && filter ? rows.filter(({ name }) => name.includes(filter)) : rows;
  const run = (command: string, args: ReadonlyPartialJSONObject = {}): void => {
    void commands.execute(command, args);
  };
  const isPending = (...names: string[]): boolean =>
    !!link?.pending.some(action => names.includes(action.name));
  const isPendingFor = (row: ILibraryRow): boolean =>
    !!link?.pending.some(action => 'library' in action && action.library === row.name);
  const show = (row: ILibraryRow | undefined, file: string, line: number | null): void => {
    const library = row ? { key: row.key, name: row.name, path: row.path } : null;
    run(CommandIDs.openFile, { library, file, line });
  };
  const actions = React.useMemo<IRowActions>(
    () => ({
      toggle: ({ name }, enabled) => run(CommandIDs.toggleLibrary, { library: name, enabled }),
      open: ({ path }) => opened.toggle(path),
      release: ({ name }) => run(CommandIDs.release, { library: name }),
      visit: ({ name }) => run(CommandIDs.openLibrary, { library: name }),
      copy: ({ name }, version) => run(CommandIDs.copyVersion, { library: name, version }),
      show
    }),
    [commands, opened]
  );
  const details = (row: ILibraryRow): JSX.Element => (
    <LibraryDetails
      row={row}
      state={state!}
      server={model.server}
      opened={opened}
      sentences={words}
      trans={trans}
      isPending={isPendingFor(row)}
      isVerifying={isPending('verify')}
      run={(command, args) => run(command, { library: row.name, ...args })}
    />
  );
  const cells = sentences.cells(model);
  const older = state?.cached.filter(data => olderIn(data, state).length).length ?? 0;

  return (
    <>
      <Header
        canAdd={!!state && !isPending('add')}
        canShip={!!state && !isPending('ship')}
        shortcut={shortcut(commands, CommandIDs.ship)}
        commands={commands}
        trans={trans}
      />
      <div className="jp-Autoegg-body">
        {state && (
          <div className="jp-Autoegg-master">
            <span className="jp-Autoegg-notebook" title={model.current?.name}>
              {model.current?.name}
            </span>
            <Switch
              label={trans.__('Keep the libraries of this notebook up to date')}
              isOn={state.enabled}
              isPending={isPending('set_enabled')}
              onToggle={enabled => run(CommandIDs.toggle, { enabled })}
            />
          </div>
        )}
        {model.settings.showHint && state && !placeholder && (
          <Note
            note={sentences.hint()}
            trans={trans}
            onStep={() => void model.set({ showHint: false })}
          />
        )}
        {sentences.notes(model).map(note => (
          <Note
            key={note.text}
            note={note}
            trans={trans}
            onStep={run}
            onShow={(file, line) =>
              show(
                rows.find(({ path }) => file === path || file.startsWith(`${path}/`)),
                file,
                line
              )
            }
          />
        ))}
        {state && !state.enabled && (
          <Note
            note={{
              kind: 'info',
              text: trans.__('Switched off for this notebook; its libraries stay as they are.')
            }}
            trans={trans}
            onStep={run}
          />
        )}
        {isLong && (
          <input
            type="search"
            className="jp-Autoegg-filter"
            aria-label={trans.__('Filter libraries')}
            placeholder={trans.__('Filter %1 libraries', rows.length)}
            value={filter}
            onChange={event => setFilter(event.target.value)}
          />
        )}
        {placeholder ? (
          <Note note={placeholder} trans={trans} onStep={run} />
        ) : (
          <ul className="jp-Autoegg-list" aria-label={trans.__('Libraries')}>
            {wanted.map(row => (
              <LibraryRow
                key={row.path}
                row={row}
                sentences={words}
                trans={trans}
                actions={actions}
                isPending={isPendingFor(row)}
                details={opened.has(row.path) ? () => details(row) : null}
              />
            ))}
            {(state?.removed ?? []).map(({ name, path }) => (
              <li key={path} className="jp-Autoegg-removed" title={path}>
                <span>{trans.__('%1: not kept up to date', name)}</span>
                <Button
                  minimal
                  small
                  className="jp-Autoegg-more"
                  disabled={isPending('restore')}
                  aria-label={trans.__('Add %1 back', name)}
                  onClick={() => run(CommandIDs.restoreLibrary, { library: name })}
                >
                  {trans.__('Add Back')}
                </Button>
              </li>
            ))}
          </ul>
        )}
        {state && state.cached.length > 0 && (
          <Disclosure
            className="jp-Autoegg-section"
            title={
              <>
                {trans.__('Cached Data')}
                <span className="jp-Autoegg-glance" data-equal={older === 0}>
                  {older > 0 && (
                    <warningIcon.react tag="span" className="jp-Autoegg-inline" width="12px" />
                  )}
                  {older
                    ? trans.__('%1 of %2 out of date', older, state.cached.length)
                    : state.cached.length}
                </span>
              </>
            }
            isOpen={opened.has('cached')}
            onToggle={() => opened.toggle('cached')}
          >
            {() => (
              <Cached
                state={state}
                trans={trans}
                isPending={isPending('unpersist', 'recompute')}
                onUnpersist={id => run(CommandIDs.unpersist, { id })}
                onRecompute={id => run(CommandIDs.recompute, { id })}
              />
            )}
          </Disclosure>
        )}
        {state && !placeholder && (
          <Disclosure
            className="jp-Autoegg-section"
            title={trans.__('Timeline')}
            isOpen={opened.has('timeline')}
            onToggle={() => opened.toggle('timeline')}
          >
            {() => <TimelineView moments={timeline.moments} now={Date.now()} trans={trans} />}
          </Disclosure>
        )}
      </div>
      {cells && (
        // Down here, because it comes and goes with every save.
        <div className="jp-Autoegg-stalebar">
          <button
            type="button"
            className="jp-Autoegg-link"
            title={trans.__('Go to the next such cell')}
            onClick={() => run(CommandIDs.nextStale)}
          >
            {cells}
          </button>
          <Button
            className="jp-mod-styled jp-mod-reject"
            small
            title={trans.__(
              'Re-run the cells that are out of date or did not run%1',
              shortcut(commands, CommandIDs.runStale)
            )}
            onClick={() => run(CommandIDs.runStale)}
          >
            {trans.__('Run Stale Cells')}
          </Button>
        </div>
      )}
      {state && (
        <div className="jp-Autoegg-footer" title={sentences.spark(model) ?? undefined}>
          {state.spark.web ? (
            <a href={state.spark.web} target="_blank" rel="noreferrer">
              {sentences.spark(model)}
            </a>
          ) : (
            sentences.spark(model)
          )}
        </div>
      )}
      <LiveRegion placeholder={placeholder?.text ?? null} rows={rows} sentences={words} />
    </>
  );
}
