// TypeScript, the daemon's bundle and JupyterLab's plugin, rebuilt only when one of their sources has changed.
import { inCheckout } from './checkout.mjs';
import { pythonEnvironment } from './environment.mjs';
import { step } from './run.mjs';
import { once } from './stamp.mjs';

const sources = [
  ...['src', 'style', 'schema', 'package.json', 'package-lock.json', 'install.json'],
  ...['tsconfig.json', 'tsconfig.base.json', 'requirements/lab.txt'],
  ...['scripts/build-daemon.mjs', 'scripts/build-labextension.mjs']
];

const outputs = ['labextension/package.json', 'daemon.cjs', 'cli.cjs'];

export const build = () =>
  once(
    'build',
    { paths: sources.map(path => inCheckout(path)) },
    outputs.map(path => inCheckout('python-shim', 'jupyterlab_autoegg', path)),
    () =>
      step('build (tsc, daemon, labextension)', 'build', [['npm', 'run', 'build']], {
        env: pythonEnvironment('lab')
      })
  );
