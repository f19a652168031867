import type { RowCondition } from './rows';
import { buildProgress, libraryRows, overallCondition, shortVersion } from './rows';
import { kernelState, library, NEW, OLD, serverState, status } from './testing/states';

const one = (own = {}, daemon = {}) =>
  libraryRows(
    kernelState({ libraries: [library(own)] }),
    serverState({ libraries: [status(daemon)] })
  )[0];

describe('a library of the current notebook', () => {
  it('is what its kernel says while the disk agrees', () => {
    expect(one()).toMatchObject({ condition: 'current', next: null, files: 12 });
  });

  it('waits for the next cell as soon as the daemon sees another version on disk', () => {
    expect(one({}, { version: NEW, files: 13 })).toMatchObject({
      condition: 'waiting',
      next: NEW,
      files: 13
    });
  });

  it('is building while the daemon packs it', () => {
    expect(one({}, { condition: 'building' }).condition).toBe('building');
  });

  it('is broken when the daemon cannot read it, with the file', () => {
    const error = { code: 'unreadable' as const, message: 'cannot be read', file: '/x.py' };
    expect(one({}, { condition: 'broken', error })).toMatchObject({
      condition: 'broken',
      failure: { message: 'cannot be read', file: '/x.py' }
    });
  });

  it('stays paused, broken or shipping whatever the disk does', () => {
    for (const condition of ['paused', 'broken', 'shipping'] as const) {
      expect(one({ condition }, { version: NEW }).condition).toBe(condition);
    }
  });

  it('has no version before the first cell, and is known to the kernel alone without a daemon', () => {
    expect(one({ version: null }).condition).toBe('new');
    expect(one({ library: null }, { version: NEW }).condition).toBe('current');
    expect(libraryRows(kernelState(), null)).toHaveLength(1);
  });

  it('has the same row until something is new about it, on its kernel or on disk', () => {
    const kernel = kernelState();
    const daemon = serverState();
    const [row] = libraryRows(kernel, daemon);
    expect(libraryRows({ ...kernel, generation: 9 }, { ...daemon })[0]).toBe(row);
    const other = serverState({ libraries: [status({ version: NEW })] });
    expect(libraryRows(kernel, other)[0].condition).toBe('waiting');
    expect(libraryRows({ ...kernel, enabled: false }, daemon)[0].condition).toBe('paused');
    expect(libraryRows(kernel, daemon)[0].condition).toBe('current');
  });

  it('is known to the server only under the key that both have', () => {
    expect(one()).toMatchObject({ key: 'k1', disk: OLD });
    expect(one({ library: 'k2' }, { version: NEW })).toMatchObject({ key: null, disk: OLD });
    expect(one({ library: null }, { library: null as never, version: NEW })).toMatchObject({
      condition: 'current',
      key: null
    });
  });

  it('shows what the daemon has seen on disk, also what it has built of it', () => {
    const built = { at: '2026-05-04T15:04:33Z', milliseconds: 3, eggBytes: 900 };
    expect(one({}, { version: NEW, built })).toMatchObject({ version: OLD, disk: NEW, built });
    expect(one({}, { version: null })).toMatchObject({ disk: OLD, built: null, next: null });
  });

  it('has the share of a build that is done, and none once it is over', () => {
    const progress = { step: 'packing' as const, done: 3, total: 12 };
    expect(one({}, { condition: 'building', progress }).progress).toBe(0.25);
    expect(one({}, { condition: 'building' }).progress).toBeNull();
    expect(one({}, { condition: 'current', progress }).progress).toBeNull();
  });

  it('reports what its kernel could not do rather than what the daemon could not', () => {
    const failure = { code: 'broken', message: 'line 3: invalid syntax', file: '/x.py', line: 3 };
    const error = { code: 'unreadable' as const, message: 'cannot be read', file: '/y.py' };
    const row = one({ condition: 'broken', failure } as never, { condition: 'broken', error });
    expect(row.failure).toEqual(failure);
  });

  it('that a person has taken off the list is not broken by what is on disk', () => {
    const error = { code: 'unreadable' as const, message: 'cannot be read' };
    const row = one({ enabled: false, condition: 'paused' }, { condition: 'broken', error });
    expect([row.condition, row.failure]).toEqual(['paused', null]);
  });

  it('waits as its kernel says, and is broken or being built as the disk says', () => {
    expect(one({ condition: 'waiting' }).condition).toBe('waiting');
    expect(one({ condition: 'waiting' }, { condition: 'building' }).condition).toBe('building');
    const error = { code: 'unreadable' as const, message: 'cannot be read' };
    expect(one({ condition: 'waiting' }, { error }).condition).toBe('broken');
  });

  it('is absent when none of its modules is loaded', () => {
    expect(one({ imported: false }).condition).toBe('absent');
    expect(one({ imported: false, version: null }).condition).toBe('absent');
    expect(one({ imported: false }, { version: NEW }).condition).toBe('waiting');
  });

  it('is paused as all others are while the master switch is off', () => {
    expect(libraryRows(kernelState({ enabled: false }), null)[0].condition).toBe('paused');
  });
});

describe('the condition that stands for all libraries', () => {
  const WORST_FIRST = [
    'broken',
    'shipping',
    'building',
    'waiting',
    'pinned',
    'new',
    'absent',
    'current',
    'paused'
  ] as const;
  const rowOf = (condition: RowCondition) => ({ ...one(), condition });

  it.each(WORST_FIRST.slice(1).map((worse, index) => [WORST_FIRST[index], worse] as const))(
    'is %s rather than %s, in whatever order they come',
    (worse, better) => {
      expect(overallCondition([rowOf(better), rowOf(worse)])).toBe(worse);
      expect(overallCondition([rowOf(worse), rowOf(better)])).toBe(worse);
    }
  );

  it('is none without libraries', () => {
    expect(overallCondition([])).toBeNull();
  });
});

describe('the share that is done of all builds of a notebook', () => {
  const building = (path: string, done: number, total: number, own = {}) =>
    status({
      path,
      condition: 'building',
      progress: { step: 'packing', done, total },
      ...own
    } as never);
  const kernel = kernelState({ libraries: [library({ path: '/a' }), library({ path: '/b' })] });

  it('weighs each build by its size', () => {
    const server = serverState({ libraries: [building('/a', 10, 10), building('/b', 0, 30)] });
    expect(buildProgress(kernel, server)).toBe(0.25);
  });

  it('leaves out libraries of other notebooks, and builds that are over', () => {
    const libraries = [
      building('/a', 5, 10),
      building('/b', 9, 90, { condition: 'current' }),
      building('/other', 0, 90)
    ];
    expect(buildProgress(kernel, serverState({ libraries }))).toBe(0.5);
  });

  it('is none where nothing is built', () => {
    expect(buildProgress(kernel, serverState({ libraries: [status({ path: '/a' })] }))).toBeNull();
    expect(buildProgress(null, null)).toBeNull();
  });
});

it('a version is shown by its first four digits', () => {
  expect(shortVersion(OLD)).toBe('3f9c');
});
