import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { shortVersion } from '../rows';

/** The first digits of a version; a click copies all of them. */
export function VersionId(props: {
  version: string | null;
  trans: TranslationBundle;
  onCopy: (version: string) => void;
}): JSX.Element {
  const { version, trans, onCopy } = props;
  if (version === null) {
    return <span className="jp-Autoegg-version">–</span>;
  }
  return (
    <button
      type="button"
      className="jp-Autoegg-version jp-Autoegg-link"
      title={trans.__('%1 (click to copy)', version)}
      aria-label={trans.__('Copy version %1', shortVersion(version))}
      onClick={() => onCopy(version)}
    >
      {shortVersion(version)}
    </button>
  );
}
