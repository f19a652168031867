import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'fs';
import { tmpdir } from 'os';
import { join } from 'path';
import { look, type Look } from './disk';
import { Leaves } from './leaves';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'autoegg-leaves-'));
  path = join(folder, 'a.py');
  writeFileSync(path, 'A = 1\n');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** As if the file had been looked at long after it was written. */
const later = (seen: Look): Look => ({ ...seen, at: seen.at + 60_000 });

function read(): Leaves {
  const leaves = new Leaves();
  const seen = look(path)!;
  const leaf = leaves.add(path, 'a.py', seen, false);
  expect(leaves.hashPending()).toBeNull();
  leaf.seen = later(leaf.seen!);
  return leaves;
}

describe('the files of a tree', () => {
  it('are read once, and not again while they are untouched', () => {
    const leaves = read();
    const next = new Leaves();
    next.add(path, 'a.py', look(path)!, false, leaves);
    expect(next.pending.size).toBe(0);
    expect(next.files()).toEqual(leaves.files());
  });

  it('are read again when they were written too shortly before to be sure', () => {
    const leaves = new Leaves();
    const leaf = leaves.add(path, 'a.py', look(path)!, false);
    leaves.hashPending();
    expect(leaves.check(leaf, 3_600_000)).toBe(true);
    expect(leaves.pending.has(leaf)).toBe(true);
  });

  it('make a revision when their content changes, and none when they are only touched', () => {
    const leaves = read();
    const { revision } = leaves;
    const leaf = leaves.add(path, 'a.py', look(path)!, false, leaves);
    const added = leaves.revision;
    expect(added).toBeGreaterThan(revision);
    utimesSync(path, 1, 1);
    leaves.check(leaf);
    leaves.hashPending();
    expect(leaves.revision).toBe(added);
    writeFileSync(path, 'A = 2\n');
    leaves.check(leaf);
    leaves.hashPending();
    expect(leaves.revision).toBe(added + 1);
    expect(leaves.youngest?.path).toBe(path);
  });

  it('that are gone are reported to whoever looks', () => {
    const leaves = new Leaves();
    const leaf = leaves.add(path, 'a.py', look(path)!, false);
    rmSync(path);
    expect(leaves.check(leaf)).toBe(false);
    leaves.remove(leaf, look(folder));
    expect([leaves.size, leaves.pending.size]).toEqual([0, 0]);
  });
});
