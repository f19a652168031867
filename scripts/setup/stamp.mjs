// What makes the second run quick: a step is done when its stamp holds the digest of all that went into it.
import { createHash } from 'node:crypto';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync
} from 'node:fs';
import { join } from 'node:path';
import { root, stamps } from './checkout.mjs';

function* filesBelow(path) {
  if (lstatSync(path).isDirectory())
    for (const name of readdirSync(path).sort()) {
      if (name !== '__pycache__') yield* filesBelow(join(path, name));
    }
  else yield path;
}

/** A digest over files, folders (whole) and plain strings; a file that does not exist counts as such. */
export function digestOf({ paths = [], values = [] }) {
  const hash = createHash('sha256');
  for (const value of values) hash.update(`${value}\0`);
  for (const path of paths) {
    if (!existsSync(path)) hash.update(`${path.slice(root.length)} absent\0`);
    else
      for (const file of filesBelow(path))
        hash
          .update(`${file.slice(root.length)}\0`)
          .update(readFileSync(file))
          .update('\0');
  }
  return hash.digest('hex');
}

/** Runs `work` unless its stamp says that it was done with the same inputs and its `outputs` are still there. */
export async function once(name, inputs, outputs, work) {
  const stamp = join(stamps, name);
  const digest = digestOf(inputs);
  const done = existsSync(stamp) && readFileSync(stamp, 'utf8') === digest;
  if (done && outputs.every(existsSync)) return false;
  rmSync(stamp, { force: true });
  await work();
  mkdirSync(stamps, { recursive: true });
  writeFileSync(stamp, digest);
  return true;
}
