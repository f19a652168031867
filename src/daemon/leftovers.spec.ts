import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'fs';
import { tmpdir } from 'os';
import { join } from 'path';
import { OWNER_FILE } from '../protocol';
import { claim, machine, sweep } from './leftovers';

/** No Linux or macOS has processes of that number. */
const DEAD = 2 ** 22 + 5;
let place: string;
beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), 'autoegg-leftovers-'));
});
afterEach(() => rmSync(place, { recursive: true, force: true }));

function make(name: string, owner: object | string | null): string {
  const folder = join(place, name);
  mkdirSync(join(folder, 'cookies'), { recursive: true });
  if (owner !== null) {
    const text = typeof owner === 'string' ? owner : JSON.stringify(owner);
    writeFileSync(join(folder, OWNER_FILE), text);
  }
  return folder;
}

describe('what a killed process left behind', () => {
  it('goes with the next sweep', () => {
    const folder = make('autoegg-dead', { pid: DEAD, machine: machine() });
    sweep([place, place, join(place, 'nowhere')]);
    expect(existsSync(folder)).toBe(false);
  });

  it.each([
    ['a living process', { pid: process.pid, machine: machine() }],
    ['a living process of somebody else', { pid: 1, machine: machine() }],
    ['another machine', { pid: DEAD, machine: 'elsewhere' }],
    ['nobody yet', null],
    ['a process that is just writing its name', '{"pid":'],
    ['no process at all', { machine: machine() }],
    ['a whole process group', { pid: -DEAD, machine: machine() }]
  ])('stays when it belongs to %s', (_whom, owner) => {
    const folder = make('autoegg-other', owner);
    sweep([place]);
    expect(existsSync(folder)).toBe(true);
  });

  it('stays when it is not ours by name, or only a link', () => {
    const folder = make('other', { pid: DEAD, machine: machine() });
    symlinkSync(folder, join(place, 'autoegg-link'));
    sweep([place]);
    expect(existsSync(join(place, 'autoegg-link', 'cookies'))).toBe(true);
  });

  it('is distinguished from a folder that this process has claimed', () => {
    const folder = make('autoegg-mine', null);
    claim(folder);
    sweep([place]);
    expect(existsSync(folder)).toBe(true);
  });
});
