/** Milliseconds between looks at the parent, in case a process that it forked holds the other end of our stdin. */
const PARENT_INTERVAL = 2_000;

/**
 * Calls `end` once when the daemon is no longer wanted: its standard input ends (the process that started it holds the other
 * end), its parent has died, or a signal asks for it.
 *
 * Ctrl-C in the terminal of the Jupyter server goes to the whole process group; the server may then decide to go on.
 * So SIGINT counts only for a daemon that was started by hand.
 */
export function whenOver(end: (reason: string) => void): void {
  let over = false;
  const once = (reason: string) => {
    if (!over) {
      over = true;
      end(reason);
    }
  };
  process.stdin.on('end', () => once('standard input ended'));
  process.stdin.on('close', () => once('standard input closed'));
  process.stdin.on('error', () => once('standard input failed'));
  process.stdin.resume();
  process.on('SIGTERM', () => once('SIGTERM'));
  process.on('SIGHUP', () => once('SIGHUP'));
  process.on('SIGINT', () => {
    if (process.stdin.isTTY) {
      once('SIGINT');
    }
  });
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) {
      once('the parent process ended');
    }
  }, PARENT_INTERVAL).unref();
  // Our events are no longer read.
  process.stdout.on('error', () => once('standard output closed'));
}
