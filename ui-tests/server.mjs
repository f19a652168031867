/**
 * `node server.mjs KIND PORT FOLDER`: JupyterLab without a token, on a fresh copy of the test's files, with this
 * checkout's labextension and nothing of the user's own configuration. Everything is gone when it ends.
 *
 * Kinds: `live`, `scripted` (kernels that say what a test wants), `together` (live, with real-time collaboration), `executor`
 * (the same, and the server runs the cells), `gateway` (live, with kernels behind a gateway), `hub` (JupyterHub, which starts the server when its
 * user has logged in).
 */
import { spawn } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  openSync,
  rmSync,
  symlinkSync,
  writeFileSync
} from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { packagesFolder } from '../scripts/setup/packages.mjs';

const [kind, port, folder] = process.argv.slice(2);
const here = fileURLToPath(new URL('.', import.meta.url));
const root = join(here, '..');
const shim = join(root, 'python-shim');
const isReal = kind !== 'scripted';
const isShared = kind === 'together' || kind === 'executor';
const collaboration = isShared ? [packagesFolder('collaboration')] : [];
const files = join(folder, 'files');

rmSync(folder, { recursive: true, force: true });
mkdirSync(files, { recursive: true });
cpSync(join(here, 'fixtures', isReal ? 'live' : kind), files, { recursive: true });
if (kind === 'live' && existsSync(join(root, 'demo'))) {
  cpSync(join(root, 'demo'), join(files, 'demo'), { recursive: true });
}
const labextensions = join(folder, 'jupyter', 'labextensions');
mkdirSync(labextensions, { recursive: true });
symlinkSync(
  join(shim, 'jupyterlab_autoegg', 'labextension'),
  join(labextensions, 'jupyterlab-autoegg')
);

if (kind === 'together') {
  // The page runs the cells.
  mkdirSync(join(folder, 'config', 'labconfig'), { recursive: true });
  writeFileSync(
    join(folder, 'config', 'labconfig', 'page_config.json'),
    JSON.stringify({ disabledExtensions: { '@datalayer/jupyter-server-nbmodel': true } })
  );
}

mkdirSync(join(here, 'results'), { recursive: true });
const log = join(here, 'results', `server-${kind}.log`);
const output = openSync(log, 'w');
const own = join(root, '.venvs', 'lab', 'bin');
const gateway =
  kind === 'gateway' &&
  spawn(join(own, 'python'), [join(here, 'gateway.py'), join(folder, 'far'), files], {
    // It ends with its standard input, so with this process.
    stdio: ['pipe', 'pipe', output],
    env: { ...process.env, PYTHONPATH: shim, PYTHONSTARTUP: '' }
  });
const address = gateway && (await firstLine(gateway));
const elsewhere = address
  ? [`--gateway-url=${address}`, '--GatewayClient.auth_token=gateway-secret']
  : [];
const config = `--config=${join(here, 'jupyter_server_config.py')}`;
const hub = kind === 'hub' ? packagesFolder('hub') : null;
const command = hub
  ? [join(own, 'python'), '-m', 'jupyterhub', `--config=${join(here, 'jupyterhub_config.py')}`]
  : ['jupyter', 'lab', config, ...elsewhere];
const server = spawn(command[0], command.slice(1), {
  cwd: files,
  stdio: ['ignore', output, output],
  env: {
    ...process.env,
    PATH: [own, process.env.PATH].join(delimiter),
    HOME: folder,
    XDG_CACHE_HOME: join(folder, 'cache'),
    PYTHONPATH: [...(isReal ? [shim] : []), ...collaboration, ...(hub ? [hub] : [])].join(
      delimiter
    ),
    PYTHONSTARTUP: '',
    // Of pyspark, on the version of pandas.
    PYTHONWARNINGS: 'ignore::FutureWarning',
    IPYTHONDIR: join(folder, 'ipython'),
    JUPYTER_PATH: [
      join(folder, 'jupyter'),
      ...collaboration.map(packages => join(packages, 'share', 'jupyter'))
    ].join(delimiter),
    JUPYTER_CONFIG_PATH: collaboration
      .map(packages => join(packages, 'etc', 'jupyter'))
      .join(delimiter),
    JUPYTER_CONFIG_DIR: join(folder, 'config'),
    JUPYTER_DATA_DIR: join(folder, 'data'),
    JUPYTER_RUNTIME_DIR: join(folder, 'runtime'),
    JUPYTERLAB_GALATA_ROOT_DIR: files,
    AUTOEGG_UI_KIND: kind,
    AUTOEGG_UI_PROXY: hub
      ? join(dirname(hub), 'node_modules', '.bin', 'configurable-http-proxy')
      : '',
    AUTOEGG_UI_PORT: port,
    SPARK_CONF_DIR: join(here, 'fixtures', 'spark-conf'),
    SPARK_LOCAL_IP: '127.0.0.1'
  }
});

/** What a program says first; "" if it ends without a word. */
function firstLine(program) {
  return new Promise(resolve => {
    createInterface({ input: program.stdout }).once('line', resolve);
    program.once('exit', () => resolve(''));
  });
}

let asked = false;
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) {
  process.on(signal, () => {
    asked = true;
    server.kill('SIGTERM');
  });
}
server.on('error', error => {
  rmSync(folder, { recursive: true, force: true });
  console.error(`jupyter could not be started: ${error.message}`);
  process.exit(1);
});
server.on('exit', code => {
  gateway?.stdin?.end();
  if (!asked) {
    console.error(`JupyterLab ended by itself (${code}): see ${log}`);
  }
  rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  process.exit(asked ? 0 : (code ?? 1));
});
