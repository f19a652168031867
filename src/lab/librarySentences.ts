import type { TranslationBundle } from '@jupyterlab/translation';

import type { FileRule, PastVersion } from '../protocol';
import { bytes, milliseconds, moment } from './format';
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
        return trans.__('A change on disk is being packed: %1.', this.size(row));
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

  rule(rule: FileRule): string {
    const { trans } = this;
    switch (rule) {
      case 'code':
        return trans.__('code');
      case 'data':
        return trans.__('data');
      case 'included':
        return trans.__('included');
    }
  }

  reason(rule: FileRule): string {
    const { trans } = this;
    switch (rule) {
      case 'code':
        return trans.__('It ships because an import can load it.');
      case 'data':
        return trans.__('It ships because it lies beside the code and git does not ignore it.');
      case 'included':
        return trans.__('It ships because [tool.autoegg] include in pyproject.toml names it.');
    }
  }

  warning(warning: 'heavy' | 'secret'): string {
    return warning === 'secret'
      ? this.trans.__('Its name looks like that of a secret, and it goes to every executor.')
      : this.trans.__('It is heavy, and it goes to every executor.');
  }

  /** By whom a version came. */
  source(past: PastVersion): string {
    return past.cell === null
      ? this.trans.__('by “Ship library”')
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
