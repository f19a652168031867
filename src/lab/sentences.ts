import type { TranslationBundle } from '@jupyterlab/translation';
import type { ReadonlyJSONObject } from '@lumino/coreutils';

import type { KernelState } from '../protocol';
import { doing } from './actionSentences';
import { CommandIDs } from './commandIds';
import { bytes } from './format';
import { withPlace } from './librarySentences';
import type { ILibraryRow } from './rows';
import { libraryRows } from './rows';
import type { IAutoegg } from './tokens';

/** What the panel says about the notebook as a whole. */
export interface INote {
  readonly kind: 'info' | 'warning' | 'error';
  readonly text: string;
  /** The one next step, where a command can take it. */
  readonly step?: IStep;
  /** The place in a library's file that it is about. */
  readonly place?: { readonly file: string; readonly line: number | null };
}

export interface IStep {
  readonly label: string;
  readonly command: string;
  readonly args?: ReadonlyJSONObject;
}

/** Why the last cell did not run, while that is still so; `repaired`: the code has been fixed since. */
type Refusal = 'now' | 'told' | 'repaired';

/** Every sentence that depends on a state. The words of commands stand with the commands. */
export class Sentences {
  constructor(private readonly trans: TranslationBundle) {}

  /** Why there are no libraries to show; null if there are some. */
  placeholder(model: IAutoegg): INote | null {
    const { trans } = this;
    const link = model.current?.link;
    if (!link) {
      return info(trans.__('Open a notebook to see which code its driver and Spark workers run.'));
    }
    switch (link.condition) {
      case 'none':
        return {
          ...info(trans.__('This notebook has no kernel; choose one to see its libraries.')),
          step: { label: trans.__('Select Kernel…'), command: 'notebook:change-kernel' }
        };
      case 'foreign':
        return info(
          trans.__(
            'This kernel does not run Python; choose a Python kernel to keep libraries up to date.'
          )
        );
      case 'dead':
        return {
          kind: 'error',
          text: trans.__('The kernel has died; restart it.'),
          step: { label: trans.__('Restart Kernel…'), command: 'notebook:restart-kernel' }
        };
      case 'starting':
        return info(trans.__('The kernel is starting.'));
      case 'restarting':
        return info(
          trans.__('The kernel is restarting; run your imports again to see its libraries.')
        );
      case 'offline':
        return {
          kind: 'warning',
          text: trans.__('This page has lost the kernel and is trying to reach it again.'),
          step: { label: trans.__('Reconnect'), command: 'notebook:reconnect-to-kernel' }
        };
      case 'connecting':
        return info(trans.__('Waiting for the kernel; a running cell has to finish first.'));
      case 'absent':
        return {
          kind: 'warning',
          text: link.problem
            ? trans.__('autoegg is not loaded in this kernel: %1', link.problem)
            : trans.__(
                'autoegg is not loaded in this kernel, so its libraries are not kept up to date.'
              ),
          step: { label: trans.__('Load autoegg'), command: CommandIDs.load }
        };
      case 'connected':
        return link.state?.libraries.length || link.state?.removed.length
          ? null
          : info(
              trans.__(
                'None of your libraries is imported yet; import one in a cell to list it here.'
              )
            );
    }
  }

