import { libraryRows, overallCondition } from './rows';
import { kernelState, library, NEW, serverState, status } from './testing/states';

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

  it('is paused as all others are while the master switch is off', () => {
    expect(libraryRows(kernelState({ enabled: false }), null)[0].condition).toBe('paused');
  });
});

it('the worst condition stands for all libraries', () => {
  const rows = libraryRows(
    kernelState({ libraries: [library(), library({ condition: 'broken' })] }),
    null
  );
  expect(overallCondition(rows)).toBe('broken');
  expect(overallCondition([])).toBeNull();
});
