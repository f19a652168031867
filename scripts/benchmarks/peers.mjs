// The packages that the benchmarks compare with, in a folder of their own: no environment that is measured has them.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { cache, requirements, venvPython } from '../setup/checkout.mjs';
import { step } from '../setup/run.mjs';
import { once } from '../setup/stamp.mjs';

// Code below a folder of this name counts as installed, not as the user's own.
export const peersFolder = join(cache, 'bench', 'peers', 'site-packages');

export const installPeers = () =>
  once(
    'bench-peers',
    { paths: [requirements('bench')], values: [venvPython('lab')] },
    [join(peersFolder, 'sympy', '__init__.py'), join(peersFolder, 'jurigged', '__init__.py')],
    async () => {
      rmSync(peersFolder, { recursive: true, force: true });
      const where = ['--no-compile', '--no-deps', '--target', peersFolder];
      await step('packages to compare with (pip install)', 'bench-peers', [
        [
          ...[venvPython('lab'), '-m', 'pip', 'install', ...where],
          ...['--requirement', requirements('bench')]
        ]
      ]);
    }
  );
