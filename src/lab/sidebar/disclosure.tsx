import { caretDownIcon, caretRightIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

/** A part that is collapsed until the user opens it. */
export function Disclosure(props: {
  title: React.ReactNode;
  /** What is shown at the end of the title's line. */
  aside?: React.ReactNode;
  className?: string;
  isOpen: boolean;
  onToggle: () => void;
  /** Drawn only while open: folded parts cost nothing. */
  children: () => React.ReactNode;
}): JSX.Element {
  const { title, aside, className, isOpen, onToggle, children } = props;
  const id = React.useId();
  const Caret = isOpen ? caretDownIcon : caretRightIcon;
  return (
    <div className={`jp-Autoegg-part ${className ?? ''}`}>
      <div className="jp-Autoegg-partTitle">
        <button
          type="button"
          className="jp-Autoegg-fold"
          aria-expanded={isOpen}
          aria-controls={isOpen ? id : undefined}
          onClick={onToggle}
        >
          <Caret.react tag="span" className="jp-Autoegg-icon" width="16px" />
          <span className="jp-Autoegg-foldText">{title}</span>
        </button>
        {aside}
      </div>
      {isOpen && (
        <div id={id} className="jp-Autoegg-partBody">
          {children()}
        </div>
      )}
    </div>
  );
}
