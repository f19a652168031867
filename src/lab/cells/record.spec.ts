import { kernelState, library, NEW, OLD } from '../testing/states';
import { recordIn, recordOf, versionsIn } from './record';

const past = (version: string, dirty: boolean) => ({
  version,
  at: '2026-01-01T00:00:00.000Z',
  cell: 1,
  files: [],
  changes: 0,
  git: { commit: 'c0ffee', dirty }
});

describe('the record of a cell', () => {
  const state = kernelState({
    python: '3.12.1',
    libraries: [library({ history: [past(NEW, true), past(OLD, false)] })]
  });

  it('names the commit of each version and whether it was clean', () => {
    expect(recordOf({ tagscrape: OLD }, state)).toEqual({
      schema: 1,
      libraries: { tagscrape: { version: OLD, commit: 'c0ffee', clean: true } },
      python: '3.12.1',
      spark: null
    });
    expect(recordOf({ tagscrape: NEW }, state).libraries['tagscrape']!.clean).toBe(false);
    expect(recordOf({ other: NEW }, state).libraries['other']).toEqual({
      version: NEW,
      commit: null,
      clean: false
    });
  });

  it('gives its versions back, and nothing where its form is not known', () => {
    expect(versionsIn(recordOf({ tagscrape: OLD }, state))).toEqual({ tagscrape: OLD });
    expect(versionsIn(undefined)).toBeNull();
    expect(versionsIn({ schema: 2, libraries: {} })).toBeNull();
    expect(versionsIn({ ...recordOf({ tagscrape: OLD }, state), at: true })).toBeNull();
  });

  it('is that of the outputs, where a run without a page has left one', () => {
    const [page, kernel] = [
      recordOf({ tagscrape: OLD }, state),
      recordOf({ tagscrape: NEW }, state)
    ];
    expect(recordIn({ autoegg: page }, [{}, { autoegg: kernel }])).toBe(kernel);
    expect(recordIn({ autoegg: page }, [{}, undefined])).toBe(page);
    expect(recordIn({}, [])).toBeUndefined();
  });
});
