import type { JupyterFrontEnd } from '@jupyterlab/application';
import { Notification } from '@jupyterlab/apputils';
import type { Cell } from '@jupyterlab/cells';
import { PathExt } from '@jupyterlab/coreutils';
import type { IDocumentManager } from '@jupyterlab/docmanager';
import type { DocumentRegistry } from '@jupyterlab/docregistry';
import type { Notebook, NotebookPanel } from '@jupyterlab/notebook';
import { NotebookActions } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';

import { pathOnDisk } from '../serverRoot';
import type { IAutoegg, IKernelLink } from '../tokens';

/** Milliseconds in which cells that are run together are reported together. */
const TOGETHER = 100;

/** Points out library files that are open with unsaved changes when a cell runs without them, or saves them before. */
export class UnsavedChanges {
  constructor(private readonly options: UnsavedChanges.IOptions) {
    NotebookActions.executionScheduled.connect(this._onScheduled, this);
    options.app.shell.currentChanged?.connect(this._onCurrent, this);
  }

  /** Documents of the notebook's libraries with changes that are not on disk. */
  find(link: IKernelLink): DocumentRegistry.Context[] {
    const { app, documents } = this.options;
    const libraries = (link.state?.libraries ?? []).filter(({ enabled }) => enabled);
    const found = new Set<DocumentRegistry.Context>();
    for (const widget of app.shell.widgets('main')) {
      const context = documents.contextForWidget(widget);
      if (!context?.model.dirty) {
        continue;
      }
      const file = pathOnDisk(documents.services.contents.localPath(context.path));
      if (libraries.some(({ path }) => file === path || file.startsWith(`${path}/`))) {
        found.add(context as DocumentRegistry.Context);
      }
    }
    return [...found];
  }

  private _onCurrent(): void {
    const { app, model, linkOf } = this.options;
    const link =
      model.settings.saveFirst && app.shell.currentWidget && linkOf(app.shell.currentWidget);
    if (link) {
      void save(this.find(link));
    }
  }

  private _onScheduled(_: unknown, { notebook, cell }: { notebook: Notebook; cell: Cell }): void {
    const panel = notebook.parent as NotebookPanel | null;
    const link = panel && this.options.linkOf(panel);
    if (!link?.state?.enabled) {
      return;
    }
    const contexts = this.find(link);
    if (!contexts.length) {
      return;
    }
    this._cells.push(cell);
    this._timer ??= setTimeout(() => {
      const cells = this._cells;
      [this._timer, this._cells] = [null, []];
      this._tell(panel!, contexts, cells);
    }, TOGETHER);
  }

  private _tell(panel: NotebookPanel, contexts: DocumentRegistry.Context[], cells: Cell[]): void {
    const { trans } = this.options;
    const names = contexts.map(({ path }) => PathExt.basename(path)).join(', ');
    const text = trans._n(
      '%2 has unsaved changes; the cell runs without them.',
      '%2 have unsaved changes; the cell runs without them.',
      contexts.length,
      names
    );
    // One at a time: a person who runs cells knows it by now.
    if (this._shown) {
      Notification.dismiss(this._shown);
    }
    this._shown = Notification.emit(text, 'warning', {
      autoClose: 15_000,
      actions: [
        {
          label: trans.__('Save and Run Again'),
          displayType: 'accent',
          callback: () => {
            void save(contexts).then(() =>
              NotebookActions.runCells(
                panel.content,
                cells.filter(cell => !cell.isDisposed),
                panel.sessionContext
              )
            );
          }
        }
      ]
    });
  }

  private _cells: Cell[] = [];
  private _timer: ReturnType<typeof setTimeout> | null = null;
  private _shown: string | null = null;
}

export namespace UnsavedChanges {
  export interface IOptions {
    app: JupyterFrontEnd;
    documents: IDocumentManager;
    model: IAutoegg;
    /** The link of a notebook that is open; null for other widgets. */
    linkOf: (widget: object) => IKernelLink | null;
    trans: TranslationBundle;
  }
}

async function save(contexts: DocumentRegistry.Context[]): Promise<void> {
  await Promise.all(contexts.map(context => context.save()));
}
