import type { CellRuns } from '../../protocol';
import { settled } from '../testing/fakes';
import { NEW, OLD } from '../testing/states';
import { CellMemory } from './memory';

class Store {
  readonly kept = new Map<string, unknown>();
  fetch = async (key: string) => this.kept.get(key);
  save = async (key: string, value: unknown) => void this.kept.set(key, value);
}

const runs = (own: Partial<CellRuns> = {}): CellRuns => ({
  session: 's1',
  codes: [{ tagscrape: OLD }, { tagscrape: NEW }],
  cells: { a: { code: 0, count: 1, refused: false } },
  ...own
});

const memory = (store: Store | null = null) => new CellMemory('demo.ipynb', store as never);

describe('what is known of a cell', () => {
  it('is what the kernel says of its last run', () => {
    const cells = memory();
    expect(cells.take(runs())).toEqual(['a']);
    expect(cells.take(runs())).toEqual([]);
    expect(cells.get('a')?.versions).toEqual({ tagscrape: OLD });
    expect(cells.take(runs({ cells: { a: { code: 1, count: 2, refused: false } } }))).toEqual([
      'a'
    ]);
    expect(cells.get('a')?.versions).toEqual({ tagscrape: NEW });
  });

  it('outlives the kernel and the page', async () => {
    const store = new Store();
    const before = memory(store);
    before.take(runs());
    before.dispose();
    const after = memory(store);
    await after.ready;
    after.take(runs({ session: 's2', cells: {} }));
    expect(after.get('a')?.versions).toEqual({ tagscrape: OLD });
    after.take(runs({ session: 's2', cells: { a: { code: null, count: 1, refused: false } } }));
    expect(after.get('a')?.versions).toBeNull();
  });

  it('is kept apart for each notebook', async () => {
    const store = new Store();
    const one = memory(store);
    one.take(runs());
    one.dispose();
    const other = new CellMemory('other.ipynb', store as never);
    await other.ready;
    expect(other.get('a')).toBeNull();
  });

  it('goes with the notebook to another path, and stays with a file that was copied', async () => {
    const store = new Store();
    const one = memory(store);
    one.take(runs());
    one.move('renamed.ipynb');
    one.dispose();
    for (const path of ['renamed.ipynb', 'demo.ipynb']) {
      const after = new CellMemory(path, store as never);
      await after.ready;
      expect(after.get('a')?.versions).toEqual({ tagscrape: OLD });
    }
  });

  it('goes with its results to a copy', () => {
    const cells = memory();
    cells.take(runs());
    cells.copy(1, 'b');
    cells.copy(7, 'c');
    expect(cells.get('b')?.versions).toEqual({ tagscrape: OLD });
    expect(cells.get('c')).toBeNull();
  });

  it('is news when a run was refused, also under the number of the run before', () => {
    const cells = memory();
    cells.take(runs());
    expect(cells.take(runs({ cells: { a: { code: 0, count: 1, refused: true } } }))).toEqual(['a']);
    expect(cells.get('a')?.refused).toBe(true);
  });

  it('has the code that ran, as whoever asks saw it then', () => {
    const cells = memory();
    cells.take(runs(), cell => `code of ${cell}`);
    expect(cells.get('a')?.source).toBe('code of a');
    cells.take(runs(), () => 'other code');
    expect(cells.get('a')?.source).toBe('code of a');
  });

  it('goes from the latest run of that number, and not over what a copy has run itself', () => {
    const cells = memory();
    cells.take(runs());
    const life = { session: 's2', cells: { b: { code: 1, count: 1, refused: false } } };
    cells.take(runs(life));
    cells.copy(1, 'c');
    expect(cells.get('c')?.versions).toEqual({ tagscrape: NEW });
    cells.copy(1, 'a');
    expect(cells.get('a')?.versions).toEqual({ tagscrape: OLD });
    // A cell that has run again is the latest one, wherever it stands.
    cells.take(runs({ session: 's3' }));
    cells.copy(1, 'd');
    expect(cells.get('d')?.versions).toEqual({ tagscrape: OLD });
  });

  it('of a number that no cell has is nothing', () => {
    const cells = memory();
    cells.take(runs({ cells: { a: { code: 0, count: 9, refused: false } } }));
    cells.copy(7, 'b');
    expect(cells.get('b')).toBeNull();
  });

  it('is what the file says only where nothing newer is known', () => {
    const cells = memory();
    cells.take(runs());
    cells.recall('a', { tagscrape: NEW }, 1);
    cells.recall('b', { tagscrape: NEW }, 1);
    expect(cells.get('a')?.versions).toEqual({ tagscrape: OLD });
    expect(cells.get('b')?.versions).toEqual({ tagscrape: NEW });
  });

  it('of a cell in a file is not that it was refused', () => {
    const cells = memory();
    cells.recall('a', { tagscrape: NEW }, 1);
    expect(cells.get('a')?.refused).toBe(false);
  });

  it('that the kernel has said is not undone by what was kept of an earlier life', async () => {
    const store = new Store();
    const before = memory(store);
    before.take(runs());
    before.dispose();
    const after = memory(store);
    after.take(runs({ session: 's2', cells: { a: { code: 1, count: 1, refused: false } } }));
    await after.ready;
    expect(after.get('a')?.versions).toEqual({ tagscrape: NEW });
  });

  it('is there under the new path as soon as the notebook has it, and among nobody else’s keys', async () => {
    const store = new Store();
    const one = memory(store);
    one.take(runs());
    one.move('renamed.ipynb');
    await settled();
    expect([...store.kept.keys()].sort()).toEqual([
      'jupyterlab-autoegg:cells:demo.ipynb',
      'jupyterlab-autoegg:cells:renamed.ipynb'
    ]);
    one.dispose();
  });

  it('is kept a little later, each time that something is new', () => {
    jest.useFakeTimers();
    try {
      const store = new Store();
      const save = jest.spyOn(store, 'save');
      const cells = memory(store);
      cells.take(runs());
      cells.take(runs({ cells: { b: { code: 0, count: 2, refused: false } } }));
      expect(save).not.toHaveBeenCalled();
      jest.runAllTimers();
      expect(save).toHaveBeenCalledTimes(1);
      expect(Object.keys(save.mock.calls[0][1] as object)).toEqual(['a', 'b']);
      cells.take(runs({ cells: { c: { code: 0, count: 3, refused: false } } }));
      jest.runAllTimers();
      expect(save).toHaveBeenCalledTimes(2);
      // Nothing is new, so nothing is written once more, neither now nor later.
      cells.dispose();
      jest.runAllTimers();
      expect(save).toHaveBeenCalledTimes(2);
      cells.take(runs({ cells: { d: { code: 0, count: 4, refused: false } } }));
      cells.dispose();
      jest.runAllTimers();
      expect(save).toHaveBeenCalledTimes(3);
    } finally {
      jest.useRealTimers();
    }
  });

  it('is kept of the cells that ran last, when there are too many', async () => {
    const store = new Store();
    const cells = memory(store);
    const of = (from: number, to: number) =>
      Object.fromEntries(
        Array.from({ length: to - from }, (_, index) => [
          `cell${from + index}`,
          { code: 0, count: from + index, refused: false }
        ])
      );
    cells.take(runs({ cells: of(0, 2005) }));
    cells.take(runs({ cells: { cell0: { code: 1, count: 3000, refused: false } } }));
    cells.dispose();
    const after = memory(store);
    await after.ready;
    const known = (cell: string) => after.get(cell) !== null;
    expect(['cell0', 'cell2004', 'cell6'].map(known)).toEqual([true, true, true]);
    expect(['cell1', 'cell5'].map(known)).toEqual([false, false]);
  });

  it('is not lost when the workspace cannot be read', async () => {
    const cells = memory({
      fetch: () => Promise.reject(new Error('damaged')),
      save: () => Promise.reject(new Error('damaged'))
    } as never);
    await cells.ready;
    cells.take(runs());
    cells.dispose();
    await settled();
    expect(cells.get('a')).not.toBeNull();
  });
});

