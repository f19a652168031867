import type { Cell } from '@jupyterlab/cells';
import type { ICodeCellModel } from '@jupyterlab/cells';
import type { CellList, NotebookPanel } from '@jupyterlab/notebook';
import type { IObservableList } from '@jupyterlab/observables';
import type { IStateDB } from '@jupyterlab/statedb';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import type { CellRuns } from '../../protocol';
import { libraryRows } from '../rows';
import type { IAutoegg, IKernelLink } from '../tokens';
import type { IMark } from './marks';
import { marksOf, versionsNow } from './marks';
import type { ICellRun } from './memory';
import { CellMemory } from './memory';

/** Where the versions of a cell's last run stand in the notebook's file. */
const METADATA = 'autoegg';

/** Marks the cells of one open notebook; what the cells show is compared with what the next cell would run. */
export class NotebookMarks {
  constructor(private readonly options: NotebookMarks.IOptions) {
    const { panel, link, model } = options;
    this._memory = new CellMemory(panel.context.path, options.store);
    void Promise.all([this._memory.ready, panel.context.ready]).then(() => {
      this._isReady = !this._isDisposed;
      if (this._isReady) {
        this._readMetadata();
        panel.content.model?.cells.changed.connect(this._onCells, this);
        this._take();
      }
    });
    link.changed.connect(this._take, this);
    model.server.changed.connect(this.update, this);
    model.settingsChanged.connect(this._record, this);
    panel.disposed.connect(() => this.dispose());
  }

  /** Emitted when another number of cells is stale. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** The stale cells, in the notebook's order. */
  get stale(): Cell[] {
    return this.options.panel.content.widgets.filter(
      cell => this._marks.get(cell.model.id)?.kind === 'stale'
    );
  }

  get count(): number {
    return this._count;
  }

  dispose(): void {
    if (!this._isDisposed) {
      this._isDisposed = true;
      this._memory.dispose();
      Signal.clearData(this);
    }
  }

  /**
   * Draws the marks anew, once for all that one piece of news changes; a notebook that nobody sees is drawn when it is shown.
   * Not in a frame of their own: the panel tells how many there are, so that a second frame would follow.
   */
  update(): void {
    this._isOld = true;
    if (!this._isDue && this._isReady && this.options.panel.isVisible) {
      this._isDue = true;
      queueMicrotask(() => {
        this._isDue = false;
        this._draw();
      });
    }
  }

  /** The notebook may have come into view. */
  show(): void {
    if (this._isOld) {
      this.update();
    }
  }

  private _take(): void {
    const runs = this.options.link.state?.runs ?? null;
    if (runs && runs !== this._runs && this._isReady) {
      this._runs = runs;
      this._fresh = [...this._fresh, ...this._memory.take(runs, this._sources())];
      this._record();
    }
    this.update();
  }

  /** Writes into the notebook's file what its cells ran on: only what ran since, and only if the user wants it. */
  private _record(): void {
    const { panel, model } = this.options;
    if (model.settings.recordVersions !== 'yes' || !this._fresh.length) {
      return;
    }
    const fresh = new Set(this._fresh);
    this._fresh = [];
    for (const cell of panel.content.model?.cells ?? []) {
      const run = fresh.has(cell.id) ? this._memory.get(cell.id) : null;
      if (run?.versions && !run.refused) {
        cell.setMetadata(METADATA, { versions: { ...run.versions } });
      } else if (run && cell.getMetadata(METADATA) !== undefined) {
        cell.deleteMetadata(METADATA);
      }
    }
  }

  private _readMetadata(): void {
    for (const cell of this.options.panel.content.model?.cells ?? []) {
      const { versions } = (cell.getMetadata(METADATA) ?? {}) as {
        versions?: Record<string, string>;
      };
      const count = cell.type === 'code' ? (cell as ICodeCellModel).executionCount : null;
      if (versions && count !== null) {
        this._memory.recall(cell.id, versions, count);
      }
    }
  }

