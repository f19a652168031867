// One step of the set-up: a command whose output goes to a log file and is shown only when it fails.
import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { logs, root } from './checkout.mjs';
import { stripVTControlCharacters } from 'node:util';
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
  const end = follow(title, log, started);
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
    end();
    closeSync(output);
  }
  console.log(`  ${title}: ${((Date.now() - started) / 1000).toFixed(0)} s`);
}

/** Steps that are under way, with what each of them last wrote: one line of the terminal, or one for each of them elsewhere. */
const underWay = new Map();

/** Says that a step has begun, and keeps saying what it does; returns what ends that. */
function follow(title, log, started) {
  if (!process.stdout.isTTY) {
    console.log(`- ${title} …`);
    return () => {};
  }
  underWay.set(title, { log, started });
  const timer = setInterval(drawLine, 200);
  return () => {
    clearInterval(timer);
    underWay.delete(title);
    process.stdout.write(CLEAR);
  };
}

const CLEAR = '\r\x1b[2K';

function drawLine() {
  const parts = [...underWay].map(([title, { log, started }]) => {
    const seconds = Math.round((Date.now() - started) / 1000);
    return `${title} ${seconds} s: ${lastLine(log)}`;
  });
  const width = (process.stdout.columns || 80) - 1;
  process.stdout.write(CLEAR + parts.join(' | ').slice(0, width));
}

/** What a program last wrote, without the colours and bars that it draws with. */
function lastLine(log) {
  const text = stripVTControlCharacters(tail(log, 1).split('\r').pop());
  return text.replace(/[^\x20-\x7e]/g, '').trim();
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
