import type { IEditorLanguageRegistry } from '@jupyterlab/codemirror';
import type { TranslationBundle } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';

import { shortVersion } from '../rows';
import type { IServerMonitor } from '../tokens';
import type { IOpenedLibrary } from '../libraryFiles';
import { pathOfMember } from '../libraryFiles';
import type { ISideBySide } from './sideBySide';

type Kind = 'changed' | 'added' | 'removed';

/** The files that differ between two versions of a library, one at a time and side by side. */
export class DiffWidget extends Widget {
  constructor(private readonly options: DiffWidget.IOptions) {
    super();
    this.addClass('jp-Autoegg-compare');
    const { trans, from, to } = options;
    this._choice.setAttribute('aria-label', trans.__('Changed file'));
    this._choice.addEventListener('change', () => void this._draw());
    this._button.type = 'button';
    this._button.className = 'jp-Button jp-mod-styled jp-mod-minimal jp-Autoegg-compareOpen';
    this._button.textContent = trans.__('Open File');
    this._button.addEventListener('click', () => {
      options.onOpen(pathOfMember(this._choice.value, options.library));
    });
    const bar = element('div', 'jp-Autoegg-compareBar', this._choice, this._button);
    const heads = element(
      'div',
      'jp-Autoegg-compareHeads',
      element('span', '', shortVersion(from)),
      element('span', '', shortVersion(to))
    );
    this._message.setAttribute('role', 'status');
    this.node.append(bar, heads, this._message, this._host);
    void this._load(options.path);
  }

  /** Shows one of the files; the one that is shown, for null. */
  async choose(path: string | null): Promise<void> {
    if (path !== null && this._kinds.has(path)) {
      this._choice.value = path;
      await this._draw();
    }
  }

  override dispose(): void {
    this._view?.destroy();
    this._view = null;
    super.dispose();
  }

  private async _load(path: string | null): Promise<void> {
    const { server, library, from, to, trans } = this.options;
    try {
      const changes = await server.changes(library.key, from, to);
      const words = {
        changed: trans.__('changed'),
        added: trans.__('added'),
        removed: trans.__('removed')
      };
      for (const kind of ['changed', 'added', 'removed'] as const) {
        for (const file of changes[kind]) {
          this._kinds.set(file, kind);
          this._choice.append(new Option(`${file} (${words[kind]})`, file));
        }
      }
      if (path !== null && this._kinds.has(path)) {
        this._choice.value = path;
      }
      await this._draw();
    } catch (error) {
      this._say((error as Error).message);
    }
  }

  private async _draw(): Promise<void> {
    const { server, library, from, to, languages, trans } = this.options;
    const path = this._choice.value;
    const kind = this._kinds.get(path);
    this._button.hidden = !kind || kind === 'removed';
    if (!kind) {
      this._say(trans.__('No file differs between these versions.'));
      return;
    }
    const textOf = async (version: string, isThere: boolean): Promise<string> =>
      isThere ? (await server.file(library.key, path, version)).text : '';
    try {
      const [before, after, { sideBySide }] = await Promise.all([
        textOf(from, kind !== 'added'),
        textOf(to, kind !== 'removed'),
        // Loaded on the first comparison.
        import('./sideBySide')
      ]);
      if (this.isDisposed || this._choice.value !== path) {
        return;
      }
      this._say('');
      this._view?.destroy();
      this._view = await sideBySide(
        this._host,
        { name: path, before, after },
        languages,
        trans.__('%1, before', path),
        trans.__('%1, after', path)
      );
    } catch (error) {
      this._say((error as Error).message);
    }
  }

  /** A sentence instead of the files. */
  private _say(message: string): void {
    this._message.textContent = message;
    this._message.hidden = !message;
    this._host.hidden = !!message;
  }

  private readonly _choice = document.createElement('select');
  private readonly _button = document.createElement('button');
  private readonly _message = element('p', 'jp-Autoegg-compareMessage');
  private readonly _host = element('div', 'jp-Autoegg-compareHost');
  private readonly _kinds = new Map<string, Kind>();
  private _view: ISideBySide | null = null;
}

export namespace DiffWidget {
  export interface IOptions {
    server: IServerMonitor;
    library: IOpenedLibrary & { key: string };
    from: string;
    to: string;
    /** As a manifest names it; the first that differs, if null. */
    path: string | null;
    languages: IEditorLanguageRegistry | null;
    trans: TranslationBundle;
    /** Somebody wants to edit the file at an absolute path. */
    onOpen: (file: string) => void;
  }
}

function element(tag: string, className: string, ...children: (Node | string)[]): HTMLElement {
  const node = document.createElement(tag);
  node.className = className;
  node.append(...children);
  return node;
}
