// npm run demo: JupyterLab on a fresh copy of the demo project. With --check: the same notebook, executed without a
// browser through the real server on two Spark masters, with a table of what driver and workers ran.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { cache, inCheckout, root, venvPython } from './setup/checkout.mjs';
import { pythonEnvironment } from './setup/environment.mjs';
import { setUp } from './setup/index.mjs';
import { exitWith, SetupError } from './setup/run.mjs';

const work = join(cache, 'demo');

await exitWith(async () => {
  const unknown = process.argv.slice(2).filter(argument => argument !== '--check');
  if (unknown.length) throw new SetupError(`npm run demo knows --check, not ${unknown.join(' ')}.`);
  const env = pythonEnvironment('lab', await setUp());
  mkdirSync(work, { recursive: true });
  return process.argv.includes('--check')
    ? python([inCheckout('scripts', 'demo_check'), work], { cwd: root, env })
    : jupyterLab(env);
});

/** Runs until it ends by itself or by Ctrl+C, which the child gets too; its exit status. */
function python(args, options, whileRunning = () => {}) {
  const child = spawn(venvPython('lab'), args, {
    stdio: ['ignore', 'inherit', 'inherit'],
    ...options
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
    process.on(signal, () => signal !== 'SIGINT' && child.kill(signal));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve(code ?? (signal === 'SIGINT' ? 0 : 1)));
    whileRunning(child);
  });
}

async function jupyterLab(env) {
  const copy = join(work, 'tagscrape');
  rmSync(copy, { recursive: true, force: true });
  cpSync(inCheckout('demo'), copy, {
    recursive: true,
    filter: path => !/__pycache__|\.ipynb_checkpoints|\.egg-info/.test(path)
  });
  const port = await freePort();
  const token = randomBytes(16).toString('hex');
  const args = ['-m', 'jupyterlab', '--no-browser', '--ip=127.0.0.1', `--port=${port}`];
  if (process.getuid?.() === 0) args.push('--allow-root');
  const options = {
    cwd: copy,
    env: {
      ...env,
      JUPYTER_TOKEN: token,
      SPARK_CONF_DIR: join(copy, 'spark-conf'),
      IPYTHONDIR: quietKernels(),
      // PySpark's own, on the version of pandas.
      PYTHONWARNINGS: 'ignore::FutureWarning'
    }
  };
  return python(
    [...args, '--ServerApp.port_retries=0', '--log-level=WARN'],
    options,
    async child => {
      if (!(await answers(`http://127.0.0.1:${port}/api?token=${token}`, child))) return;
      console.log(
        `\nJupyterLab is ready, open:\n\n  http://127.0.0.1:${port}/lab/tree/demo.ipynb?token=${token}\n`
      );
      console.log(`The demo is a copy in ${copy}. Ctrl+C ends it.\n`);
    }
  );
}

/** What Java says when Spark starts goes to this terminal: a notebook would show it in red, as if something were wrong. */
function quietKernels() {
  const folder = join(work, 'ipython');
  mkdirSync(join(folder, 'profile_default'), { recursive: true });
  writeFileSync(
    join(folder, 'profile_default', 'ipython_kernel_config.py'),
    'c = get_config()\nc.IPKernelApp.capture_fd_output = False\n'
  );
  return folder;
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** Whether the server answers before its process ends. */
async function answers(url, child) {
  while (child.exitCode === null && child.signalCode === null) {
    try {
      if ((await fetch(url)).ok) return true;
    } catch {
      // not listening yet
    }
    await new Promise(resolve => setTimeout(resolve, 200));
  }
  return false;
}
