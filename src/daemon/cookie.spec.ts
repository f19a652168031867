import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'fs';
import { tmpdir } from 'os';
import { join } from 'path';
import { Cookie } from './cookie';
import { Coverage, isLocal, Pulse } from './coverage';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'autoegg-cookie-'));
  mkdirSync(join(folder, 'cookies'));
  mkdirSync(join(folder, 'watched'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('a cookie', () => {
  it('comes after every event from before, or says that it cannot', async () => {
    const pulse = new Pulse();
    const seen = new Set<string | null>();
    const coverage = new Coverage(pulse, (_folder, name) => seen.add(name));
    const cookie = new Cookie(join(folder, 'cookies'), pulse);
    try {
      coverage.cover(join(folder, 'watched'));
      for (let turn = 0; turn < 100; turn++) {
        writeFileSync(join(folder, 'watched', `f${turn}`), '');
        const passed = await cookie.pass();
        expect(passed).toBe(isLocal(folder));
        expect(!passed || seen.has(`f${turn}`)).toBe(true);
      }
    } finally {
      cookie.close();
      coverage.close();
    }
  });

  it('that is on its way does not stand for those who ask later', async () => {
    const pulse = new Pulse();
    const seen = new Set<string | null>();
    const coverage = new Coverage(pulse, (_folder, name) => seen.add(name));
    const cookie = new Cookie(join(folder, 'cookies'), pulse);
    try {
      coverage.cover(join(folder, 'watched'));
      const first = cookie.pass();
      writeFileSync(join(folder, 'watched', 'late'), '');
      const second = cookie.pass();
      await first;
      expect(!(await second) || seen.has('late')).toBe(true);
    } finally {
      cookie.close();
      coverage.close();
    }
  });

  it('of a closed daemon proves nothing', async () => {
    const cookie = new Cookie(join(folder, 'cookies'), new Pulse());
    cookie.close();
    expect(await cookie.pass()).toBe(false);
  });
});

describe('coverage', () => {
  it('says when a folder could not be watched', () => {
    const coverage = new Coverage(new Pulse(), () => undefined);
    coverage.cover(join(folder, 'nowhere'));
    expect(coverage.complete).toBe(false);
  });

  it('casts doubt on everything when it ends a watch, whose last events nobody sees', () => {
    const pulse = new Pulse(100);
    const coverage = new Coverage(pulse, () => undefined);
    coverage.cover(folder);
    coverage.close();
    expect(pulse.count).toBeGreaterThanOrEqual(100);
  });
});
