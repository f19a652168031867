import { JSONExt } from '@lumino/coreutils';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import type {
  IAutoegg,
  IAutoeggSettings,
  ICells,
  ICurrentNotebook,
  IServerMonitor
} from './tokens';

export const DEFAULT_SETTINGS: IAutoeggSettings = {
  enabled: true,
  reshipOnSave: true,
  saveFirst: false,
  recordVersions: false
};

/** Joins the server's and the current notebook's news into one signal. */
export class Autoegg implements IAutoegg {
  constructor(readonly server: IServerMonitor) {
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

  setCells(cells: ICells | null): void {
    if (cells?.stale !== this._cells?.stale) {
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
  private _settings = DEFAULT_SETTINGS;
  private _current: ICurrentNotebook | null = null;
  private _cells: ICells | null = null;
}
