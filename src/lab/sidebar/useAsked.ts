import * as React from 'react';

export interface IAsked<T> {
  /** The newest answer; while another one is on its way, the one before, so that nothing jumps. */
  readonly value: T | null;
  readonly problem: string | null;
}

/**
 * Asks once for each `key`, when the component is shown.
 *
 * @param ask never called while null
 */
export function useAsked<T>(ask: (() => Promise<T>) | null, key: string): IAsked<T> {
  const [asked, setAsked] = React.useState<IAsked<T>>({ value: null, problem: null });
  React.useEffect(() => {
    let isWanted = true;
    const take = (answer: IAsked<T>): void => {
      if (isWanted) {
        setAsked(answer);
      }
    };
    ask?.().then(
      value => take({ value, problem: null }),
      (error: Error) => take({ value: null, problem: error.message })
    );
    return () => {
      isWanted = false;
    };
    // `ask` is another function with each drawing; `key` says what it asks for.
  }, [key, ask === null]);
  return asked;
}
