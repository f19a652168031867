import {
  closeSync,
  constants,
  openSync,
  readSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LibrarySpec } from '../protocol';
import { versionOf, type Files } from '../daemon/digest';
import { look, readExactly, sha256 } from '../daemon/disk';
import { distributionOf } from '../daemon/distribution';
import { EGG_BEGIN, wholeEgg, type Label } from '../daemon/egg';
import { treeOf } from '../daemon/listing';
import { librariesAt } from '../daemon/project';
import { amount, errorCode, Moving, Refusal, refusals } from '../daemon/refusal';
import { warningsOf } from '../daemon/weight';
import type { Outcome } from './outcome';

/** How often files that change under the build are tried again, and milliseconds in between. */
const TRIES = 20;
const PAUSE = 100;

interface Contents {
  labels: Label[];
  files: Files;
  /** Where the files of the egg are on disk. */
  places: Map<string, string>;
  warnings: string[];
}

/** Packs the libraries at a path into one egg at `output`. */
export async function build(path: string, output: string): Promise<Outcome> {
  const specs = librariesAt(path);
  const target = realTarget(output);
  mayBeWritten(target, specs);
  let packed: { contents: Contents; data: Buffer };
  for (let turn = 1; ; turn++) {
    try {
      packed = await pack(specs);
      break;
    } catch (error) {
      if (!(error instanceof Moving) || turn === TRIES) {
        throw error;
      }
      await sleep(PAUSE);
    }
  }
  const { contents, data } = packed;
  write(target, data);
  const { labels, files, warnings } = contents;
  const named = labels.map(({ name, version }) => `${name} ${version.slice(0, 12)}`).join(', ');
  return {
    text: `${output}: ${named}; ${files.size} files, ${amount(data.length)}\n`,
    remarks: warnings,
    data: {
      egg: target,
      digest: sha256(data),
      bytes: data.length,
      libraries: labels,
      files: [...files.keys()],
      warnings
    },
    failed: false
  };
}

async function pack(specs: LibrarySpec[]): Promise<{ contents: Contents; data: Buffer }> {
  const contents: Contents = { labels: [], files: new Map(), places: new Map(), warnings: [] };
  for (const spec of specs) {
    await take(spec, contents);
  }
  const read = (name: string, digest: string) => readExactly(contents.places.get(name)!, digest);
  return { contents, data: await wholeEgg(contents.labels, contents.files, read) };
}

async function take(
  spec: LibrarySpec,
  { labels, files, places, warnings }: Contents
): Promise<void> {
  const tree = await treeOf(spec);
  const moving = tree.leaves.hashPending();
  if (moving !== null) {
    throw new Moving(moving);
  }
  tree.leaveOutSecrets();
  const own = tree.leaves.files();
  for (const [name, file] of own) {
    const path = tree.path(name);
    if (places.has(name) && places.get(name) !== path) {
      throw new Refusal(
        'refused',
        `${places.get(name)} and ${path} are both imported as ${name}: name one of their projects.`,
        path
      );
    }
    files.set(name, file);
    places.set(name, path);
    if (/\.(so|pyd)$/.test(name)) {
      warnings.push(
        `${path} cannot be imported from an egg that is given by --py-files, only from a directory: install it on the executors, or use \`autoegg.ship(spark)\`.`
      );
    }
  }
  const distribution = distributionOf(spec.path);
  labels.push({ name: spec.name, kind: spec.kind, version: versionOf(own), distribution });
  warnings.push(...warningsOf(tree));
}

/** The absolute path of a file that may not be there yet, without links in its folder. */
function realTarget(output: string): string {
  const target = resolve(output);
  try {
    return join(realpathSync.native(dirname(target)), basename(target));
  } catch {
    return target;
  }
}

/** Refuses a place where an egg would do harm, before any work is done. */
function mayBeWritten(target: string, specs: LibrarySpec[]): void {
  const refuse = (why: string) => new Refusal('refused', `${target} ${why}`, target);
  if (!/\.(egg|zip)$/.test(target)) {
    throw refuse('cannot be the egg: Spark accepts only names that end in .egg or .zip.');
  }
  const inside = specs.find(
    ({ kind, path }) => kind !== 'module' && `${dirname(target)}/`.startsWith(`${path}/`)
  );
  if (inside) {
    throw refuse(`lies in ${inside.path}, which it is built from: name a place outside it.`);
  }
  const there = look(target, true);
  if (there?.type === 'directory') {
    throw refuse('is a directory: name a file.');
  }
  if (there !== null && there.type !== 'file') {
    throw refuse('is not a regular file, so no egg can be written there: name another place.');
  }
  if (there !== null && !isEgg(target)) {
    throw refuse('already exists and is not an egg of autoegg: name another file, or remove it.');
  }
  if (look(dirname(target), true)?.type !== 'directory') {
    throw refuse('cannot be written: its folder does not exist.');
  }
}

/** Does a file begin as every egg does? */
function isEgg(path: string): boolean {
  const head = Buffer.alloc(30 + EGG_BEGIN.length);
  let descriptor: number;
  try {
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    throw refusals.unreadable(path, errorCode(error));
  }
  try {
    readSync(descriptor, head, 0, head.length, 0);
  } finally {
    closeSync(descriptor);
  }
  return (
    head.toString('latin1', 0, 4) === 'PK\x03\x04' && head.toString('latin1', 30) === EGG_BEGIN
  );
}

/** Complete or not at all: a program may be reading the egg of before. */
function write(target: string, data: Buffer): void {
  const part = join(dirname(target), `.autoegg-${process.pid}.part`);
  try {
    writeFileSync(part, data, { flag: 'wx' });
    renameSync(part, target);
  } catch (error) {
    rmSync(part, { force: true });
    throw new Refusal('store', `${target} cannot be written (${errorCode(error)}).`, target);
  }
}
