import type { NotebookPanel } from '@jupyterlab/notebook';
import { JSONExt } from '@lumino/coreutils';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import type {
  IAutoegg,
  IAutoeggSettings,
  ICells,
  ICurrentNotebook,
  IKernelLink,
  IServerMonitor
} from './tokens';

export const DEFAULT_SETTINGS: IAutoeggSettings = {
  enabled: true,
  reshipOnSave: true,
  saveFirst: false,
  recordVersions: 'ask',
  showHint: true
};

/** Joins the server's and the current notebook's news into one signal. */
export class Autoegg implements IAutoegg {
  /** @param save keeps changed settings; without it they last as long as the page */
  constructor(
    readonly server: IServerMonitor,
    private readonly save: ((settings: Partial<IAutoeggSettings>) => Promise<void>) | null = null
  ) {
    server.changed.connect(this._emit, this);
  }

  get settings(): IAutoeggSettings {
    return this._settings;
  }

  set settings(value: IAutoeggSettings) {
    if (!JSONExt.deepEqual({ ...value }, { ...this._settings })) {
      this._settings = value;
      this._settingsChanged.emit(value);
    }
  }

  get current(): ICurrentNotebook | null {
    return this._current;
  }

  get cells(): ICells | null {
    return this._cells;
  }

  async set(settings: Partial<IAutoeggSettings>): Promise<void> {
    this.settings = { ...this._settings, ...settings };
    this._emit();
    await this.save?.(settings);
  }

  /** A notebook has been opened; it is forgotten when it is closed. */
  follow(panel: NotebookPanel, link: IKernelLink): void {
    this._links.set(panel, link);
    panel.disposed.connect(() => this._links.delete(panel));
    this._callbacks.forEach(callback => callback(panel, link));
  }

  eachNotebook(callback: (panel: NotebookPanel, link: IKernelLink) => void): void {
    this._callbacks.push(callback);
    this._links.forEach((link, panel) => callback(panel, link));
  }

  linkOf(widget: object): IKernelLink | null {
    return this._links.get(widget as NotebookPanel) ?? null;
  }

  setCells(cells: ICells | null): void {
    if (cells?.stale !== this._cells?.stale || cells?.refused !== this._cells?.refused) {
      this._cells = cells;
      this._emit();
    }
  }

  setCurrent(notebook: ICurrentNotebook | null): void {
    const [before, after] = [this._current?.link, notebook?.link];
    this._current = notebook;
    if (before !== after) {
      before?.changed.disconnect(this._emit, this);
      after?.changed.connect(this._emit, this);
    }
    this._emit();
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get settingsChanged(): ISignal<this, IAutoeggSettings> {
    return this._settingsChanged;
  }

  private _emit(): void {
    this._changed.emit();
  }

  private readonly _changed = new Signal<this, void>(this);
  private readonly _settingsChanged = new Signal<this, IAutoeggSettings>(this);
  private readonly _links = new Map<NotebookPanel, IKernelLink>();
  private readonly _callbacks: ((panel: NotebookPanel, link: IKernelLink) => void)[] = [];
  private _settings = DEFAULT_SETTINGS;
  private _current: ICurrentNotebook | null = null;
  private _cells: ICells | null = null;
}
