import { readFileSync } from 'fs';
import { join } from 'path';
import { difference, versionOf } from './digest';

const { version: vectors } = JSON.parse(
  readFileSync(join(__dirname, '../../tests/protocol/messages.json'), 'utf8')
) as { version: { files: Record<string, string>; version: string }[] };

const filesOf = (digests: Record<string, string>) =>
  new Map(Object.entries(digests).map(([path, digest]) => [path, { digest, size: 0 }]));

describe('a version', () => {
  it.each(vectors)('is what Python computes too: $version', ({ files, version }) => {
    expect(versionOf(new Map([...filesOf(files)].reverse()))).toBe(version);
  });
});

describe('the difference of two versions', () => {
  it('names what was added or changed, and what went', () => {
    const from = filesOf({ same: '1', edited: '1', gone: '1' });
    const to = filesOf({ same: '1', edited: '2', added: '1' });
    expect(difference(from, to)).toEqual({ changed: ['added', 'edited'], removed: ['gone'] });
  });
});
