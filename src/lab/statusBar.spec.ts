import { LibrarySentences } from './librarySentences';
import { Autoegg } from './service';
import { StatusModel } from './statusBar';
import { fakeLink, fakeServer, trans } from './testing/fakes';
import { kernelState, library } from './testing/states';

function text(own: object | null): string {
  const source = new Autoegg(fakeServer());
  source.setCurrent(own && { name: 'demo.ipynb', path: 'demo.ipynb', link: fakeLink(own) });
  return new StatusModel(source, trans).text;
}

describe('the status bar says', () => {
  it('library, version and state where there is one library', () => {
    expect(text({})).toBe('tagscrape 3f9c · up to date');
  });

  it('how many there are, and the worst state, where there are several', () => {
    const libraries = [library(), library({ name: 'helpers', condition: 'broken' })];
    expect(text({ state: kernelState({ libraries }) })).toBe('2 libraries · broken');
  });

  it('that autoegg is off, or is not loaded', () => {
    expect(text({ state: kernelState({ enabled: false }) })).toBe('autoegg · off');
    expect(text({ condition: 'absent', state: null })).toBe('autoegg · not loaded');
  });

  it('nothing where there is nothing to say', () => {
    expect(text(null)).toBe('');
    expect(text({ condition: 'none', state: null })).toBe('');
    expect(text({ state: kernelState({ libraries: [] }) })).toBe('');
  });
});

it('only a library with news is put into words again', () => {
  const condition = jest.spyOn(LibrarySentences.prototype, 'condition');
  const source = new Autoegg(fakeServer());
  const others = ['a', 'b', 'c'].map(name => library({ name }));
  const link = fakeLink({ state: kernelState({ libraries: [library(), ...others] }) });
  source.setCurrent({ name: 'demo.ipynb', path: 'demo.ipynb', link });
  new StatusModel(source, trans);
  condition.mockClear();
  const libraries = [library({ condition: 'shipping' }), ...others];
  link.state = kernelState({ libraries });
  link.changed.emit();
  // The library itself, and the worst condition of all.
  expect(condition).toHaveBeenCalledTimes(2);
  condition.mockRestore();
});

it('the status bar is drawn again only when its words differ', () => {
  const source = new Autoegg(fakeServer());
  const link = fakeLink();
  source.setCurrent({ name: 'demo.ipynb', path: 'demo.ipynb', link });
  const model = new StatusModel(source, trans);
  const changed = jest.fn();
  model.stateChanged.connect(changed);
  link.changed.emit();
  expect(changed).not.toHaveBeenCalled();
  link.state = kernelState({ libraries: [library({ condition: 'shipping' })] });
  link.changed.emit();
  expect(changed).toHaveBeenCalledTimes(1);
  expect(model.text).toBe('tagscrape 3f9c · shipping');
});
