// The suites of `npm run test:reload`: the driver's reload on every Python that kernels may have, with a longer fuzz.
import { pytest } from './suites.mjs';

const versions = ['3.10', '3.11', '3.12', '3.13'];

const FUZZ_SEEDS = 20; // of 25 steps each, on each Python

/** One suite for each Python. */
export const reload = () =>
  versions.map(version => ({
    ...pytest(`reload, python ${version}`, `reload-py${version.replace('.', '')}`, ['reload']),
    environmentVariables: () => ({ RELOAD_FUZZ_SEEDS: String(FUZZ_SEEDS) })
  }));
