// Python packages in folders of their own: a process that is to have them names the folder, and no environment changes.
import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { cache, requirements, venvPython } from './checkout.mjs';
import { step } from './run.mjs';
import { once } from './stamp.mjs';

/** Each set: its folder and its pins, a few modules that tell whether it is there, what it is for, and what it needs from npm. */
const sets = {
  peers: {
    pins: 'peers',
    modules: ['sympy', 'jurigged', 'rich', 'sqlglot', 'flask'],
    what: 'packages to compare with'
  },
  gateway: {
    pins: 'gateway',
    modules: ['kernel_gateway'],
    what: 'a gateway to kernels on another machine, for its tests'
  },
  hub: {
    pins: 'hub',
    modules: ['jupyterhub'],
    npm: ['configurable-http-proxy@5.3.0'],
    what: 'JupyterHub and its proxy, for their test'
  },
  collaboration: {
    pins: 'collaboration',
    modules: ['jupyter_server_nbmodel', 'jupyter_server_ydoc', 'pycrdt'],
    what: 'real-time collaboration for the UI tests'
  }
};

/** Code below a folder of this name (`site-packages`) counts as installed, not as the user's own. */
export const packagesFolder = name => join(cache, 'packages', name, 'site-packages');

/** Installs a set for the Python of `lab`, unless it is there. Returns its folder. */
export async function installPackages(name) {
  const { pins, modules, npm = [], what } = sets[name];
  const into = packagesFolder(name);
  await once(
    `packages-${name}`,
    { paths: [requirements(pins)], values: [venvPython('lab'), ...npm] },
    modules.map(module => join(into, module, '__init__.py')),
    async () => {
      rmSync(into, { recursive: true, force: true });
      const install = [
        ...[venvPython('lab'), '-m', 'pip', 'install', '--no-compile', '--no-deps'],
        ...['--target', into, '--requirement', requirements(pins)]
      ];
      const fromNpm = ['npm', 'install', '--ignore-scripts', '--prefix', dirname(into), ...npm];
      const commands = [install, ...(npm.length ? [fromNpm] : [])];
      await step(`${what} (pip install)`, `packages-${name}`, commands);
    }
  );
  return into;
}
