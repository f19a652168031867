/** A server and a kernel that say what a test wants to look at. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { IJupyterLabPageFixture } from '@jupyterlab/galata';

import type { KernelState, ServerState } from '../src/protocol';
import { server } from './states';
import { evaluate } from './support';

const SHIM = readFileSync(join(__dirname, 'fixtures', 'shim.py'), 'utf8');

export interface IScript {
  /** What the kernel says, null if the shim cannot be loaded into it. */
  state: KernelState | null;
  /** What the server says, null if it lacks our extension. */
  daemon?: ServerState | null;
}

/** Stands in for the server extension, which the scripted server does not have; `current` may be changed later. */
export async function script(page: IJupyterLabPageFixture, current: IScript): Promise<void> {
  await page.route(/\/autoegg\/state/, route =>
    current.daemon === null
      ? route.fulfill({ status: 404, json: { message: '' } })
      : route.fulfill({ json: current.daemon ?? server() })
  );
  await page.route(/\/autoegg\/bootstrap/, route => {
    if (current.daemon === null) {
      return route.fulfill({ status: 404, json: { message: '' } });
    }
    return current.state
      ? route.fulfill({
          json: { code: `STATE = ${literal(JSON.stringify(current.state))}\n${SHIM}` }
        })
      : route.fulfill({ status: 500, json: { message: 'Python 3.8 is too old for autoegg.' } });
  });
}

const literal = (text: string): string => JSON.stringify(text);

export const show = (page: IJupyterLabPageFixture, state: KernelState): Promise<void> =>
  evaluate(
    page,
    `import autoegg, json; autoegg.show(json.loads(${literal(JSON.stringify(state))}))`
  );
