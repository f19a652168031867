/**
 * What the page's main thread does for a state of 50 libraries and 500 cells, from traces of Chromium. Beside it, in turns, the
 * same message on a comm that nobody listens to: what JupyterLab itself does for it.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

import type { IJupyterLabPageFixture } from '@jupyterlab/galata';

import type { KernelState } from '../../src/protocol';
import { allDrawn, LIBRARIES, manyCells, manyLibraries, quietServer } from '../../ui-tests/load';
import { script } from '../../ui-tests/script';
import { evaluate, expect, openNotebook, openPanel, panel, test } from '../../ui-tests/support';

const OUTPUT = process.env.AUTOEGG_BENCH_OUTPUT!;
const ROUNDS = Number(process.env.AUTOEGG_BENCH_ROUNDS ?? 15);
const EVENTS = 20;
/** Seconds between two events: each has frames of its own. */
const PAUSE = 0.05;

test.use({
  expected: /Failed to load resource/
});

type Kind = (typeof KINDS)[number];
const KINDS = [
  'nobody listens',
  'one word',
  'two cells',
  'the same',
  'one library',
  'all libraries',
  'panel hidden'
] as const;

/** JupyterLab's own work: for the message, for one word that changes in a page of this size, and for two more in its cells. */
const IDLE: readonly Kind[] = ['nobody listens', 'one word', 'two cells'];

/** Before and after each turn: all libraries as they were. */
const BASE = manyLibraries(0, () => false);

/**
 * What the kernel says in one turn. Each state differs from the one before it in what the event is about and in nothing else: one
 * library after the other moves on.
 */
const states = (kind: Kind): KernelState[] =>
  Array.from({ length: EVENTS }, (_, event) =>
    kind === 'the same'
      ? BASE
      : manyLibraries(event, index =>
          kind === 'all libraries'
            ? event % 2 === 0
            : (kind === 'one library' || kind === 'panel hidden') && index <= event
        )
  );

/** A comm beside the page's own, which the page takes from the kernel and forgets. */
async function openIdle(page: IJupyterLabPageFixture): Promise<void> {
  await evaluate(
    page,
    'import autoegg; autoegg.idle = []\nget_ipython().kernel.comm_manager.register_target("idle", lambda comm, _: autoegg.idle.append(comm))'
  );
  await page.evaluate(() => {
    // eslint-disable-next-line @typescript-eslint/no-explicit-any
    const { content, sessionContext } = (window as any).jupyterapp.shell.currentWidget;
    const { kernel } = sessionContext.session;
    const comm = kernel.createComm('idle');
    // Where the status bar's words stand; empty until the first message that asks for it.
    const word = document
      .querySelector('#jp-main-statusbar')!
      .appendChild(document.createElement('span'));
    let count = 0;
    comm.onMsg = ({ content: { data } }: { content: { data: { kind: string } } }) => {
      if (data.kind !== 'nobody listens') {
        word.textContent = `seen ${++count}`;
      }
      if (data.kind === 'two cells') {
        for (const cell of content.widgets.slice(4, 6)) {
          cell.inputArea.promptNode.textContent = `[${count}]:`;
        }
      }
    };
    return comm.open().done;
  });
}

/** Has the kernel say them. `kind` goes along for the listener of the idle comm. */
const say = (
  page: IJupyterLabPageFixture,
  states: KernelState[],
  comms: 'comms' | 'idle' = 'comms',
  kind: Kind | null = null
): Promise<void> =>
  evaluate(
    page,
    `import autoegg, json, time
for state in json.loads(${JSON.stringify(JSON.stringify(states))}):
    for comm in autoegg.${comms}:
        comm.send({**state, "kind": ${JSON.stringify(kind ?? '')}})
    time.sleep(${PAUSE})`
  );

interface ITraceEvent {
  name: string;
  ph: string;
  pid: number;
  tid: number;
  /** Microseconds in which the thread ran. */
  tdur?: number;
  args: { name?: string };
}

/** Seconds that the main thread of the page has worked; what other programs took of the processor in between does not count. */
function mainThread(trace: string): number {
  const { traceEvents } = JSON.parse(trace) as { traceEvents: ITraceEvent[] };
  const spent = new Map<string, number>();
  const names = new Map<string, string>();
  for (const { name, ph, pid, tid, tdur, args } of traceEvents) {
    const thread = `${pid} ${tid}`;
    if (ph === 'M' && name === 'thread_name') {
      names.set(thread, args.name!);
    } else if (name === 'ThreadControllerImpl::RunTask' && tdur) {
      spent.set(thread, (spent.get(thread) ?? 0) + tdur / 1e6);
    }
  }
  const renderers = [...spent].filter(([thread]) => names.get(thread) === 'CrRendererMain');
  return Math.max(...renderers.map(([, seconds]) => seconds));
}

test('state events', async ({ page, browser, root }) => {
  await script(page, { state: BASE, daemon: quietServer() });
  await page.goto();
  await openNotebook(page, manyCells(root));
  await openPanel(page);
  await expect(panel(page).locator('.jp-Autoegg-library')).toHaveCount(LIBRARIES);
  await allDrawn(page);
  await openIdle(page);
  const series = Object.fromEntries(KINDS.map(kind => [kind, [] as number[]]));
  const raw = page.locator('body').page();
  mkdirSync(dirname(OUTPUT), { recursive: true });
  for (let round = -1; round < ROUNDS; round++) {
    for (const kind of KINDS) {
      if (kind === 'panel hidden') {
        await page.sidebar.openTab('filebrowser');
      }
      await browser.startTracing(raw, { categories: ['toplevel', 'devtools.timeline'] });
      await say(page, states(kind), IDLE.includes(kind) ? 'idle' : 'comms', kind);
      const trace = (await browser.stopTracing()).toString();
      if (kind === 'panel hidden') {
        await openPanel(page);
      }
      await say(page, [BASE]);
      // The first round is for warming up.
      if (round >= 0) {
        series[kind].push(mainThread(trace) / EVENTS);
      }
      if (round === 0) {
        writeFileSync(OUTPUT.replace('.json', `.${kind.replaceAll(' ', '-')}.trace.json`), trace);
      }
    }
  }
  writeFileSync(OUTPUT, JSON.stringify(series));
});
