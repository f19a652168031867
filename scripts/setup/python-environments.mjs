// The Python environments of the checkout: `lab` (JupyterLab, the newest Spark, the tools), and those beside it, for other
// Sparks and Pythons.
import { mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { inCheckout, requirements, venv, venvPython } from './checkout.mjs';
import { neutralEnvironment } from './environment.mjs';
import { step } from './run.mjs';
import { findPython311, findPython313, findPythonOf, findSpark35Python } from './requirements.mjs';
import { once } from './stamp.mjs';

const shim = inCheckout('python-shim');
const labextension = join(shim, 'jupyterlab_autoegg', 'labextension');

const link = join(venv('lab'), 'share', 'jupyter', 'labextensions', 'jupyterlab-autoegg');

/** The pins and the Python of each environment beside `lab`; `with` names the file that the pins take in. */
export const beside = {
  spark35: { pins: 'spark35', python: findSpark35Python },
  'lab-py313': { pins: 'lab', python: findPython313 },
  spark40: { pins: 'spark40', with: 'spark4', python: findPython311 },
  spark41: { pins: 'spark41', with: 'spark4', python: findPython311 },
  spark42: { pins: 'spark42', with: 'spark4', python: findPython311 },
  pandas35: { pins: 'pandas35', python: findPython311 },
  'connect-client': { pins: 'connect-client', python: findPython311 },
  databricks16: { pins: 'databricks16', python: findPython311 },
  databricks17: { pins: 'databricks17', python: findPythonOf('3.12') },
  compilers: { pins: 'compilers', python: findPython311 },
  nbdime: { pins: 'nbdime', python: findPython311 },
  'reload-py310': { pins: 'reload', python: findPythonOf('3.10') },
  'reload-py311': { pins: 'reload', python: findPythonOf('3.11') },
  'reload-py312': { pins: 'reload', python: findPythonOf('3.12') },
  'reload-py313': { pins: 'reload', python: findPythonOf('3.13') },
  'reload-py314': { pins: 'reload', python: findPythonOf('3.14') }
};

/** Makes an environment anew when its pins or its Python have changed. */
const install = (name, python, files = [name]) =>
  once(
    `venv-${name}`,
    { paths: files.map(requirements), values: [python] },
    [venvPython(name)],
    async () => {
      rmSync(venv(name), { recursive: true, force: true });
      await step(`Python environment ${name} (pip install, the longest step)`, `venv-${name}`, [
        [python, '-m', 'venv', venv(name)],
        [venvPython(name), '-m', 'pip', 'install', '--requirement', requirements(files[0])]
      ]);
    }
  );

export const installLab = python => install('lab', python);

/** An environment of `beside` with the kernel side of the project, by path: nothing of it is installed there. */
export async function installBeside(name, python) {
  const { pins, with: more } = beside[name];
  await install(name, python, more ? [pins, more] : [pins]);
  const lib = join(venv(name), 'lib');
  for (const version of readdirSync(lib).filter(folder => folder.startsWith('python')))
    writeFileSync(join(lib, version, 'site-packages', 'autoegg-checkout.pth'), `${shim}\n`);
}

/** The project itself, editable, into the lab environment. The build has to be there: it is what gets installed. */
export const installProject = () =>
  once(
    'project',
    {
      paths: [
        ...['pyproject.toml', 'package.json', 'install.json', 'jupyter-config'].map(name =>
          inCheckout(name)
        ),
        requirements('lab')
      ],
      values: [venv('lab')]
    },
    [link],
    async () => {
      // pip, replacing what it installed before, must not delete the build through the link.
      rmSync(link, { recursive: true, force: true });
      await step(
        'the project, editable',
        'pip-editable',
        [
          [
            ...[venvPython('lab'), '-m', 'pip', 'install', '--editable', '.'],
            ...['--no-build-isolation', '--no-deps']
          ]
        ],
        { env: { ...neutralEnvironment(), HATCH_JUPYTER_BUILDER_SKIP_NPM: '1' } }
      );
      linkLabextension();
    }
  );

/** pip copied the plugin as it was; a link lets JupyterLab see each new build. */
function linkLabextension() {
  rmSync(link, { recursive: true, force: true });
  mkdirSync(dirname(link), { recursive: true });
  symlinkSync(labextension, link, 'dir');
}
