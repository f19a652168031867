import { spawnSync } from 'child_process';
import {
  linkSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync
} from 'fs';
import { tmpdir } from 'os';
import { dirname, join } from 'path';
import { Barrier } from './barrier';
import { Cookie } from './cookie';
import { Pulse } from './coverage';
import { hashFile } from './disk';
import type { Workshop } from './eggThread';

let project: string;
const opened: { close: () => unknown }[] = [];

const at = (...path: string[]) => join(project, ...path);

function write(path: string, text = ''): void {
  mkdirSync(dirname(at(path)), { recursive: true });
  writeFileSync(at(path), text);
}

/** Changes the first byte of a file as databases do, by its memory. inotify(7): "does not report file accesses and modifications that may occur because of mmap(2)". */
function writeUnheard(path: string): void {
  const program =
    'import mmap, sys; f = open(sys.argv[1], "r+b"); m = mmap.mmap(f.fileno(), 0); m[0:1] = b"B"; m.flush()';
  const done = spawnSync('python3', ['-c', program, at(path)], { encoding: 'utf8' });
  expect(done.stderr).toBe('');
}

/** @param hashing called while the files of a pass are read, if they are many */
function barrierOf(hashing: () => void = () => undefined): Barrier {
  const pulse = new Pulse();
  const cookie = new Cookie(at('cookies'), pulse);
  const workshop = {
    hash: async ({ files }: { files: { path: string }[] }) => {
      hashing();
      return files.map(({ path }) => hashFile(path));
    }
  } as unknown as Workshop;
  const spec = { name: 'lib', kind: 'package' as const, path: at('lib') };
  const barrier = new Barrier(spec, pulse, cookie, workshop, () => undefined);
  opened.push(barrier, cookie);
  return barrier;
}

/** What the barrier says is on disk, by digest. */
async function seen(barrier: Barrier): Promise<Record<string, string>> {
  expect(await barrier.look()).toBeNull();
  const files = barrier.tree!.leaves.files();
  return Object.fromEntries([...files].map(([name, { digest }]) => [name, digest]));
}

const onDisk = (path: string) => hashFile(at(path)).digest;

beforeEach(() => {
  project = realpathSync(mkdtempSync(join(tmpdir(), 'autoegg-barrier-')));
  mkdirSync(at('cookies'));
  write('lib/__init__.py');
  write('lib/a.py', 'A = 1\n');
});
afterEach(() => {
  for (const part of opened.splice(0)) {
    part.close();
  }
  rmSync(project, { recursive: true, force: true });
});

describe('a look at the disk', () => {
  it('is at everything when something cast doubt on the events while the last look went on', async () => {
    // So many bytes that they are read in a thread, so that other things can happen meanwhile.
    write('lib/large.bin');
    truncateSync(at('lib', 'large.bin'), 17 << 20);
    const barrier: Barrier = barrierOf(() => barrier.doubt());
    await seen(barrier);
    writeUnheard('lib/a.py');
    expect((await seen(barrier))['lib/a.py']).toBe(onDisk('lib/a.py'));
  });

  it('is at everything after one that was refused half-way', async () => {
    write('lib/parts/b.py', 'B = 1\n');
    const barrier = barrierOf();
    await seen(barrier);
    write('lib/back\\slash.py');
    write('lib/parts/b.py', 'B = 22\n');
    await expect(barrier.look()).rejects.toThrow('back\\slash.py');
    unlinkSync(at('lib', 'back\\slash.py'));
    expect((await seen(barrier))['lib/parts/b.py']).toBe(onDisk('lib/parts/b.py'));
  });

  it('shows where a linked folder leads to now, although no event reports that', async () => {
    write('v1/b.py', 'B = 1\n');
    write('v2/b.py', 'B = 2\n');
    symlinkSync(at('v1'), at('current'));
    symlinkSync(at('current'), at('lib', 'parts'));
    const barrier = barrierOf();
    for (const version of ['v1', 'v2', 'v1']) {
      unlinkSync(at('current'));
      symlinkSync(at(version), at('current'));
      expect((await seen(barrier))['lib/parts/b.py']).toBe(onDisk(join(version, 'b.py')));
    }
  });

  it('shows where a linked file leads to now', async () => {
    write('v1/b.py', 'B = 1\n');
    write('v2/b.py', 'B = 2\n');
    symlinkSync(at('v1'), at('current'));
    symlinkSync(at('current', 'b.py'), at('lib', 'b.py'));
    const barrier = barrierOf();
    for (const version of ['v1', 'v2', 'v1']) {
      unlinkSync(at('current'));
      symlinkSync(at(version), at('current'));
      expect((await seen(barrier))['lib/b.py']).toBe(onDisk(join(version, 'b.py')));
    }
  });

  it('shows what was written to a file under a second name that it has outside of the library', async () => {
    linkSync(at('lib', 'a.py'), at('elsewhere.py'));
    const barrier = barrierOf();
    for (const value of [2, 3]) {
      await seen(barrier);
      write('elsewhere.py', `A = ${value}\n`);
      expect((await seen(barrier))['lib/a.py']).toBe(onDisk('elsewhere.py'));
    }
  });

  it('knows of a second name that a file was given since, as soon as the file was read again', async () => {
    const barrier = barrierOf();
    await seen(barrier);
    linkSync(at('lib', 'a.py'), at('elsewhere.py'));
    write('lib/a.py', 'A = 2\n');
    await seen(barrier);
    write('elsewhere.py', 'A = 3\n');
    expect((await seen(barrier))['lib/a.py']).toBe(onDisk('elsewhere.py'));
  });
});