  /** What is shown above the libraries: the most urgent first. */
  notes(model: IAutoegg): INote[] {
    const { trans } = this;
    const link = model.current?.link;
    const state = link?.state ?? null;
    const notes: INote[] = [];
    if (link?.condition === 'absent') {
      // The kernel comes first; its placeholder has the next step.
      return notes;
    }
    const refusal = state && refusalOf(state, libraryRows(state, model.server.state));
    if (refusal === 'repaired') {
      notes.push({
        ...info(trans.__('Repaired: run the cell again.')),
        ...(model.cells?.refused && {
          step: { label: trans.__('Run Stale Cells'), command: CommandIDs.runStale }
        })
      });
    } else if (state?.refusal && refusal === 'now') {
      const { message, file, line } = state.refusal;
      notes.push({
        kind: 'error',
        text: trans.__('The last cell did not run: %1', withPlace(message, file, line)),
        ...(file && { place: { file, line } })
      });
    }
    if (state?.receiving) {
      const { library, done, total } = state.receiving;
      notes.push({
        ...info(
          trans.__(
            'Receiving %1 from the Jupyter server: %2 of %3',
            library,
            bytes(done),
            bytes(total)
          )
        ),
        step: { label: trans.__('Cancel'), command: 'notebook:interrupt-kernel' }
      });
    }
    if (link?.active) {
      notes.push({
        ...info(doing(link.active, trans)),
        step: { label: trans.__('Cancel'), command: 'notebook:interrupt-kernel' }
      });
    } else if (link?.isBusy && link.pending.length) {
      notes.push({
        ...info(trans.__('Your request runs when the current cell finishes.')),
        step: { label: trans.__('Interrupt the Cell'), command: 'notebook:interrupt-kernel' }
      });
    }
    const daemon = model.server.state?.daemon;
    if (model.server.problem) {
      notes.push({ kind: 'warning', text: model.server.problem });
    } else if (daemon?.condition === 'unavailable' || daemon?.condition === 'restarting') {
      notes.push({
        kind: 'warning',
        text: daemon.message ?? trans.__('The daemon that watches your libraries is not running.'),
        step: { label: trans.__('Try Again'), command: CommandIDs.restartDaemon }
      });
    } else if (state?.daemon.condition === 'fallback') {
      notes.push({
        kind: 'warning',
        text:
          state.daemon.message ??
          trans.__(
            'This kernel has no library daemon: the driver is kept up to date, but nothing can be sent to Spark.'
          )
      });
    }
    return notes;
  }

  /** For a user who sees the panel for the first time. */
  hint(): INote {
    const { trans } = this;
    return {
      ...info(
        trans.__(
          'Edit and save your library: the next cell runs the new code, in the driver and on every Spark worker. Each library that a cell imports is listed below; expand one for details.'
        )
      ),
      step: { label: trans.__('Got It'), command: '' }
    };
  }

  /** How many cells of the notebook should be run again; null if none. */
  cells(model: IAutoegg): string | null {
    const { trans } = this;
    const { stale = 0, refused = 0 } = model.cells ?? {};
    const parts = [
      stale && trans._n('%1 cell is out of date', '%1 cells are out of date', stale),
      refused && trans._n('%1 cell did not run', '%1 cells did not run', refused)
    ];
    return parts.filter(Boolean).join(' · ') || null;
  }

  /** Where the libraries go. */
  spark(model: IAutoegg): string | null {
    const { trans } = this;
    const state = model.current?.link.state;
    if (!state) {
      return null;
    }
    const { kind, application, master } = state.spark;
    switch (kind) {
      case 'none':
        return trans.__('No Spark session yet: only the driver is kept up to date.');
      case 'starting':
        return trans.__('Spark is starting; it gets the libraries with the first job.');
      case 'classic':
        return trans.__('Spark %1 · %2', master ?? '', application ?? '');
      case 'connect':
        return trans.__('Spark Connect · %1', master ?? application ?? '');
    }
  }
}

/** Null if the last cell ran. `told`: the library that is the reason says so itself. */
function refusalOf(state: KernelState, rows: readonly ILibraryRow[]): Refusal | null {
  const { refusal } = state;
  if (!refusal) {
    return null;
  }
  if (state.libraries.some(({ failure }) => failure?.message === refusal.message)) {
    return 'told';
  }
  // Only the code itself can be repaired by a save, and the kernel clears the library's failure when it has looked at the save.
  const { file } = refusal;
  const blamed = rows.find(({ path }) => file === path || file?.startsWith(`${path}/`));
  const isRepaired =
    refusal.name === 'LibraryBroken' &&
    blamed &&
    blamed.condition !== 'broken' &&
    blamed.condition !== 'paused';
  return isRepaired ? 'repaired' : 'now';
}

function info(text: string): INote {
  return { kind: 'info', text };
}
