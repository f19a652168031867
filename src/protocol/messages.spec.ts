import { readFileSync } from 'fs';
import { join } from 'path';
import { EGG_FORMAT, PROTOCOL, type BarrierAnswer } from '.';

const messages = JSON.parse(
  readFileSync(join(__dirname, '../../tests/protocol/messages.json'), 'utf8')
) as {
  protocol: number;
  eggFormat: number;
  barrierAnswers: BarrierAnswer[];
};

describe('the messages that both languages read', () => {
  it('have the same numbers on both sides', () => {
    expect(messages.protocol).toBe(PROTOCOL);
    expect(messages.eggFormat).toBe(EGG_FORMAT);
  });

  it('distinguish the three barrier answers by their fields', () => {
    const kinds = messages.barrierAnswers.map(answer =>
      'failure' in answer ? answer.failure.code : answer.unchanged
    );
    expect(kinds).toEqual([true, false, 'missing']);
  });
});