describe('a run for which the kernel received no id', () => {
  const anonymous = (own = {}) =>
    runs({
      cells: {},
      numbered: [{ code: 1, count: 3, refused: false, source: 'code', early: false, ...own }]
    });
  const cell = (own = {}) => ({ id: 'a', count: 3, source: () => 'code', ...own });

  it('belongs to the cell with its number and its code, and is reported once', () => {
    const cells = memory();
    expect(cells.match(anonymous(), [cell()])).toEqual(['a']);
    expect(cells.get('a')?.versions).toEqual({ tagscrape: NEW });
    expect(cells.match(anonymous(), [cell()])).toEqual([]);
  });

  it.each([
    ['number', { count: 4 }],
    ['code', { source: () => 'other code' }]
  ])('is not of a cell with another %s', (_, own) => {
    const cells = memory();
    expect(cells.match(anonymous(), [cell(own)])).toEqual([]);
    expect(cells.get('a')).toBeNull();
  });

  it('takes the place of an older run, also one in another life of the kernel', () => {
    const cells = memory();
    cells.take(runs({ session: 's0', cells: { a: { code: 0, count: 3, refused: false } } }));
    expect(cells.match(anonymous(), [cell()])).toEqual(['a']);
    expect(cells.get('a')).toMatchObject({ session: 's1', versions: { tagscrape: NEW } });
    cells.match(anonymous({ count: 5, code: null }), [cell({ count: 5 })]);
    expect(cells.get('a')?.versions).toBeNull();
  });

  it('says nothing against what the kernel knows of the cell itself', () => {
    const cells = memory();
    cells.take(runs({ cells: { a: { code: 0, count: 3, refused: false } } }));
    expect(cells.match(anonymous(), [cell()])).toEqual([]);
    expect(cells.get('a')?.versions).toEqual({ tagscrape: OLD });
  });

  it('may have been early, or refused', () => {
    const cells = memory();
    cells.match(anonymous({ code: null, early: true }), [cell()]);
    expect(cells.get('a')).toMatchObject({ early: true, versions: null });
    cells.match(anonymous({ refused: true, count: 4 }), [cell({ count: 4 })]);
    expect(cells.get('a')).toMatchObject({ refused: true, early: false });
  });
});
