import { NEW, OLD } from './testing/states';
import { spanOf } from './versionSpan';

const past = (version: string) => ({
  version,
  at: '',
  cell: null,
  files: [],
  changes: 0,
  git: null
});
const row = (own = {}) => ({ key: 'k1', version: OLD, disk: OLD, history: [past(OLD)], ...own });

describe('two versions are compared', () => {
  it('what runs with what is on disk, while they differ', () => {
    expect(spanOf(row({ disk: NEW }))).toEqual({ from: OLD, to: NEW });
  });

  it('else what runs with what ran before', () => {
    expect(spanOf(row({ version: NEW, disk: NEW, history: [past(NEW), past(OLD)] }))).toEqual({
      from: OLD,
      to: NEW
    });
  });

  it('or those that are named', () => {
    expect(spanOf(row(), { from: NEW, to: OLD })).toEqual({ from: NEW, to: OLD });
  });

  it('not where there is one only, or nobody keeps them', () => {
    expect(spanOf(row())).toBeNull();
    expect(spanOf(row({ disk: NEW, key: null }))).toBeNull();
  });
});
