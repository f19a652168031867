import { mkdtempSync, readFileSync, rmSync, statSync } from 'fs';
import { tmpdir } from 'os';
import { join } from 'path';
import { Log } from './log';

describe('the log', () => {
  it('starts a new file at its size limit and keeps one older file', () => {
    const folder = mkdtempSync(join(tmpdir(), 'autoegg-log-'));
    try {
      const path = join(folder, 'daemon.log');
      const log = new Log(path, 500);
      for (let turn = 0; turn < 40; turn++) {
        log.write('turn', { turn });
      }
      const last = readFileSync(path, 'utf8').trim().split('\n').pop()!;
      expect(JSON.parse(last)).toMatchObject({ event: 'turn', turn: 39 });
      expect(statSync(path).size).toBeLessThanOrEqual(500);
      expect(statSync(`${path}.1`).size).toBeLessThanOrEqual(500);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
