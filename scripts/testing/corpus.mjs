// The suites of `npm run test:corpus`: every release of the corpus, and one that writes the table of docs/libraries.md.
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cache, inCheckout, venvPython } from '../setup/checkout.mjs';
import { pytest } from './suites.mjs';

const records = join(cache, 'corpus', 'records');

/** Seconds; the first test waits until all releases are there, and an sdist is not downloaded without some building. */
const PATIENCE = 1800;

const releases = {
  ...pytest('corpus', 'lab', ['corpus'], [`--timeout=${PATIENCE}`]),
  environmentVariables: () => ({ CORPUS_RECORDS: records })
};

const page = {
  name: 'libraries.md',
  alone: true, // and the last
  commands: () => [[venvPython('lab'), inCheckout('tests', 'corpus', 'page.py'), records]]
};

export const corpus = () => [releases, page];

/** Before a whole run, so that the table shows nothing of an older one. */
export function forgetReleases() {
  rmSync(records, { recursive: true, force: true });
  mkdirSync(records, { recursive: true });
}