  private _onCells(_: CellList, change: IObservableList.IChangedArgs<Cell['model']>): void {
    if (change.type === 'add' || change.type === 'set') {
      for (const cell of change.newValues) {
        const count = cell.type === 'code' ? (cell as ICodeCellModel).executionCount : null;
        if (count !== null) {
          this._memory.copy(count, cell.id);
        }
      }
    }
    this.update();
  }

  private _draw(): void {
    if (this._isDisposed) {
      return;
    }
    this._isOld = false;
    const { panel, link, model, trans } = this.options;
    const now = versionsNow(libraryRows(link.state, model.server.state));
    // Many cells ran on the same code, and most of it is what the libraries have now.
    const markOfCode = marksOf(now, trans);
    let count = 0;
    for (const cell of panel.content.widgets) {
      const run = this._memory.get(cell.model.id);
      const due = run && markOfCode(run);
      const mark = due && hasResults(cell, run) ? due : null;
      count += mark?.kind === 'stale' ? 1 : 0;
      this._show(cell, mark);
    }
    if (count !== this._count) {
      this._count = count;
      this._changed.emit();
    }
  }

  private _show(cell: Cell, mark: IMark | null): void {
    const before = this._marks.get(cell.model.id) ?? null;
    const shown = this._nodes.get(cell);
    if (mark?.text === before?.text && mark?.caption === before?.caption && !!mark === !!shown) {
      return;
    }
    cell.toggleClass('jp-Autoegg-stale', mark?.kind === 'stale');
    cell.toggleClass('jp-Autoegg-refused', mark?.kind === 'refused');
    if (!mark) {
      this._marks.delete(cell.model.id);
      this._nodes.delete(cell);
      shown?.remove();
      return;
    }
    this._marks.set(cell.model.id, mark);
    const node = shown ?? cell.node.appendChild(document.createElement('div'));
    this._nodes.set(cell, node);
    node.className = 'jp-Autoegg-cellMark';
    node.dataset.kind = mark.kind;
    node.setAttribute('role', 'note');
    node.title = mark.caption;
    node.textContent = mark.text;
  }

  /** The code of a cell as it is now; the cells are gone through only if somebody asks. */
  private _sources(): (id: string) => string | undefined {
    let models: Map<string, Cell['model']> | null = null;
    return id => {
      models ??= new Map(this.options.panel.content.widgets.map(({ model }) => [model.id, model]));
      const model = models.get(id);
      return model && printOf(model);
    };
  }

  private readonly _memory: CellMemory;
  private readonly _changed = new Signal<this, void>(this);
  private readonly _marks = new Map<string, IMark>();
  private readonly _nodes = new WeakMap<Cell, HTMLElement>();
  private _runs: CellRuns | null = null;
  private _fresh: string[] = [];
  private _count = 0;
  private _isDue = false;
  private _isOld = true;
  private _isReady = false;
  private _isDisposed = false;
}

export namespace NotebookMarks {
  export interface IOptions {
    panel: NotebookPanel;
    link: IKernelLink;
    model: IAutoegg;
    store: IStateDB | null;
    trans: TranslationBundle;
  }
}

/** Whether what a cell did last is still to be seen: not when it was cleared, or when it is other code without an output. */
function hasResults(cell: Cell, run: ICellRun | null): boolean {
  const model = cell.model as ICodeCellModel;
  return (
    model.type === 'code' &&
    model.executionCount !== null &&
    (model.outputs.length > 0 || run?.source === undefined || run.source === printOf(model))
  );
}

/** A short stand-in for a cell's code. */
function printOf(model: Cell['model']): string {
  const text = model.sharedModel.getSource().trim();
  let sum = 0;
  for (let index = 0; index < text.length; index++) {
    sum = (Math.imul(sum, 31) + text.charCodeAt(index)) | 0;
  }
  return `${text.length}.${sum}`;
}
