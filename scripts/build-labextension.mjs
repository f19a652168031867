/** Builds the labextension: `jupyter-builder` packs `lib/` and `style/` into the directory that package.json names. */
import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** The checkout's own environment first, then PATH. */
function find(program) {
  const folders = [
    join(root, '.venvs', 'lab', 'bin'),
    ...(process.env.PATH ?? '').split(delimiter)
  ];
  return folders.map(folder => join(folder, program)).find(isExecutable);
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

const builder = find('jupyter-builder');
if (!builder) {
  console.error(
    'jupyter-builder is neither in .venvs/lab/bin nor on PATH: install it with "pip install jupyter-builder jupyterlab" and build again.'
  );
  process.exit(1);
}

const development = process.argv.includes('--development')
  ? ['--development=True', '--source-map=True']
  : [];
const { status, error } = spawnSync(builder, ['build', ...development, '.'], {
  cwd: root,
  stdio: 'inherit'
});
if (error) {
  console.error(`jupyter-builder could not be started: ${error.message}`);
}
process.exit(status ?? 1);
