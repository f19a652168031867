import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import type { Egg, Failure } from '../protocol';
import { type Files } from './digest';
import { hashFile, readExactly, type Hashed } from './disk';
import { buildEgg, type Label } from './egg';
import { Moving, Refusal, toFailure } from './refusal';
import { Store } from './store';

/** Work that would hold the event loop for long: reading and packing whole libraries. */
export interface HashJob {
  job: 'hash';
  files: { path: string; forSecrets: boolean }[];
}

export interface BaseJob {
  job: 'base';
  store: string;
  label: Label;
  files: Files;
  /** Where each file of the egg is on disk. */
  paths: Map<string, string>;
  compress: boolean;
}

export type Job = HashJob | BaseJob;
/** One per file; null for a file that is being written. */
export type Hashes = (Hashed | null)[];
type Reply = { hashes: Hashes } | { egg: Egg } | { moving: string } | { failure: Failure };
/** How many files a job has worked off. */
type Told = (files: number) => void;
/** Milliseconds between two messages of a thread on how far it is. */
const PAUSE = 50;

/** How {@link Job}s are done. */
export interface Workshop {
  hash(job: Omit<HashJob, 'job'>, told?: Told): Promise<Hashes>;
  base(job: Omit<BaseJob, 'job'>, told?: Told): Promise<Egg>;
}

async function perform(job: Job, told: Told): Promise<Reply> {
  try {
    if (job.job === 'hash') {
      return {
        hashes: job.files.map(({ path, forSecrets }, index) => {
          told(index);
          return hashOrNull(path, forSecrets);
        })
      };
    }
    const store = new Store(job.store);
    // Reading what another daemon has made is faster than making it.
    const made = store.base(job.label);
    if (made) {
      return { egg: made };
    }
    const read = (name: string, digest: string) => readExactly(job.paths.get(name)!, digest);
    const data = await buildEgg(job.label, job.files, null, read, job.compress, told);
    const egg = store.putEgg(job.label, data, false);
    store.putBase(job.label, egg);
    return { egg };
  } catch (error) {
    return error instanceof Moving ? { moving: error.file } : { failure: toFailure(error) };
  }
}

function hashOrNull(path: string, forSecrets: boolean): Hashes[number] {
  try {
    return hashFile(path, forSecrets);
  } catch (error) {
    if (error instanceof Moving) {
      return null;
    }
    throw error;
  }
}

function unwrap<R extends Reply>(reply: Reply): R {
  if ('moving' in reply) {
    throw new Moving(reply.moving);
  }
  if ('failure' in reply) {
    throw new Refusal(reply.failure.code, reply.failure.message, reply.failure.file);
  }
  return reply as R;
}

/** Does jobs in threads that run `program` (the daemon's own bundle), or with null on this thread. */
export function workshop(program: string | null): Workshop {
  const run = (job: Job, told: Told): Promise<Reply> =>
    program === null
      ? perform(job, told)
      : new Promise((resolve, reject) => {
          const worker = new Worker(program, { workerData: job });
          worker.on('message', (message: Reply | { files: number }) =>
            'files' in message ? told(message.files) : resolve(message)
          );
          worker.once('error', reject);
          worker.once('exit', code => reject(new Error(`the egg thread ended with code ${code}`)));
        });
  return {
    hash: async (job, told = () => undefined) =>
      unwrap<{ hashes: Hashes }>(await run({ job: 'hash', ...job }, told)).hashes,
    base: async (job, told = () => undefined) =>
      unwrap<{ egg: Egg }>(await run({ job: 'base', ...job }, told)).egg
  };
}

/** Call first in the program: in a thread it does the thread's job and returns true. */
export async function runAsThread(): Promise<boolean> {
  if (isMainThread) {
    return false;
  }
  let last = performance.now();
  const told: Told = files => {
    const now = performance.now();
    if (now - last >= PAUSE) {
      last = now;
      parentPort!.postMessage({ files });
    }
  };
  parentPort!.postMessage(await perform(workerData as Job, told));
  return true;
}
