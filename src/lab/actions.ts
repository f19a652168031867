import type { Kernel } from '@jupyterlab/services';
import type { PartialJSONObject } from '@lumino/coreutils';

import type { ActionResult, KernelAction } from '../protocol';
import type { Action } from './tokens';

const ACTIONS = '__import__("autoegg").kernel.actions';
const JSON_TYPE = 'application/json';

/** The Python expression that performs `action` in the kernel. */
export function expressionOf(action: Action): string {
  switch (action.name) {
    case 'ship':
    case 'state':
    case 'verify':
      return call(action.name);
    case 'set_enabled':
      return call(action.name, literal(action.enabled));
    case 'set_library':
      return call(action.name, literal(action.library), literal(action.enabled));
    case 'add':
      return call(action.name, literal(action.path));
    case 'remove':
    case 'restore':
    case 'release':
      return call(action.name, literal(action.library));
    case 'pin':
      return call(action.name, literal(action.library), literal(action.version));
    case 'unpersist':
    case 'recompute':
      return call(action.name, String(action.id));
    case 'configure':
      return call(
        action.name,
        `reship_on_save=${literal(action.settings.reshipOnSave)}`,
        `enabled=${literal(action.settings.enabled)}`
      );
  }
}

/**
 * Has the kernel evaluate `action`, after the running cell and those that are queued.
 *
 * The request is empty and silent: no prompt number, no history, no output, and a failure does not abort queued cells.
 *
 * @throws Error with the kernel's own sentence.
 */
export async function perform(
  kernel: Kernel.IKernelConnection,
  action: Action,
  onStart: () => void = () => undefined
): Promise<ActionResult> {
  const future = kernel.requestExecute({
    code: '',
    silent: true,
    store_history: false,
    stop_on_error: false,
    allow_stdin: false,
    user_expressions: { r: expressionOf(action) }
  });
  future.onIOPub = message => {
    if (
      message.header.msg_type === 'status' &&
      (message.content as { execution_state: string }).execution_state === 'busy'
    ) {
      onStart();
    }
  };
  const { content } = await future.done;
  if (content.status !== 'ok') {
    throw new Error(
      content.status === 'error' ? content.evalue : 'The kernel dropped the request.'
    );
  }
  const answer = content.user_expressions?.r as PartialJSONObject | undefined;
  if (answer?.status === 'error') {
    throw new Error(String(answer.evalue || answer.ename));
  }
  const result = (answer?.data as PartialJSONObject | undefined)?.[JSON_TYPE];
  if (!result) {
    throw new Error('The kernel answered without a result.');
  }
  return result as unknown as ActionResult;
}

function call(name: KernelAction, ...values: string[]): string {
  return `${ACTIONS}.${name}(${values.join(', ')})`;
}

/** A Python literal. Every JSON string is a Python string literal of the same value; the booleans differ. */
function literal(value: string | boolean): string {
  return typeof value === 'string' ? JSON.stringify(value) : value ? 'True' : 'False';
}
