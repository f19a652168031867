// One step of the set-up: a command whose output goes to a log file and is shown only when it fails.
import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { logs, root } from './checkout.mjs';
import { neutralEnvironment } from './environment.mjs';

/** Something that a person has to do, or read, in one sentence; the scripts print it without a stack. */
export class SetupError extends Error {}

/** Runs `main` and turns its outcome into the exit status of this process. */
export async function exitWith(main) {
  try {
    process.exitCode = (await main()) ?? 0;
  } catch (error) {
    console.error(error instanceof SetupError ? `\n${error.message}` : error);
    process.exitCode = 1;
  }
}

/** The last lines of a file, of what stands behind the byte `from`. */
export const tail = (file, lines = 40, from = 0) =>
  readFileSync(file).subarray(from).toString().trimEnd().split('\n').slice(-lines).join('\n');

/** Runs a list of `[command, ...arguments]` one after the other under one title and one log file. */
export async function step(title, name, commands, { env = neutralEnvironment() } = {}) {
  mkdirSync(logs, { recursive: true });
  const log = join(logs, `${name}.log`);
  const output = openSync(log, 'w');
  const started = Date.now();
  console.log(`- ${title} …`);
  try {
    for (const [command, ...args] of commands) {
      const problem = await outcome(command, args, env, output);
      if (problem) {
        console.error(tail(log));
        throw new SetupError(
          `${title} failed: ${problem} (whole output: ${relative(root, log)}, in ${root})`
        );
      }
    }
  } finally {
    closeSync(output);
  }
  console.log(`  ${title}: ${((Date.now() - started) / 1000).toFixed(0)} s`);
}

function outcome(command, args, env, output) {
  return new Promise(resolve => {
    const child = spawn(command, args, { cwd: root, env, stdio: ['ignore', output, output] });
    child.on('error', error => resolve(`${command}: ${error.message}`));
    child.on('close', (code, signal) =>
      resolve(code === 0 ? undefined : `${command} ended with ${signal ?? `status ${code}`}`)
    );
  });
}
