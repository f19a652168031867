// `npm run docs:images`: renews docs/images from a run of the UI tests, so that no picture shows what is not there.
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { inCheckout, root } from './setup/checkout.mjs';
import { pythonEnvironment } from './setup/environment.mjs';
import { setUp } from './setup/index.mjs';
import { exitWith, SetupError } from './setup/run.mjs';

const results = inCheckout('ui-tests', 'results');
const images = inCheckout('docs', 'images');

/** Picture in the documentation ← screenshot of a test. */
const PICTURES = {
  'sidebar.png': 'library/overview.png',
  'contents.png': 'library/contents.png',
  'executors.png': 'library/executors.png',
  'changes.png': 'library/changes.png',
  'pinned.png': 'library/pinned.png',
  'cached.png': 'library/cached.png',
  'stale.png': 'cells/stale.png',
  'refused.png': 'cells/refused.png',
  'dark.png': 'states/several-dark.png',
  'notebook7.png': 'notebook7/panel.png'
};

await exitWith(async () => {
  const machine = await setUp(['chromium', 'collaboration']);
  if (machine.missing.chromium) throw new SetupError(machine.missing.chromium);
  const { status } = spawnSync(
    inCheckout('node_modules', '.bin', 'playwright'),
    ['test', '--config=ui-tests'],
    { cwd: root, stdio: 'inherit', env: pythonEnvironment('lab', machine) }
  );
  if (status !== 0)
    throw new SetupError('The UI tests failed, so the pictures are left as they were.');
  const missing = Object.values(PICTURES).find(name => !existsSync(join(results, name)));
  if (missing)
    throw new SetupError(
      `No UI test made ${missing}: correct PICTURES in scripts/docs-images.mjs.`
    );
  mkdirSync(images, { recursive: true });
  for (const [picture, screenshot] of Object.entries(PICTURES))
    copyFileSync(join(results, screenshot), join(images, picture));
  console.log(`${Object.keys(PICTURES).length} pictures in docs/images are new.`);
});
