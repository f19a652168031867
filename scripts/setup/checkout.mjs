// Where things lie in the checkout. Everything that the scripts install or write stays inside it, in ignored folders.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
export const inCheckout = (...parts) => join(root, ...parts);

export const cache = inCheckout('.cache');
export const logs = join(cache, 'logs');
export const stamps = join(cache, 'stamps');
export const requirements = name => inCheckout('requirements', `${name}.txt`);

/** The folder of a Python environment, `lab` or one beside it. */
export const venv = name => inCheckout('.venvs', name);
export const venvBin = name => join(venv(name), 'bin');
export const venvPython = name => join(venvBin(name), 'python');

export const packageJson = () => JSON.parse(readFileSync(inCheckout('package.json'), 'utf8'));
