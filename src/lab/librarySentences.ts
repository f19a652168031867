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
        return trans.__('up to date');
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
        return trans.__('loaded');
      case 'driver':
        return trans.__('driver only');
    }
  }

  /** What the condition means for this library. */
  explanation(row: ILibraryRow): string {
    const { trans } = this;
    switch (row.condition) {
      case 'current':
        return trans.__('Driver and workers run the code on disk.');
      case 'waiting':
        return row.next
          ? trans.__('The next cell switches to %1.', shortVersion(row.next))
          : trans.__('The next cell switches to the code on disk.');
      case 'shipping':
        return trans.__('The change is being sent to Spark.');
      case 'building':
        return row.progress === null
          ? trans.__('Packing a change on disk…')
          : trans.__('Packing its files: %1 done.', percent(row.progress));
      case 'broken':
        return trans.__('Cells do not run until the code on disk is fixed.');
      case 'paused':
        return row.suspended
          ? trans.__('Switched off with the notebook: changes on disk are ignored.')
          : trans.__('Switched off: changes on disk are ignored.');
      case 'pinned':
        return row.next
          ? trans.__('Pinned to this version; %1 on disk does not run.', shortVersion(row.next))
          : trans.__('Pinned to this version, whatever you save.');
      case 'absent':
        return trans.__('Ready for a cell that imports it.');
      case 'new':
        return trans.__('The next cell checks its version.');
      case 'driver':
        return trans.__(
          'The driver runs the code on disk; Spark workers do not get it without the library daemon.'
        );
    }
  }

  failure(row: ILibraryRow): string | null {
    return row.failure && withPlace(row.failure.message, row.failure.file, row.failure.line);
  }

  /** Null while its files have not been counted. */
  size(row: Pick<ILibraryRow, 'files' | 'bytes'>): string | null {
    return row.files
      ? this.trans._n('%1 file, %2', '%1 files, %2', row.files, bytes(row.bytes))
      : null;
  }

  shipped(row: ILibraryRow): string {
    return row.shipped
      ? this.trans.__(
          'sent to Spark at %1 in %2',
          moment(row.shipped.at),
          milliseconds(row.shipped.milliseconds)
        )
      : this.trans.__('not sent to Spark yet');
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
        return trans.__('Shipped: an import can load it.');
      case 'data':
        return trans.__('Shipped: it lies next to the code, and git does not ignore it.');
      case 'include':
        return trans.__('Shipped: [tool.autoegg] include in pyproject.toml names it.');
      case 'module':
        return trans.__('Shipped: it is the library.');
      case 'cache':
        return trans.__('Caches, version control and editors’ temporary files never ship.');
      case 'hidden':
        return trans.__('Hidden files ship only if [tool.autoegg] include names them.');
      case 'environment':
        return trans.__('A virtual environment never ships.');
      case 'build output':
        return trans.__('Build output ships only if [tool.autoegg] include names it.');
      case 'exclude':
        return trans.__('[tool.autoegg] exclude in pyproject.toml names it.');
      case '.gitignore':
        return trans.__('Git ignores it, and no import can load it.');
      case 'secret':
        return trans.__('It looks like a secret; name it in [tool.autoegg] include to ship it.');
      case 'not included':
        return trans.__('Only files that [tool.autoegg] include names ship from this folder.');
      case 'no file':
        return trans.__('A socket, a device, or a link that is broken or leads outside.');
    }
  }

  /** Who loaded a version. */
  source(past: PastVersion): string {
    return past.cell === null
      ? this.trans.__('from the panel')
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
      ? this.trans.__('git %1 with changes', commit)
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
