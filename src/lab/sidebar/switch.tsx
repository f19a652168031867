import * as React from 'react';

/** JupyterLab's switch as a React element, in its own markup, so that themes apply to it. */
export function Switch(props: {
  label: string;
  isOn: boolean;
  /** The kernel has been asked and has not answered: the switch stays where it is until then. */
  isPending: boolean;
  /** Why it cannot be used. */
  obstacle?: string | null;
  onToggle: (isOn: boolean) => void;
}): JSX.Element {
  const { label, isOn, isPending, obstacle = null, onToggle } = props;
  return (
    <button
      type="button"
      className="jp-switch jp-Autoegg-switch"
      role="switch"
      aria-checked={isOn}
      aria-label={label}
      aria-busy={isPending}
      disabled={obstacle !== null}
      title={obstacle ?? label}
      onClick={() => {
        if (!isPending) {
          onToggle(!isOn);
        }
      }}
    >
      <div className="jp-switch-track" aria-hidden="true" />
    </button>
  );
}
