// One suite: its commands one after the other, its log, its counts.
import { closeSync, existsSync, fstatSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join, relative } from 'node:path';
import { cache, root } from '../setup/checkout.mjs';
import { pythonEnvironment } from '../setup/environment.mjs';
import { tail } from '../setup/run.mjs';
import { ProcessGuard } from './processes.mjs';
import { sparkConf } from './spark-conf.mjs';

const TIMEOUT = 45 * 60_000; // milliseconds that one command of a suite may take

const TAIL = 40; // lines shown of a command that failed

const folder = join(cache, 'test-logs');

/** `{name, passed, failed, seconds, problems}`. A suite that crashes or runs no test counts as a failure. */
export async function runSuite(suite, machine) {
  const started = Date.now();
  const missing = (suite.needs ?? []).map(name => machine.missing[name]).filter(Boolean);
  const result = missing.length
    ? { passed: 0, failed: 1, problems: missing }
    : await execute(suite, machine);
  return { name: suite.name, seconds: (Date.now() - started) / 1000, ...result };
}

async function execute(suite, machine) {
  mkdirSync(folder, { recursive: true });
  const file = suite.name.replace(/[^a-z0-9.]+/g, '-');
  const log = join(folder, `${file}.log`);
  const report = join(folder, `${file}-${suite.report}`);
  rmSync(report, { force: true });
  const output = openSync(log, 'w');
  const guard = new ProcessGuard();
  const problems = [];
  const commands = suite.commands(report);
  const env = {
    ...pythonEnvironment(suite.environment ?? 'lab', machine),
    SPARK_CONF_DIR: sparkConf(),
    ...suite.environmentVariables?.(report)
  };
  for (const command of commands) {
    writeSync(output, `$ ${command.map(part => relative(root, part) || part).join(' ')}\n`);
    const begin = fstatSync(output).size;
    const problem = await guard.run(command, { cwd: root, env, output, timeout: TIMEOUT });
    if (problem) problems.push(`${describe(command)} ${problem}\n${tail(log, TAIL, begin)}`);
  }
  const left = (await guard.close()).map(name => `left behind: ${name}`);
  closeSync(output);
  const { passed, failed } = count(suite, report, commands.length, problems);
  if (failed && !problems.length) problems.push(tail(log, TAIL));
  if (failed) problems.push(`whole output: ${relative(root, log)}`);
  return { passed, failed: failed + left.length, problems: [...problems, ...left] };
}

const describe = ([command, ...args]) => [relative(root, command), ...args].slice(0, 3).join(' ');

/** Without a report each command counts as one test; with one, a runner's own bad end counts unless a test explains it. */
function count(suite, report, commands, problems) {
  if (!suite.counts) return { passed: commands - problems.length, failed: problems.length };
  if (!existsSync(report)) return { passed: 0, failed: 1 };
  const { passed, failed } = suite.counts(report);
  if (passed + failed === 0) problems.push('no test ran');
  return { passed, failed: failed || (problems.length ? 1 : 0) };
}
