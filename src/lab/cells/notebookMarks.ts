import type { Cell } from '@jupyterlab/cells';
import type { ICodeCellModel } from '@jupyterlab/cells';
import type { CellList, NotebookPanel } from '@jupyterlab/notebook';
import type { IObservableList } from '@jupyterlab/observables';
import type { IStateDB } from '@jupyterlab/statedb';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { ISignal } from '@lumino/signaling';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';
import { Signal } from '@lumino/signaling';

import type { CellRuns } from '../../protocol';
import { CommandIDs } from '../commandIds';
import { libraryRows } from '../rows';
import type { IAutoegg, IKernelLink } from '../tokens';
import { CellMark } from './cellMark';
import type { IMark } from './marks';
import { marksOf, versionsNow } from './marks';
import type { ICellRun, INumberedCell } from './memory';
import { CellMemory } from './memory';
import { printOf } from './print';
import { METADATA, recordIn, recordOf, versionsIn } from './record';

/**
 * So few marks are updated one by one: once the styles of two cells have changed, the browser goes through all cells,
 * and is slow with those that it has never shown.
 */
const FEW = 4;

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
        panel.content.model?.contentChanged.connect(this._onContent, this);
        this._take();
      }
    });
    panel.content.node.addEventListener('contentvisibilityautostatechange', this._onNear);
    this._observer.observe(panel.content.node);
    panel.context.pathChanged.connect(this._onPath, this);
    link.changed.connect(this._take, this);
    model.server.changed.connect(this.update, this);
    model.settingsChanged.connect(this._record, this);
    panel.disposed.connect(() => this.dispose());
  }

  /** Emitted when another number of cells is stale, was refused, or ran too early. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** The cells that are stale or were refused, in the notebook's order. */
  get toRun(): Cell[] {
    return this.options.panel.content.widgets.filter(cell => this._marks.get(cell)?.mark);
  }

  get count(): number {
    return this._count;
  }

  /** How many cells were refused. */
  get refused(): number {
    return this._refused;
  }

  /** How many of the stale cells ran before autoegg was loaded. */
  get early(): number {
    return this._early;
  }

  /** The kernel's life that the marks are of. */
  get session(): string | null {
    return this._runs?.session ?? null;
  }

  dispose(): void {
    if (!this._isDisposed) {
      this._isDisposed = true;
      this._observer.disconnect();
      this._memory.dispose();
      Signal.clearData(this);
    }
  }

  /**
   * Redraws the marks, once for everything that one message changes; a hidden notebook is drawn when it is shown.
   * Not in a separate frame: the panel shows how many there are, so that a second frame would follow.
   */
  update(): void {
    this._isOld = true;
    if (!this._isDue && this._isReady && this._isSeen) {
      this._isDue = true;
      queueMicrotask(() => {
        this._isDue = false;
        this._draw();
      });
    }
  }

  private _take(): void {
    const runs = this.options.link.state?.runs ?? null;
    if (runs && runs !== this._runs && this._isReady) {
      this._runs = runs;
      const { file = null, line = null } = this.options.link.state?.refusal ?? {};
      const place = file === null ? null : { file, line };
      this._fresh = [...this._fresh, ...this._memory.take(runs, this._sources(), place)];
      this._record();
    }
    this.update();
  }

  /** Writes into the notebook's file what its cells ran on: only what ran since, and only if the user wants it. */
  private _record(): void {
    const { panel, model, link } = this.options;
    if (model.settings.recordVersions !== 'yes' || !this._fresh.length || !link.state) {
      return;
    }
    const fresh = new Set(this._fresh);
    this._fresh = [];
    for (const cell of panel.content.model?.cells ?? []) {
      const run = fresh.has(cell.id) ? this._memory.get(cell.id) : null;
      if (run?.versions && !run.refused) {
        cell.setMetadata(METADATA, recordOf(run.versions, link.state));
      } else if (run && cell.getMetadata(METADATA) !== undefined) {
        cell.deleteMetadata(METADATA);
      }
    }
  }

  private _readMetadata(): void {
    for (const cell of this.options.panel.content.model?.cells ?? []) {
      const { outputs, executionCount } = cell as Partial<ICodeCellModel>;
      const count = executionCount ?? null;
      const versions = versionsIn(recordIn(cell.metadata, metadataOf(outputs)));
      if (versions && count !== null) {
        this._memory.recall(cell.id, versions, count);
      }
    }
  }

  private _onPath(_: unknown, path: string): void {
    this._memory.move(path);
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

  /** The number of a run without a cell id may reach the notebook later than what the kernel says about it. */
  private _onContent(): void {
    if (this._runs?.numbered?.length) {
      this.update();
    }
  }

  private _match(): void {
    const fresh = this._runs ? this._memory.match(this._runs, this._numberedCells()) : [];
    if (fresh.length) {
      this._fresh = [...this._fresh, ...fresh];
      this._record();
    }
  }

  private *_numberedCells(): Iterable<INumberedCell> {
    for (const { model } of this.options.panel.content.widgets) {
      const count = model.type === 'code' ? (model as ICodeCellModel).executionCount : null;
      if (count !== null) {
        yield { id: this._idOf(model), count, source: () => printOf(sourceOf(model)) };
      }
    }
  }

  private _draw(): void {
    if (this._isDisposed) {
      return;
    }
    this._isOld = false;
    this._match();
    const { panel, link, model, trans } = this.options;
    const now = versionsNow(libraryRows(link.state, model.server.state));
    // Many cells ran on the same code, and most of it is what the libraries have now.
    const markOfCode = marksOf(now, trans);
    const news: CellMark[] = [];
    let count = 0;
    let early = 0;
    let refused = 0;
    for (const cell of panel.content.widgets) {
      const run = this._memory.get(this._idOf(cell.model));
      const due = run && markOfCode(run);
      const mark = due && hasResults(cell, run) ? due : null;
      count += mark?.kind === 'stale' ? 1 : 0;
      refused += mark?.kind === 'refused' ? 1 : 0;
      early += mark && run?.early ? 1 : 0;
      const known = this._marks.get(cell);
      if (known) {
        if (known.set(mark)) {
          news.push(known);
        }
      } else if (mark || run?.versions) {
        const made = new CellMark(cell, target => this._follow(target));
        made.set(mark);
        this._marks.set(cell, made);
        news.push(made);
      }
    }
    // All are asked before the first is drawn: to answer, the browser brings its styles up to date.
    const seen = news.filter(mark => !mark.isSkipped);
    for (const mark of seen) {
      mark.draw();
      if (seen.length <= FEW) {
        mark.settle();
      }
    }
    if (count !== this._count || early !== this._early || refused !== this._refused) {
      this._count = count;
      this._refused = refused;
      this._early = early;
      this._changed.emit();
    }
  }

  /** Shows what a mark is about. */
  private _follow(target: NonNullable<IMark['target']>): void {
    const { link, model, run } = this.options;
    if ('change' in target) {
      run(CommandIDs.openDiff, { ...target.change });
      return;
    }
    const { file, line } = target.place;
    const row = libraryRows(link.state, model.server.state).find(
      ({ path }) => file === path || file.startsWith(`${path}/`)
    );
    const library = row ? { key: row.key, name: row.name, path: row.path } : null;
    run(CommandIDs.openFile, { file, line, library });
  }

  /** A cell that comes near what is seen shows what it has not shown until then. */
  private readonly _onNear = (event: Event): void => {
    if (!(event as ContentVisibilityAutoStateChangeEvent).skipped) {
      const cell = this.options.panel.content.widgets.find(({ node }) => node === event.target);
      const mark = cell && this._marks.get(cell);
      mark?.draw();
    }
  };

  /** The id of a cell never changes, and a model looks it up each time. */
  private _idOf(model: Cell['model']): string {
    let id = this._ids.get(model);
    if (id === undefined) {
      this._ids.set(model, (id = model.id));
    }
    return id;
  }

  /** The code of a cell as it is now; the cells are searched only when needed. */
  private _sources(): (id: string) => string | undefined {
    let models: Map<string, Cell['model']> | null = null;
    return id => {
      models ??= new Map(this.options.panel.content.widgets.map(({ model }) => [model.id, model]));
      const model = models.get(id);
      return model && printOf(sourceOf(model));
    };
  }

  /**
   * Told when the notebook has been drawn once, and not before: until then the browser takes each of its cells for one that is out
   * of sight, and says nothing when that changes.
   */
  private readonly _observer = new IntersectionObserver(entries => {
    this._isSeen = entries[entries.length - 1].isIntersecting;
    if (this._isOld) {
      this.update();
    }
  });
  private readonly _memory: CellMemory;
  private readonly _changed = new Signal<this, void>(this);
  /** Of the cells that ran on code of a library, or were refused. */
  private readonly _marks = new WeakMap<Cell, CellMark>();
  private readonly _ids = new WeakMap<Cell['model'], string>();
  private _runs: CellRuns | null = null;
  private _fresh: string[] = [];
  private _count = 0;
  private _early = 0;
  private _refused = 0;
  private _isDue = false;
  private _isOld = true;
  private _isReady = false;
  private _isSeen = false;
  private _isDisposed = false;
}

export namespace NotebookMarks {
  export interface IOptions {
    panel: NotebookPanel;
    link: IKernelLink;
    model: IAutoegg;
    store: IStateDB | null;
    trans: TranslationBundle;
    /** Executes a command. */
    run: (command: string, args: ReadonlyPartialJSONObject) => void;
  }
}

/**
 * Whether what a cell did last is still to be seen: not when it was cleared, or when it is other code without an output. JupyterLab
 * clears a cell that waits for its run; until the kernel has run it, nothing about it is new.
 */
function hasResults(cell: Cell, run: ICellRun | null): boolean {
  const model = cell.model as ICodeCellModel;
  return (
    model.type === 'code' &&
    (model.executionState === 'running' || model.executionCount !== null) &&
    (model.executionState === 'running' ||
      model.outputs.length > 0 ||
      run?.source === undefined ||
      run.source === printOf(sourceOf(model)))
  );
}

function metadataOf(outputs?: ICodeCellModel['outputs']): unknown[] {
  return Array.from({ length: outputs?.length ?? 0 }, (_, index) => outputs!.get(index).metadata);
}

function sourceOf(model: Cell['model']): string {
  return model.sharedModel.getSource();
}
