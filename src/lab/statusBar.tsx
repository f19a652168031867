import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import type { Popup } from '@jupyterlab/statusbar';
import { IStatusBar, showPopup, TextItem } from '@jupyterlab/statusbar';
import type { TranslationBundle } from '@jupyterlab/translation';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { VDomModel, VDomRenderer } from '@jupyterlab/ui-components';
import * as React from 'react';

import type { ILibraryRow } from './rows';
import { libraryRows, overallCondition, shortVersion } from './rows';
import { LibrarySentences } from './librarySentences';
import { Sentences } from './sentences';
import { StatusPopup } from './statusPopup';
import { IAutoegg, TRANSLATION_DOMAIN } from './tokens';

export const statusBar: JupyterFrontEndPlugin<void> = {
  id: 'jupyterlab-autoegg:status-bar',
  description: 'Shows in the status bar whether the current notebook runs the code on disk.',
  autoStart: true,
  requires: [IAutoegg],
  optional: [IStatusBar, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    model: IAutoegg,
    bar: IStatusBar | null,
    translator: ITranslator | null
  ) => {
    if (!bar) {
      return;
    }
    const trans = (translator ?? nullTranslator).load(TRANSLATION_DOMAIN);
    let popup: Popup | null = null;
    const item: StatusItem = new StatusItem(new StatusModel(model, trans), () => {
      popup?.dispose();
      const body = new StatusPopup({
        model,
        commands: app.commands,
        trans,
        onDone: () => popup?.dispose()
      });
      popup = showPopup({ body, anchor: item, align: 'left', hasDynamicSize: true });
    });
    bar.registerStatusItem('jupyterlab-autoegg:status-bar', {
      item,
      align: 'left',
      rank: 100,
      isActive: () => !!item.model?.text,
      activeStateChanged: item.model!.stateChanged
    });
  }
};

/** The status in a few words, empty where there is nothing to say. */
export class StatusModel extends VDomModel {
  constructor(
    private readonly source: IAutoegg,
    private readonly trans: TranslationBundle
  ) {
    super();
    this._words = new LibrarySentences(trans);
    source.changed.connect(this._onChanged, this);
    this._onChanged();
  }

  get text(): string {
    return this._text;
  }

  get caption(): string {
    return this._caption;
  }

  private _onChanged(): void {
    const [text, caption] = this._describe();
    if (text !== this._text || caption !== this._caption) {
      this._text = text;
      this._caption = caption;
      this.stateChanged.emit();
    }
  }

  private _describe(): [text: string, caption: string] {
    const { source, trans } = this;
    const link = source.current?.link;
    const sentences = new Sentences(trans);
    if (link?.condition === 'absent') {
      return [trans.__('autoegg · not loaded'), sentences.placeholder(source)?.text ?? ''];
    }
    if (!link?.state) {
      return ['', ''];
    }
    if (!link.state.enabled) {
      return [
        trans.__('autoegg · off'),
        trans.__('Switched off for this notebook; its libraries stay as they are.')
      ];
    }
    const rows = libraryRows(link.state, source.server.state);
    const condition = overallCondition(rows);
    if (!condition) {
      return ['', ''];
    }
    const lines = rows.map(row => this._line(row));
    const text =
      rows.length === 1
        ? lines[0]
        : trans.__('%1 libraries · %2', rows.length, this._words.condition(condition));
    return [text, lines.join('\n')];
  }

  /**
   * One library in a few words. To translate those of 50 libraries takes longer than everything else here, and a row has the same
   * words for as long as it exists.
   */
  private _line(row: ILibraryRow): string {
    let line = this._lines.get(row);
    if (line === undefined) {
      const version = row.version ? shortVersion(row.version) : '–';
      line = `${row.name} ${version} · ${this._words.condition(row.condition)}`;
      this._lines.set(row, line);
    }
    return line;
  }

  private readonly _words: LibrarySentences;
  private readonly _lines = new WeakMap<ILibraryRow, string>();
  private _text = '';
  private _caption = '';
}

/** A button, because it opens a popup: reachable and named for keyboard and screen reader. */
export class StatusItem extends VDomRenderer<StatusModel> {
  constructor(
    model: StatusModel,
    private readonly open: () => void
  ) {
    super(model);
    this.addClass('jp-mod-highlighted');
  }

  protected override render(): JSX.Element | null {
    if (!this.model?.text) {
      return null;
    }
    return (
      <TextItem
        source={this.model.text}
        title={this.model.caption}
        role="button"
        aria-haspopup="dialog"
        tabIndex={0}
        onClick={this.open}
        onKeyDown={event => {
          if (event.key === 'Enter' || event.key === ' ') {
            event.preventDefault();
            this.open();
          }
        }}
      />
    );
  }
}
