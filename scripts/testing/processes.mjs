// Processes of one suite: run in a group of their own and marked, so that whatever a suite leaves behind is found,
// named and ended, also kernels and JVMs that have moved to a session of their own.
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';

const MARK = 'TEST_SUITE_RUN';
const GRACE = 15_000; // milliseconds for daemons and JVMs to end after the suite has

const live = new Set();
const pause = milliseconds => new Promise(resolve => setTimeout(resolve, milliseconds));

export class ProcessGuard {
  #mark = randomUUID();
  #groups = new Set();

  constructor() {
    live.add(this);
  }

  /** Runs one command with its output in the file descriptor `output`; what went wrong, or undefined. */
  run([command, ...args], { cwd, env, output, timeout }) {
    return new Promise(resolve => {
      const child = spawn(command, args, {
        cwd,
        env: { ...env, [MARK]: this.#mark },
        stdio: ['ignore', output, output],
        detached: true
      });
      if (child.pid) this.#groups.add(child.pid);
      let late = false;
      const timer = setTimeout(() => {
        late = true;
        this.kill();
      }, timeout);
      const end = problem => {
        clearTimeout(timer);
        resolve(late ? `did not end within ${timeout / 60_000} minutes` : problem);
      };
      child.on('error', error => end(error.message));
      child.on('exit', (code, signal) =>
        end(code === 0 ? undefined : signal ? `ended with ${signal}` : `ended with status ${code}`)
      );
    });
  }

  /** Waits a little for the rest of the suite's processes to end, then ends them. Names those that had to be. */
  async close() {
    const deadline = Date.now() + GRACE;
    while (this.#marked().length && Date.now() < deadline) await pause(200);
    const names = this.#marked().map(pid => `${commandOf(pid)} (${pid})`);
    this.kill();
    live.delete(this);
    return names;
  }

  kill() {
    const signal = pid => {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // already gone
      }
    };
    for (const group of this.#groups) signal(-group);
    for (const pid of this.#marked()) signal(pid);
  }

  // Linux only. Elsewhere the process groups have to do.
  #marked() {
    if (process.platform !== 'linux') return [];
    return readdirSync('/proc')
      .filter(name => /^\d+$/.test(name) && read(name, 'environ').includes(`${MARK}=${this.#mark}`))
      .map(Number);
  }
}

function read(pid, name) {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8');
  } catch {
    return '';
  }
}

const commandOf = pid => read(pid, 'cmdline').split('\0').join(' ').slice(0, 120);

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
  process.on(signal, () => {
    for (const guard of live) guard.kill();
    process.exit(1);
  });
