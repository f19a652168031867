import type { NotebookPanel } from '@jupyterlab/notebook';
import { Token } from '@lumino/coreutils';
import type { IDisposable } from '@lumino/disposable';
import type { ISignal } from '@lumino/signaling';

import type {
  ActionResult,
  Changes,
  Difference,
  FileText,
  Gift,
  Given,
  LibraryContents,
  KernelState,
  ServerState
} from '../protocol';

export const PLUGIN_ID = 'jupyterlab-autoegg:plugin';

/** Domain of this project's strings in JupyterLab's language packs. */
export const TRANSLATION_DOMAIN = 'jupyterlab_autoegg';

/** The settings of `schema/plugin.json`. */
export interface IAutoeggSettings {
  /** Whether a kernel is kept on the code on disk until its notebook says otherwise. */
  readonly enabled: boolean;
  /** Whether a save gives the patch egg to Spark at once instead of with the next cell. */
  readonly reshipOnSave: boolean;
  /** Whether library files that are open with unsaved changes are saved when a notebook is turned to. */
  readonly saveFirst: boolean;
  /** Whether the versions that a cell ran on are written into the cell's metadata, so into the notebook's file. */
  readonly recordVersions: 'ask' | 'yes' | 'no';
  /** Whether the panel explains itself to a user who sees it for the first time. */
  readonly showHint: boolean;
}

/** What of the settings a kernel has to know. */
export type KernelSettings = Pick<IAutoeggSettings, 'enabled' | 'reshipOnSave'>;

/** Something to ask of a kernel. */
export type Action =
  | { readonly name: 'ship' | 'state' | 'verify' }
  | { readonly name: 'set_enabled'; readonly enabled: boolean }
  | { readonly name: 'set_library'; readonly library: string; readonly enabled: boolean }
  | { readonly name: 'configure'; readonly settings: KernelSettings }
  | { readonly name: 'add'; readonly path: string }
  | { readonly name: 'remove' | 'restore' | 'release'; readonly library: string }
  | { readonly name: 'pin'; readonly library: string; readonly version: string }
  | { readonly name: 'unpersist' | 'recompute'; readonly id: number };

/**
 * How far the page is in touch with the kernel of one notebook.
 *
 * `none`: there is no kernel. `foreign`: it does not run Python. `dead`: it has died. `starting`, `restarting`: it is about
 * to run. `offline`: the page has lost it and tries to reach it again. `connecting`: no answer yet. `absent`: it runs without
 * the shim. `connected`: {@link IKernelLink.state} is what it said last.
 */
export type LinkCondition =
  | 'none'
  | 'foreign'
  | 'dead'
  | 'starting'
  | 'restarting'
  | 'offline'
  | 'connecting'
  | 'absent'
  | 'connected';

/** What one notebook's kernel runs, and how to ask something of it. Lives as long as the notebook is open. */
export interface IKernelLink extends IDisposable {
  /** Id of the kernel; null while there is none. */
  readonly kernel: string | null;
  readonly condition: LinkCondition;
  /** Why the shim is `absent`, in one sentence, where there is more to say than that. */
  readonly problem: string | null;
  readonly state: KernelState | null;
  /** Actions that have been asked for and not been answered; they wait for the running cell. */
  readonly pending: readonly Action[];
  /** The one of them that the kernel has begun with. */
  readonly active: Action | null;
  /** Whether the kernel is running a cell now, or performs an action. */
  readonly isBusy: boolean;
  readonly changed: ISignal<IKernelLink, void>;

  /**
   * @param onStart called when the kernel has begun with it: until then it waits for cells, and an interrupt would hit those
   * @throws Error with one sentence when the kernel cannot be asked or its answer is an error.
   */
  perform(action: Action, onStart?: () => void): Promise<ActionResult>;

  /** Interrupts whatever the kernel does now. @throws Error with one sentence. */
  interrupt(): Promise<void>;

  /** Loads the shim into the kernel if it lacks it, and opens the comm. */
  load(): Promise<void>;
}

/** What the server extension says of the daemon. */
export interface IServerMonitor extends IDisposable {
  /** Null until the server has answered. */
  readonly state: ServerState | null;
  /** Why there is no `state`, in one sentence: the server extension is not enabled, or cannot be reached. */
  readonly problem: string | null;
  readonly changed: ISignal<IServerMonitor, void>;
  /** Asks the server again. Never rejects: see {@link problem}. */
  refresh(): Promise<void>;
  /** Has the daemon started again. @throws Error with one sentence. */
  restart(): Promise<void>;
  /** What would be shipped of a library. @throws Error with one sentence. */
  contents(library: string): Promise<LibraryContents>;
  /** Which files differ between two versions. @throws Error with one sentence. */
  changes(library: string, from: string, to: string): Promise<Changes>;
  /** A file's lines in two versions. @throws Error with one sentence. */
  difference(library: string, path: string, from: string, to: string): Promise<Difference>;
  /** One file of a library, in its present version if none is named. @throws Error with one sentence. */
  file(library: string, path: string, version?: string): Promise<FileText>;
  /** Gives a folder of the server to a kernel behind its gateway. @throws Error with one sentence. */
  give(gift: Gift): Promise<Given>;
  /** Code that loads the shim into a kernel. @throws Error with one sentence. */
  bootstrap(): Promise<string>;
}

/** The notebook that is in front. */
export interface ICurrentNotebook {
  readonly name: string;
  /** Path on the server, as the contents manager has it. */
  readonly path: string;
  readonly link: IKernelLink;
}

/** What is known of the cells of the notebook in front. */
export interface ICells {
  /** How many cells show results of other code than the libraries have now. */
  readonly stale: number;
  /** How many cells were refused when they were run last. */
  readonly refused: number;
}

/** One model of all that the page knows; the interface only reads it and asks {@link IKernelLink.perform}. */
export interface IAutoegg {
  readonly server: IServerMonitor;
  readonly settings: IAutoeggSettings;
  readonly current: ICurrentNotebook | null;
  /** Null while no notebook is in front, and on pages that mark no cells. */
  readonly cells: ICells | null;
  readonly changed: ISignal<IAutoegg, void>;
  readonly settingsChanged: ISignal<IAutoegg, IAutoeggSettings>;
  /** Calls back for each notebook that is open, and for each that is opened later. */
  eachNotebook(callback: (panel: NotebookPanel, link: IKernelLink) => void): void;
  /** The link of an open notebook; null for any other widget. */
  linkOf(widget: object): IKernelLink | null;
  /** Changes settings of the user, for good. */
  set(settings: Partial<IAutoeggSettings>): Promise<void>;
  setCurrent(notebook: ICurrentNotebook | null): void;
  setCells(cells: ICells | null): void;
}

export const IAutoegg = new Token<IAutoegg>(
  'jupyterlab-autoegg:IAutoegg',
  "What code the current notebook's driver and Spark workers run."
);
