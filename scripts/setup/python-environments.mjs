// The two Python environments of the checkout: `lab` (JupyterLab, Spark 4.x, the tools) and `spark35` (Spark 3.5).
import { mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { inCheckout, requirements, venv, venvPython } from './checkout.mjs';
import { neutralEnvironment } from './environment.mjs';
import { step } from './run.mjs';
import { once } from './stamp.mjs';

const shim = inCheckout('python-shim');
const labextension = join(shim, 'jupyterlab_autoegg', 'labextension');

const link = join(venv('lab'), 'share', 'jupyter', 'labextensions', 'jupyterlab-autoegg');

/** Makes an environment anew when its pins or its Python have changed. */
const install = (name, python) =>
  once(
    `venv-${name}`,
    { paths: [requirements(name)], values: [python] },
    [venvPython(name)],
    async () => {
      rmSync(venv(name), { recursive: true, force: true });
      await step(`Python environment ${name} (pip install, the longest step)`, `venv-${name}`, [
        [python, '-m', 'venv', venv(name)],
        [venvPython(name), '-m', 'pip', 'install', '--requirement', requirements(name)]
      ]);
    }
  );

export const installLab = python => install('lab', python);

/** Spark 3.5 with the kernel side of the project, by path: there is no JupyterLab in this environment. */
export async function installSpark35(python) {
  await install('spark35', python);
  const lib = join(venv('spark35'), 'lib');
  for (const version of readdirSync(lib).filter(name => name.startsWith('python')))
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
