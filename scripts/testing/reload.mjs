// The suites of `npm run test:reload`: the driver's reload on every Python that kernels may have, with a longer fuzz.
import { pytest } from './suites.mjs';

const versions = ['3.10', '3.11', '3.12', '3.13', '3.14'];

const FUZZ_SEEDS = 20; // of 25 steps each, on each Python
const CROSSING_SEEDS = 220; // of 25 crossings, which are about 47 edits

/** The releases need no other Python to show what they show: one replays all of them, the others a slice. */
const replaysAllReleases = '3.13';

/** One suite for each Python. */
export const reload = () =>
  versions.map(version => ({
    ...pytest(`reload, python ${version}`, `reload-py${version.replace('.', '')}`, ['reload']),
    environmentVariables: () => ({
      RELOAD_FUZZ_SEEDS: String(FUZZ_SEEDS),
      RELOAD_CROSSING_SEEDS: String(CROSSING_SEEDS),
      ...(version === replaysAllReleases ? { RELOAD_RELEASES: 'all' } : {})
    })
  }));
