/**
 * `autoegg` on the command line: the daemon's own code, run once.
 *
 *   ls       what would be shipped, by which rule       (listing)
 *   build    one egg for `spark-submit --py-files`      (build)
 *   doctor   is this machine fit, and what cures it     (doctor, checks)
 *
 * `enable`, `disable`, `status`, `versions`, `show`, `diff`, `restore` and `reproduce` need no Node: `autoegg/command.py` answers them before it comes here.
 *
 * Exit codes: 0 done; 1 refused, or something has to be cured; 2 the command line is wrong.
 */
import { parseArgs } from 'node:util';
import { Moving, Refusal, refusals } from '../daemon/refusal';
import { build } from './build';
import { doctor } from './doctor';
import { list } from './list';
import type { Outcome } from './outcome';

declare const CLI_VERSION: string;

/** `autoegg/command.py` prints the same text where there is no Node. */
const USAGE = `usage: autoegg ls [PATH] [--json]
       autoegg build [PATH] -o FILE.egg [--json]
       autoegg doctor [--json]
       autoegg enable [--env | --user]
       autoegg disable [--env | --user]
       autoegg status [--json]
       autoegg versions [NAME] [--json]
       autoegg show VERSION [--json]
       autoegg diff VERSION VERSION
       autoegg restore VERSION -o FOLDER
       autoegg reproduce NOTEBOOK [-o FILE]

ls       list the files of the libraries at PATH that are shipped, and by which rule
build    pack them into one egg for \`spark-submit --py-files\`; the same files give the same bytes
doctor   check what autoegg needs on this machine, and say how to fix it
enable   make every IPython kernel load autoegg: those of this environment, or of this user
disable  undo that
status   show whether kernels load autoegg, and which IPython profile prevents it
versions list the versions that notebooks and programs have run, by any kernel
show     show when a version ran, where git was, and its files
diff     show what differs between two versions
restore  write a version's files into a new folder
reproduce say whether what a notebook's cells ran on can be had, and run it on that

PATH is a module's .py file, a package's directory or a project's directory; the current directory by default.`;

class Misuse extends Error {}

async function run(args: string[]): Promise<{ outcome: Outcome; json: boolean }> {
  const { values, positionals } = parsed(args);
  const [command, ...rest] = positionals;
  const json = values.json ?? false;
  const [path = '.', ...more] = rest;
  if (more.length > 0) {
    throw new Misuse(`"${more[0]}" is one path too many`);
  }
  if (values.output !== undefined && command !== 'build') {
    throw new Misuse('-o belongs to `autoegg build`');
  }
  switch (command) {
    case 'ls':
      return { outcome: await list(path), json };
    case 'build':
      if (values.output === undefined) {
        throw new Misuse('`autoegg build` needs -o FILE.egg');
      }
      return { outcome: await build(path, values.output), json };
    case 'doctor':
      if (rest.length > 0) {
        throw new Misuse('`autoegg doctor` takes no path');
      }
      return { outcome: await doctor(), json };
    default:
      throw new Misuse(
        command === undefined ? 'say what to do' : `there is no command "${command}"`
      );
  }
}

function parsed(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: { json: { type: 'boolean' }, output: { type: 'string', short: 'o' } }
    });
  } catch (error) {
    throw new Misuse((error as Error).message.split('\n')[0]!);
  }
}

async function main(args: string[]): Promise<number> {
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(`${USAGE}\n`);
    return 0;
  }
  if (args.includes('--version')) {
    process.stdout.write(`${CLI_VERSION}\n`);
    return 0;
  }
  try {
    const { outcome, json } = await run(args);
    process.stdout.write(json ? `${JSON.stringify(outcome.data, null, 2)}\n` : outcome.text);
    for (const remark of json ? [] : outcome.remarks) {
      process.stderr.write(`autoegg: ${remark}\n`);
    }
    return outcome.failed ? 1 : 0;
  } catch (error) {
    if (error instanceof Misuse) {
      process.stderr.write(`autoegg: ${error.message}\n\n${USAGE}\n`);
      return 2;
    }
    const refusal = error instanceof Moving ? refusals.unsettled(error.file) : error;
    if (!(refusal instanceof Refusal)) {
      throw error;
    }
    if (args.includes('--json')) {
      process.stdout.write(`${JSON.stringify({ failure: refusal.failure }, null, 2)}\n`);
    }
    process.stderr.write(`autoegg: ${refusal.message}\n`);
    return 1;
  }
}

// Whoever reads us may stop early: `autoegg ls | head`.
process.stdout.on('error', () => process.exit(0));
void main(process.argv.slice(2)).then(code => (process.exitCode = code));
