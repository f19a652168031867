import { drawn, fakeServer, trans } from '../testing/fakes';
import { NEW, OLD } from '../testing/states';
import { DiffWidget } from './diffWidget';
import { sideBySide } from './sideBySide';

jest.mock('./sideBySide', () => ({ sideBySide: jest.fn(async () => ({ destroy: jest.fn() })) }));

const changes = jest.fn(async () => ({
  changed: ['tagscrape/scrape.py'],
  added: ['tagscrape/new.py'],
  removed: ['tagscrape/old.py']
}));
const file = jest.fn(async (_: string, path: string, version?: string) => ({
  path,
  version: version!,
  text: `${path} in ${version!.slice(0, 4)}`
}));

async function open(path: string | null, own = {}) {
  const onOpen = jest.fn();
  const widget = new DiffWidget({
    server: fakeServer({ changes, file, ...own }),
    library: { key: 'k1', name: 'tagscrape', path: '/src/tagscrape' },
    from: OLD,
    to: NEW,
    path,
    languages: null,
    trans,
    onOpen
  });
  await drawn();
  return { widget, onOpen };
}

const compared = () => {
  const [, { name, before, after }] = jest.mocked(sideBySide).mock.lastCall!;
  return [name, before, after];
};

describe('two versions of a library', () => {
  it('are shown side by side, the file that is asked for first', async () => {
    const { widget, onOpen } = await open('tagscrape/scrape.py');
    expect(compared()).toEqual([
      'tagscrape/scrape.py',
      'tagscrape/scrape.py in 3f9c',
      'tagscrape/scrape.py in 7a21'
    ]);
    widget.node.querySelector('button')!.click();
    expect(onOpen).toHaveBeenCalledWith('/src/tagscrape/scrape.py');
    await widget.choose('tagscrape/old.py');
    expect(compared()).toEqual(['tagscrape/old.py', 'tagscrape/old.py in 3f9c', '']);
    expect(widget.node.querySelector('button')!.hidden).toBe(true);
  });

  it('have an empty side where the file is new', async () => {
    await open('tagscrape/new.py');
    expect(compared()).toEqual(['tagscrape/new.py', '', 'tagscrape/new.py in 7a21']);
  });

  it('say in one sentence why they cannot be compared', async () => {
    const failing = () => Promise.reject(new Error('Version 3f9c is no longer kept.'));
    const { widget } = await open(null, { changes: failing });
    expect(widget.node.textContent).toContain('Version 3f9c is no longer kept.');
  });
});
