import { Notification } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { ActionResult } from '../protocol';
import { doing } from './actionSentences';
import { Progress } from './progress';
import type { Action, IAutoegg } from './tokens';

/** These run Spark jobs, or may have to read a library first: the user wants to know how they ended. */
const LONG: readonly Action['name'][] = ['recompute', 'unpersist', 'verify'];

/**
 * Asks the current kernel for something. What takes a while is reported: that it waits for a cell, that it has begun, with a way to
 * cancel it, and how it ended. What is quick and visible by itself is reported only if it fails.
 */
export async function attempt(
  model: IAutoegg,
  action: Action,
  trans: TranslationBundle
): Promise<ActionResult | null> {
  const link = model.current?.link;
  if (!link) {
    return null;
  }
  const words = doing(action, trans);
  const progress = new Progress(
    link.isBusy ? trans.__('%1 It starts when the current cell finishes.', words) : words
  );
  try {
    const result = await link.perform(action, () => {
      progress.report(words);
      progress.offer(trans.__('Cancel'), () => void link.interrupt());
    });
    if (result.ok && !LONG.includes(action.name) && !progress.isShown) {
      progress.cancel();
    } else {
      await progress.end(result.message, result.ok);
    }
    return result;
  } catch (error) {
    await progress.end((error as Error).message, false);
    return null;
  }
}

/** Says something that needs no answer. */
export function tell(message: string, actions: Notification.IAction[] = []): void {
  Notification.emit(message, 'success', { autoClose: actions.length ? 15_000 : 3000, actions });
}
