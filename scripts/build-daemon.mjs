// Bundles the daemon, and the command line beside it, into files that run wherever Node does; the Python package carries them.
import { chmodSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = new URL('..', import.meta.url);
const { version } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8'));

const bundle = (entry, outfile, more = {}) =>
  build({
    absWorkingDir: fileURLToPath(root),
    entryPoints: [entry],
    outfile: `python-shim/jupyterlab_autoegg/${outfile}`,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    minify: true,
    define: { DAEMON_VERSION: JSON.stringify(version), CLI_VERSION: JSON.stringify(version) },
    legalComments: 'none',
    logLevel: 'warning',
    ...more
  });

await bundle('src/daemon/main.ts', 'daemon.cjs');
await bundle('src/cli/main.ts', 'cli.cjs', { banner: { js: '#!/usr/bin/env node' } });
chmodSync(new URL('python-shim/jupyterlab_autoegg/cli.cjs', root), 0o755);
