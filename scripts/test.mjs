// npm test: sets up, runs every suite, and ends with a line for each and the sum. With --quick: the suites without Spark
// and browser; with --spark: the whole matrix of Spark APIs and modes; with --corpus: all releases of the corpus; with
// --reload: the driver's reload on each Python. Names of suites as arguments choose among them.
import { spawnSync } from 'node:child_process';
import { refuseUnknown } from './setup/arguments.mjs';
import { root } from './setup/checkout.mjs';
import { setUp } from './setup/index.mjs';
import { exitWith, SetupError } from './setup/run.mjs';
import { runSuite } from './testing/run-suite.mjs';
import { corpus, forgetReleases } from './testing/corpus.mjs';
import { forgetRecords, matrix } from './testing/matrix.mjs';
import { reload } from './testing/reload.mjs';
import { all, quick } from './testing/suites.mjs';

const WIDTH = 2; // suites at a time

await exitWith(async () => {
  let results;
  try {
    results = await main();
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    console.error(`\n${error.message}`);
    results = [{ name: 'set-up', passed: 0, failed: 1, seconds: 0 }];
  }
  const sum = key => results.reduce((total, result) => total + result[key], 0);
  console.log();
  for (const { name, passed, failed, seconds } of results)
    console.log(`${name.padEnd(36)}${passed} passed, ${failed} failed, ${seconds.toFixed(0)} s`);
  console.log(`${sum('passed')} passed, ${sum('failed')} failed`);
  return sum('failed') ? 1 : 0;
});

async function main() {
  const { set, wanted } = choice(process.argv.slice(2));
  const before = changes();
  const suites = set().filter(suite => !wanted.length || wanted.includes(suite.name));
  if (set === matrix && !wanted.length) forgetRecords();
  if (set === corpus) forgetReleases();
  const machine = await setUp([...new Set(suites.flatMap(suite => suite.needs ?? []))]);
  const results = await runAll(suites, machine);
  // Only a tree that was clean can show that the tests left it so; a developer's own edits are no failure.
  if (before === '') results.push(treeStayedClean());
  return results;
}

/** Which suites the arguments name: one set of them, and of it those by name, or all. */
function choice(args) {
  const sets = { '--quick': quick, '--spark': matrix, '--corpus': corpus, '--reload': reload };
  const flags = args.filter(argument => argument.startsWith('-'));
  refuseUnknown(flags, Object.keys(sets), 'option');
  if (new Set(flags).size > 1)
    throw new SetupError(`${flags.join(' and ')} are different sets of suites: name one of them.`);
  const set = sets[flags[0]] ?? all;
  const wanted = args.filter(argument => !flags.includes(argument));
  refuseUnknown(
    wanted,
    set().map(({ name }) => name),
    flags.length ? `suite of ${flags[0]}` : 'suite'
  );
  return { set, wanted };
}

async function runAll(suites, machine) {
  const results = new Map();
  const waiting = [...suites];
  const running = new Set();
  const start = suite => {
    console.log(`- ${suite.name} …`);
    const run = runSuite(suite, machine).then(result => {
      running.delete(run);
      results.set(suite, result);
      report(result);
    });
    run.alone = suite.alone;
    running.add(run);
  };
  while (waiting.length || running.size) {
    const [next] = waiting;
    const room = next?.alone ? running.size === 0 : running.size < WIDTH;
    if (next && room && ![...running].some(run => run.alone)) start(waiting.shift());
    else await Promise.race(running);
  }
  return suites.map(suite => results.get(suite));
}

function report({ name, passed, failed, seconds, problems }) {
  console.log(`  ${name}: ${passed} passed, ${failed} failed, ${seconds.toFixed(0)} s`);
  for (const problem of problems) console.log(`  ! ${problem}`);
}

/** What git sees as changed, but for the pages that the matrix and the corpus write; undefined where there is no git. */
function changes() {
  const command = [
    'status',
    '--porcelain',
    '--',
    '.',
    ':!docs/spark-support.md',
    ':!docs/libraries.md'
  ];
  const result = spawnSync('git', command, { cwd: root, encoding: 'utf8' });
  return result.status === 0 ? result.stdout.trim() : undefined;
}

function treeStayedClean() {
  const left = changes();
  if (left) console.log(`  ! the tests changed the tree:\n${left}`);
  return { name: 'clean tree', passed: left ? 0 : 1, failed: left ? 1 : 0, seconds: 0 };
}
