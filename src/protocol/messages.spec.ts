import { readFileSync } from 'fs';
import { join } from 'path';
import { EGG_FORMAT, PROTOCOL, type BarrierAnswer, type KeptVersion } from '.';

const messages = JSON.parse(
  readFileSync(join(__dirname, '../../tests/protocol/messages.json'), 'utf8')
) as {
  protocol: number;
  eggFormat: number;
  barrierAnswers: BarrierAnswer[];
  keptVersions: KeptVersion[];
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

  it('say of a version what brings it, or why it went', () => {
    const said = messages.keptVersions.map(({ patch, git, gone }) => [
      patch?.name,
      git?.dirty,
      gone?.why
    ]);
    expect(said).toEqual([
      ['p.patch.egg', false, undefined],
      [undefined, undefined, 'age']
    ]);
  });
});
