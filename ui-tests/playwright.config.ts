/**
 * JupyterLab servers, each on a free port and a fresh copy of its files: `live` is the real thing (server
 * extension, daemon, kernel shim, Spark), `together` is that with real-time collaboration, `executor` runs the cells
 * on the server besides, `gateway` has its kernels behind a gateway, where they do not see the server's files, `scripted` has
 * kernels that report whatever state a test wants to look at. `hub` is JupyterHub, which starts a server for its
 * user; it is run only when it is named.
 */
import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { defineConfig } from '@playwright/test';

/** Workers load this file again: what it chooses once goes to them through the environment. */
function freePort(variable: string): number {
  process.env[variable] ??= execFileSync(process.execPath, [
    '-e',
    'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })'
  ])
    .toString()
    .trim();
  return Number(process.env[variable]);
}

const ports = {
  scripted: freePort('AUTOEGG_UI_SCRIPTED'),
  live: freePort('AUTOEGG_UI_LIVE'),
  together: freePort('AUTOEGG_UI_TOGETHER'),
  executor: freePort('AUTOEGG_UI_EXECUTOR'),
  gateway: freePort('AUTOEGG_UI_GATEWAY'),
  hub: freePort('AUTOEGG_UI_HUB')
};
type Kind = keyof typeof ports;

const address = (kind: Kind): string => `http://127.0.0.1:${ports[kind]}`;

const server = (kind: Kind) => ({
  command: `node "${join(__dirname, 'server.mjs')}" ${kind} ${ports[kind]} "${join(tmpdir(), `autoegg-ui-${ports[kind]}`)}"`,
  url: `${address(kind)}/api`,
  timeout: 180_000,
  reuseExistingServer: false,
  gracefulShutdown: { signal: 'SIGTERM' as const, timeout: 30_000 },
  stdout: 'ignore' as const,
  stderr: 'pipe' as const
});

const project = (kind: Kind) => ({
  name: kind,
  testMatch: `**/*.${kind}.ts`,
  use: {
    baseURL: address(kind),
    root: join(tmpdir(), `autoegg-ui-${ports[kind]}`, 'files')
  }
});

/** Milliseconds that a test waits for one thing; while a test is written, less is enough. */
const PATIENCE = Number(process.env.AUTOEGG_UI_PATIENCE ?? 60_000);

const usual = Object.keys(ports).filter(kind => kind !== 'hub' && kind !== 'gateway');
const chosen = (process.env.AUTOEGG_UI_ONLY?.split(',') ?? usual) as Kind[];

export default defineConfig({
  testDir: __dirname,
  outputDir: join(__dirname, 'results', 'runs'),
  // One browser at a time: two cores have to serve Chromium, Jupyter, the daemon and Spark's JVM.
  workers: 1,
  timeout: 240_000,
  expect: {
    timeout: PATIENCE,
    // Fonts are drawn a little differently from machine to machine; a button that is missing is more than this.
    toHaveScreenshot: { maxDiffPixelRatio: 0.02, animations: 'disabled', caret: 'hide' }
  },
  snapshotPathTemplate: '{testDir}/snapshots/{arg}{ext}',
  // Made by Debian's Chromium: another system has other fonts.
  ignoreSnapshots: process.platform !== 'linux',
  reporter: [['list']],
  webServer: chosen.map(server),
  projects: chosen.map(project),
  use: {
    viewport: { width: 1280, height: 800 },
    actionTimeout: PATIENCE,
    video: 'off',
    locale: 'en-US',
    timezoneId: 'UTC',
    trace: 'retain-on-failure',
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync'
      ]
    }
  }
});
