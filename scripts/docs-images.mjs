/** `npm run docs:images`: renews docs/images from a run of the UI tests, so that no picture shows what is not there. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const results = join(root, 'ui-tests', 'results');
const images = join(root, 'docs', 'images');

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

const path = [join(root, '.venvs', 'lab', 'bin'), process.env.PATH].join(delimiter);
const { status, error } = spawnSync(
  process.execPath,
  [join(root, 'node_modules', '@playwright', 'test', 'cli.js'), 'test', '--config=ui-tests'],
  { cwd: root, stdio: 'inherit', env: { ...process.env, PATH: path } }
);
if (status !== 0) {
  console.error(
    error
      ? `Playwright could not be started (${error.message}): run npm ci first.`
      : 'The UI tests failed, so the pictures are left as they were.'
  );
  process.exit(1);
}

mkdirSync(images, { recursive: true });
for (const [picture, screenshot] of Object.entries(PICTURES)) {
  const source = join(results, screenshot);
  if (!existsSync(source)) {
    console.error(`No UI test made ${screenshot}: correct PICTURES in scripts/docs-images.mjs.`);
    process.exit(1);
  }
  copyFileSync(source, join(images, picture));
}
console.log(`${Object.keys(PICTURES).length} pictures in docs/images are new.`);
