import type { TranslationBundle } from '@jupyterlab/translation';

import type { FileRule, PastVersion } from '../protocol';
import { bytes, milliseconds, moment, percent } from './format';
import type { ILibraryRow, RowCondition } from './rows';
import { shortVersion } from './rows';

/** Every sentence about one library. */
export class LibrarySentences {
  constructor(private readonly trans: TranslationBundle) {}

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
      case 'pinned':
        return trans.__('pinned');
      case 'absent':
        return trans.__('not imported');
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
        return row.progress === null
          ? trans.__('A change on disk is being packed: %1.', this.size(row))
          : trans.__('Its files are being packed: %1 done.', percent(row.progress));
      case 'broken':
        return trans.__('Cells do not run until the code on disk is repaired.');
      case 'paused':
        return trans.__('Switched off: changes on disk are ignored.');
      case 'pinned':
        return row.next
          ? trans.__('Held at an older version; %1 on disk is not run.', shortVersion(row.next))
          : trans.__('Held at this version, whatever is saved.');
      case 'absent':
        return trans.__('Kept ready for a cell that imports it.');
      case 'new':
        return trans.__('Its version is known when the next cell starts.');
    }
  }

  failure(row: ILibraryRow): string | null {
    return row.failure && withPlace(row.failure.message, row.failure.file, row.failure.line);
  }

  size(row: Pick<ILibraryRow, 'files' | 'bytes'>): string {
    return this.trans._n('%1 file, %2', '%1 files, %2', row.files, bytes(row.bytes));
  }

  shipped(row: ILibraryRow): string {
    return row.shipped
      ? this.trans.__(
          'shipped %1 in %2',
          moment(row.shipped.at),
          milliseconds(row.shipped.milliseconds)
        )
      : this.trans.__('not shipped yet');
  }

  /** The short name of a rule by which a file is shipped or left out. */
  rule(rule: FileRule): string {
    const { trans } = this;
    switch (rule) {
      case 'code':
        return trans.__('code');
      case 'data':
        return trans.__('data');
      case 'include':
        return trans.__('included');
      case 'module':
        return trans.__('module');
      case 'cache':
        return trans.__('cache');
      case 'hidden':
        return trans.__('hidden');
      case 'environment':
        return trans.__('environment');
      case 'build output':
        return trans.__('build output');
      case 'exclude':
        return trans.__('excluded');
      case '.gitignore':
        return '.gitignore';
      case 'secret':
        return trans.__('secret');
      case 'not included':
        return trans.__('not included');
      case 'no file':
        return trans.__('no file');
    }
  }

  reason(rule: FileRule): string {
    const { trans } = this;
    switch (rule) {
      case 'code':
        return trans.__('It ships because an import can load it.');
      case 'data':
        return trans.__('It ships because it lies beside the code and git does not ignore it.');
      case 'include':
        return trans.__('It ships because [tool.autoegg] include in pyproject.toml names it.');
      case 'module':
        return trans.__('It is the library.');
      case 'cache':
        return trans.__('Caches, version control and what editors leave behind never ship.');
      case 'hidden':
        return trans.__('Hidden files ship only if [tool.autoegg] include names them.');
      case 'environment':
        return trans.__('A virtual environment never ships.');
      case 'build output':
        return trans.__('What a build makes ships only if [tool.autoegg] include names it.');
      case 'exclude':
        return trans.__('[tool.autoegg] exclude in pyproject.toml names it.');
      case '.gitignore':
        return trans.__('Git ignores it, and no import can load it.');
      case 'secret':
        return trans.__('It looks like a secret; [tool.autoegg] include ships it all the same.');
      case 'not included':
        return trans.__('Only what [tool.autoegg] include names ships from this folder.');
      case 'no file':
        return trans.__('A socket, a device, or a link that leads nowhere or out of reach.');
    }
  }

  /** By whom a version came. */
  source(past: PastVersion): string {
    return past.cell === null
      ? this.trans.__('by a button')
      : this.trans.__('by cell [%1]', past.cell);
  }

  changes(past: PastVersion): string {
    return past.changes === 0
      ? this.trans.__('first version in this kernel')
      : this.trans._n('%1 file changed', '%1 files changed', past.changes);
  }

  git(past: PastVersion): string | null {
    const { git } = past;
    if (!git) {
      return null;
    }
    const commit = git.commit?.slice(0, 7) ?? this.trans.__('no commit yet');
    return git.dirty
      ? this.trans.__('git %1, with changes', commit)
      : this.trans.__('git %1', commit);
  }
}

/** `message (file, line n)`, unless the message itself names the place. */
export function withPlace(message: string, file: string | null, line: number | null): string {
  const name = file?.split('/').pop();
  if (!file || !name || message.includes(name)) {
    return message;
  }
  return `${message} (${line === null ? file : `${file}:${line}`})`;
}
