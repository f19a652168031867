/** The UI tests' scripted server and browser, for benchmarks. */
import { join } from 'node:path';

process.env.AUTOEGG_UI_ONLY = 'scripted';

// eslint-disable-next-line @typescript-eslint/no-require-imports
const { default: base } = require('../../ui-tests/playwright.config');
const [scripted] = base.projects;

export default {
  ...base,
  testDir: __dirname,
  outputDir: join(__dirname, '..', '..', '.cache', 'bench', 'browser'),
  timeout: 600_000,
  projects: [{ ...scripted, name: 'bench', testMatch: '**/*.bench.ts' }],
  use: { ...base.use, trace: 'off' }
};
