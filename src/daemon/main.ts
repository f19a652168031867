/**
 * The daemon: watches the libraries that kernels open and keeps their eggs ready.
 *
 *   node daemon.cjs --rendezvous FILE [--store DIR] [--log FILE] [--keep-megabytes N] [--keep-days N]
 *
 * The way of a save:
 *
 *   watcher    something happened (a hint)          socket     a kernel asks at a barrier
 *      └──────────────▶ library ◀───────────────────────┘
 *                          ├ barrier    is the tree what is on disk? (coverage, cookie)
 *                          ├ tree       folders (branch) and files (leaves) as last seen; contents: what belongs
 *                          ├ digest     which version is that?
 *                          ├ packing    the eggs that bring it: base and patch (egg; eggThread: off the event loop)
 *                          └ store      kept by content, shared by a user's daemons
 *
 * Around it: lifetime, rendezvous, leftovers, log; every sentence for a person is in refusal.
 */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { PROTOCOL, type DaemonEvent } from '../protocol';
import { Cookie } from './cookie';
import { Pulse } from './coverage';
import { runAsThread, workshop } from './eggThread';
import { Libraries } from './libraries';
import { limitsOf } from './keeping';
import { sweep } from './leftovers';
import { whenOver } from './lifetime';
import { Log } from './log';
import { toFailure } from './refusal';
import { privateFolder, publish, temporaryPlaces } from './rendezvous';
import { Listener } from './socket';
import { openStore, Store } from './store';

declare const DAEMON_VERSION: string;

function emit(event: DaemonEvent): void {
  process.stdout.write(`${JSON.stringify(event)}\n`);
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      rendezvous: { type: 'string' },
      store: { type: 'string' },
      log: { type: 'string' },
      grace: { type: 'string' },
      'keep-megabytes': { type: 'string' },
      'keep-days': { type: 'string' }
    }
  });
  if (!values.rendezvous) {
    throw new Error('Say with --rendezvous FILE where clients can find the daemon.');
  }
  const log = new Log(values.log ?? null);
  const folder = privateFolder();
  const cookies = join(folder, 'cookies');
  mkdirSync(cookies, { mode: 0o700 });
  const pulse = new Pulse();
  const cookie = new Cookie(cookies, pulse);
  const problem = (error: unknown) => {
    const { message } = toFailure(error);
    log.write('problem', { message, stack: error instanceof Error ? error.stack : undefined });
    emit({ event: 'problem', message });
  };
  const limits = limitsOf(
    { megabytes: values['keep-megabytes'], days: values['keep-days'] },
    problem
  );
  const libraries = new Libraries({
    store: values.store
      ? new Store(values.store, limits)
      : openStore(join(folder, 'store'), limits, problem),
    workshop: workshop(__filename),
    pulse,
    cookie,
    grace: values.grace === undefined ? undefined : Number(values.grace),
    onChange: library => {
      const { status } = library;
      log.write('library', { status });
      emit({ event: 'library', status });
      listener.announce(library);
    },
    onClosed: library => {
      log.write('closed', { library });
      emit({ event: 'closed', library });
    },
    onProblem: problem
  });
  const listener = new Listener(libraries, DAEMON_VERSION, problem);
  const socket = join(folder, 'socket');
  let withdraw = () => {};
  const end = (reason: string, code = 0) => {
    log.write('end', { reason });
    withdraw();
    listener.close();
    libraries.end();
    cookie.close();
    rmSync(folder, { recursive: true, force: true });
    process.exit(code);
  };
  // Before clients can find us: one that has may send a signal.
  whenOver(end);
  // A slip in one library must not take the others' daemon away.
  process.on('unhandledRejection', problem);
  process.on('uncaughtException', problem);
  await listener.listen(socket);
  withdraw = publish(values.rendezvous, socket);
  log.write('ready', { pid: process.pid, socket, node: process.version });
  emit({ event: 'ready', protocol: PROTOCOL, pid: process.pid, socket, node: process.version });
  // Clients come first.
  setImmediate(() => sweep(temporaryPlaces()));
}

void runAsThread().then(async thread => {
  if (thread) {
    return;
  }
  if (process.platform === 'win32') {
    process.stderr.write('jupyterlab-autoegg runs on Linux and macOS; Windows is not supported.\n');
    process.exit(2);
  }
  try {
    await main();
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(2);
  }
});
