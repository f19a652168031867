// Bundles the daemon into one file that runs wherever Node does; the Python package carries it.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = new URL('..', import.meta.url);
const { version } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8'));

await build({
  absWorkingDir: fileURLToPath(root),
  entryPoints: ['src/daemon/main.ts'],
  outfile: 'python-shim/jupyterlab_autoegg/daemon.cjs',
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  minify: true,
  define: { DAEMON_VERSION: JSON.stringify(version) },
  legalComments: 'none',
  logLevel: 'warning'
});
