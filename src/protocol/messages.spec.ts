import { readFileSync } from 'fs';
import { join } from 'path';
import { versionOf } from '../daemon/digest';
import { EGG_FORMAT, PROTOCOL, type BarrierAnswer } from '.';

const messages = JSON.parse(
  readFileSync(join(__dirname, '../../tests/protocol/messages.json'), 'utf8')
) as {
  protocol: number;
  eggFormat: number;
  version: { files: Record<string, string>; version: string }[];
  barrierAnswers: BarrierAnswer[];
};

describe('the messages that both languages read', () => {
  it('have the same numbers on both sides', () => {
    expect(messages.protocol).toBe(PROTOCOL);
    expect(messages.eggFormat).toBe(EGG_FORMAT);
  });

  it.each(messages.version)('make the version $version', ({ files, version }) => {
    const reversed = Object.entries(files).reverse();
    expect(versionOf(new Map(reversed.map(([path, digest]) => [path, { digest }])))).toBe(version);
  });

  it('tell the three barrier answers apart by their fields', () => {
    const kinds = messages.barrierAnswers.map(answer =>
      'failure' in answer ? answer.failure.code : answer.unchanged
    );
    expect(kinds).toEqual([true, false, 'missing']);
  });
});
