import { libraryRows } from '../rows';
import { trans } from '../testing/fakes';
import { kernelState, library, NEW, OLD, serverState, status } from '../testing/states';
import { markOf, marksOf, versionsNow } from './marks';

const run = (own = {}) => ({
  versions: { tagscrape: OLD },
  count: 1,
  refused: false,
  session: 's1',
  ...own
});
const now = (own = {}, daemon = {}) =>
  versionsNow(
    libraryRows(
      kernelState({ libraries: [library(own)] }),
      serverState({ libraries: [status(daemon)] })
    )
  );

describe('a cell is marked', () => {
  it('when the code that it ran on is not what the next cell would run', () => {
    expect(markOf(run(), now(), trans)).toBeNull();
    expect(markOf(run(), now({ version: NEW }, { version: NEW }), trans)).toMatchObject({
      kind: 'stale',
      text: 'ran on 3f9c, now 7a21',
      target: { change: { library: 'tagscrape', from: OLD, to: NEW } }
    });
  });

  it('as soon as the library is saved, and no longer when the save is undone', () => {
    expect(markOf(run(), now({}, { version: NEW }), trans)?.kind).toBe('stale');
    expect(markOf(run(), now({}, { version: OLD }), trans)).toBeNull();
  });

  it('against the version that is held or that runs while it is pinned or paused', () => {
    expect(markOf(run(), now({ pinned: OLD }, { version: NEW }), trans)).toBeNull();
    const paused = { condition: 'paused', enabled: false };
    expect(markOf(run(), now(paused, { version: NEW }), trans)).toBeNull();
  });

  it('as refused when nothing of it ran', () => {
    expect(markOf(run({ versions: null, refused: true }), now(), trans)).toMatchObject({
      kind: 'refused',
      text: 'did not run'
    });
    const place = { file: '/a.py', line: 3 };
    expect(markOf(run({ versions: null, refused: true, place }), now(), trans)).toMatchObject({
      text: 'did not run · open at line 3',
      target: { place }
    });
  });

  it('when it used a library before autoegg was loaded, whatever the library is now', () => {
    const early = run({ versions: null, early: true });
    for (const mark of [markOf(early, now(), trans), marksOf(now(), trans)(early)]) {
      expect(mark).toMatchObject({ kind: 'stale', text: 'ran before autoegg was loaded' });
    }
    expect(marksOf(now(), trans)(run({ versions: null }))).toBeNull();
  });

  it('not at all when it used no library, or one that is not there now', () => {
    expect(markOf(run({ versions: null }), now({ version: NEW }), trans)).toBeNull();
    expect(markOf(run({ versions: { other: OLD } }), now({ version: NEW }), trans)).toBeNull();
    expect(markOf(null, now(), trans)).toBeNull();
  });

  it('with all libraries that differ', () => {
    const mark = markOf(
      run({ versions: { a: OLD, b: OLD } }),
      new Map([
        ['a', NEW],
        ['b', NEW]
      ]),
      trans
    );
    expect(mark?.text).toBe('ran on older code of 2 libraries');
    expect(mark?.caption.split('\n')).toEqual([
      'a: ran on 3f9c, now 7a21',
      'b: ran on 3f9c, now 7a21'
    ]);
  });
});
