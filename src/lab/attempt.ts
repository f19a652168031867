import { Notification } from '@jupyterlab/apputils';

import type { ActionResult } from '../protocol';
import type { Action, IAutoegg } from './tokens';

/** Asks the current kernel for something whose outcome shows by itself: only a failure needs words. */
export async function attempt(model: IAutoegg, action: Action): Promise<ActionResult | null> {
  try {
    const result = await model.current?.link.perform(action);
    if (result && !result.ok) {
      Notification.error(result.message);
    }
    return result ?? null;
  } catch (error) {
    Notification.error((error as Error).message);
    return null;
  }
}
