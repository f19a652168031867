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

  it('is what the file says only where nothing newer is known', () => {
    const cells = memory();
    cells.take(runs());
    cells.recall('a', { tagscrape: NEW }, 1);
    cells.recall('b', { tagscrape: NEW }, 1);
    expect(cells.get('a')?.versions).toEqual({ tagscrape: OLD });
    expect(cells.get('b')?.versions).toEqual({ tagscrape: NEW });
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
