import { URLExt } from '@jupyterlab/coreutils';
import type { Event } from '@jupyterlab/services';
import { ServerConnection } from '@jupyterlab/services';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import type {
  Changes,
  Difference,
  FileText,
  Gift,
  Given,
  LibraryContents,
  ServerState
} from '../protocol';
import { PROTOCOL } from '../protocol';
import { shared } from './sharing';
import type { IServerMonitor } from './tokens';

export const STATE_SCHEMA = 'https://schema.jupyter.org/jupyterlab_autoegg/state/v1';

/** Follows the server extension: the state once by REST, each later one as an event (events are not replayed). */
export class ServerMonitor implements IServerMonitor {
  constructor(options: ServerMonitor.IOptions) {
    this._settings = options.serverSettings;
    this._events = options.events;
    this._events.stream.connect(this._onEvent, this);
  }

  get state(): ServerState | null {
    return this._state;
  }

  get problem(): string | null {
    return this._problem;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    this._events.stream.disconnect(this._onEvent, this);
    Signal.clearData(this);
  }

  async refresh(): Promise<void> {
    const seen = this._received;
    try {
      const state = (await this._request('state')) as ServerState;
      // An event that came meanwhile is newer than this answer.
      if (seen === this._received) {
        this._accept(state);
      }
    } catch (error) {
      if (seen === this._received) {
        this._fail((error as Error).message);
      }
    }
  }

  async restart(): Promise<void> {
    await this._request('restart', { method: 'POST' });
    await this.refresh();
  }

  contents(library: string): Promise<LibraryContents> {
    return this._ask('contents', { library });
  }

  changes(library: string, from: string, to: string): Promise<Changes> {
    return this._ask('changes', { library, from, to });
  }

  difference(library: string, path: string, from: string, to: string): Promise<Difference> {
    return this._ask('diff', { library, path, from, to });
  }

  file(library: string, path: string, version?: string): Promise<FileText> {
    return this._ask('file', { library, path, ...(version && { version }) });
  }

  async bootstrap(): Promise<string> {
    const { code } = (await this._request('bootstrap')) as { code: string };
    return code;
  }

  async give(gift: Gift): Promise<Given> {
    const init = { method: 'POST', body: JSON.stringify(gift) };
    return (await this._request('give', init, true)) as Given;
  }

  private _onEvent(_: unknown, emission: Event.Emission): void {
    if (emission.schema_id === STATE_SCHEMA) {
      this._received++;
      this._accept({ protocol: PROTOCOL, ...emission } as unknown as ServerState);
    }
  }

  private _accept({ protocol, daemon, libraries }: ServerState): void {
    if (protocol !== PROTOCOL) {
      this._fail(
        `The server extension speaks protocol ${protocol}, this page ${PROTOCOL}: reload the page.`
      );
      return;
    }
    const before = this._state;
    this._state = shared(before, { protocol, daemon, libraries });
    if (this._state !== before) {
      this._problem = null;
      this._emit();
    }
  }

  private _fail(problem: string): void {
    this._state = null;
    this._problem = problem;
    this._emit();
  }

  private _emit(): void {
    if (!this._isDisposed) {
      this._changed.emit();
    }
  }

  /** A refusal of the server is one sentence that a person can read, so it becomes the whole message. */
  private async _ask<T>(endpoint: string, question: Record<string, string>): Promise<T> {
    return (await this._request(endpoint + URLExt.objectToQueryString(question))) as T;
  }

  private async _request(
    endpoint: string,
    init: RequestInit = {},
    toPerson = endpoint.includes('?')
  ): Promise<unknown> {
    const [path, query] = endpoint.split('?');
    const url = URLExt.join(this._settings.baseUrl, 'autoegg', path) + (query ? `?${query}` : '');
    const response = await ServerConnection.makeRequest(url, init, this._settings);
    if (!response.ok) {
      const reason = await ServerConnection.ResponseError.create(response);
      if (toPerson) {
        throw new Error(reason.message);
      }
      throw new Error(
        response.status === 404
          ? 'The server extension jupyterlab_autoegg is not enabled: run "jupyter server extension enable jupyterlab_autoegg" and start Jupyter again.'
          : `The server answered ${endpoint} with ${response.status}: ${reason.message}`
      );
    }
    const text = await response.text();
    return text ? JSON.parse(text) : null;
  }

  private readonly _settings: ServerConnection.ISettings;
  private readonly _events: Event.IManager;
  private readonly _changed = new Signal<this, void>(this);
  private _state: ServerState | null = null;
  private _problem: string | null = null;
  private _received = 0;
  private _isDisposed = false;
}

export namespace ServerMonitor {
  export interface IOptions {
    serverSettings: ServerConnection.ISettings;
    events: Event.IManager;
  }
}
