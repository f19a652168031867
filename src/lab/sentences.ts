import type { TranslationBundle } from '@jupyterlab/translation';

import type { ILibraryRow, RowCondition } from './rows';
import { shortVersion } from './rows';
import { CommandIDs } from './commandIds';
import type { IAutoegg } from './tokens';

/** What the panel says about the notebook as a whole. */
export interface INote {
  readonly kind: 'info' | 'warning' | 'error';
  readonly text: string;
  /** The one next step, where a command can take it. */
  readonly step?: { readonly label: string; readonly command: string };
}

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
          ...info(trans.__('This notebook has no kernel: choose one to see its libraries.')),
          step: { label: trans.__('Select Kernel…'), command: 'notebook:change-kernel' }
        };
      case 'foreign':
        return info(
          trans.__(
            'This kernel does not run Python: choose a Python kernel to keep libraries current.'
          )
        );
      case 'dead':
        return {
          kind: 'error',
          text: trans.__('The kernel has died: restart it.'),
          step: { label: trans.__('Restart Kernel…'), command: 'notebook:restart-kernel' }
        };
      case 'connecting':
        return info(trans.__('Waiting for the kernel to answer; a running cell has to end first.'));
      case 'absent':
        return {
          kind: 'warning',
          text: link.problem
            ? trans.__('autoegg is not loaded in this kernel: %1', link.problem)
            : trans.__(
                'autoegg is not loaded in this kernel, so its libraries are not kept current.'
              ),
          step: { label: trans.__('Load autoegg'), command: CommandIDs.load }
        };
      case 'connected':
        return link.state?.libraries.length
          ? null
          : info(
              trans.__(
                'No library of yours is imported yet: import one in a cell and it is listed here.'
              )
            );
    }
  }

  /** What stands above the libraries: the most urgent first. */
  notes(model: IAutoegg): INote[] {
    const { trans } = this;
    const link = model.current?.link;
    const state = link?.state ?? null;
    const notes: INote[] = [];
    if (link?.condition === 'absent') {
      // The kernel comes first; its placeholder has the next step.
      return notes;
    }
    // A library that is the reason says so itself.
    const isTold = state?.libraries.some(
      ({ failure }) => failure?.message === state.refusal?.message
    );
    if (state?.refusal && !isTold) {
      const { message, file, line } = state.refusal;
      notes.push({
        kind: 'error',
        text: trans.__('The last cell did not run: %1', withPlace(message, file, line))
      });
    }
    const daemon = model.server.state?.daemon;
    if (model.server.problem) {
      notes.push({ kind: 'warning', text: model.server.problem });
    } else if (daemon?.condition === 'unavailable' || daemon?.condition === 'restarting') {
      notes.push({
        kind: 'warning',
        text: daemon.message ?? trans.__('The daemon that watches your libraries is not running.'),
        step: { label: trans.__('Try again'), command: CommandIDs.restartDaemon }
      });
    } else if (state?.daemon.condition === 'fallback') {
      notes.push({
        kind: 'warning',
        text:
          state.daemon.message ??
          trans.__(
            'This kernel has no daemon: the driver is kept current, but nothing can be shipped.'
          )
      });
    }
    return notes;
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
        return trans.__('No Spark session yet: only the driver is kept current.');
      case 'classic':
        return trans.__('Spark %1 · %2', master ?? '', application ?? '');
      case 'connect':
        return trans.__('Spark Connect · %1', master ?? application ?? '');
    }
  }

  condition(condition: RowCondition): string {
    const { trans } = this;
    switch (condition) {
      case 'current':
        return trans.__('current');
      case 'waiting':
        return trans.__('changed');
      case 'shipping':
        return trans.__('shipping');
      case 'building':
        return trans.__('building');
      case 'broken':
        return trans.__('broken');
      case 'paused':
        return trans.__('paused');
      case 'new':
        return trans.__('not run yet');
    }
  }

  /** What the condition means for this library. */
  explanation(row: ILibraryRow): string {
    const { trans } = this;
    switch (row.condition) {
      case 'current':
        return trans.__('The code that runs is the code on disk.');
      case 'waiting':
        return row.next
          ? trans.__('The next cell switches to %1.', shortVersion(row.next))
          : trans.__('The next cell switches to the code on disk.');
      case 'shipping':
        return trans.__('Its eggs are on their way to Spark.');
      case 'building':
        return trans.__('A change on disk is being packed.');
      case 'broken':
        return trans.__('Cells do not run until the code on disk is repaired.');
      case 'paused':
        return trans.__('Switched off: changes on disk are ignored.');
      case 'new':
        return trans.__('Its version is known when the next cell starts.');
    }
  }

  failure(row: ILibraryRow): string | null {
    return row.failure && withPlace(row.failure.message, row.failure.file, row.failure.line);
  }

  size(row: ILibraryRow): string {
    return this.trans._n('%1 file, %2', '%1 files, %2', row.files, bytes(row.bytes));
  }

  shipped(row: ILibraryRow): string | null {
    return (
      row.shipped &&
      this.trans.__(
        '%1 at %2 in %3',
        shortVersion(row.shipped.version),
        new Date(row.shipped.at).toLocaleTimeString(),
        milliseconds(row.shipped.milliseconds)
      )
    );
  }
}

/** `message (file, line n)`, unless the message itself names the place. */
function withPlace(message: string, file: string | null, line: number | null): string {
  const name = file?.split('/').pop();
  if (!file || !name || message.includes(name)) {
    return message;
  }
  return `${message} (${line === null ? file : `${file}:${line}`})`;
}

function info(text: string): INote {
  return { kind: 'info', text };
}

export function milliseconds(value: number): string {
  return value < 1000 ? `${Math.round(value)} ms` : `${(value / 1000).toFixed(1)} s`;
}

export function bytes(value: number): string {
  const units = ['B', 'kB', 'MB', 'GB'];
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${value >= 10 || unit === 0 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}
