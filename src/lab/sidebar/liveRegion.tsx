import * as React from 'react';

import type { LibrarySentences } from '../librarySentences';
import type { ILibraryRow, RowCondition } from '../rows';

/** Reads aloud what is new: the conditions that have changed, or why there are no libraries. */
export function LiveRegion(props: {
  placeholder: string | null;
  rows: readonly ILibraryRow[];
  sentences: LibrarySentences;
}): JSX.Element {
  const { placeholder, rows, sentences } = props;
  const known = React.useRef(new Map<string, RowCondition>());
  const text = React.useRef('');
  const news = rows.filter(({ path, condition }) => known.current.get(path) !== condition);
  if (placeholder !== null) {
    text.current = placeholder;
  } else if (news.length) {
    text.current = news
      .map(({ name, condition }) => `${name} ${sentences.condition(condition)}`)
      .join(', ');
  }
  known.current = new Map(rows.map(({ path, condition }) => [path, condition]));
  return (
    <div className="jp-Autoegg-live" role="status" aria-live="polite">
      {text.current}
    </div>
  );
}
