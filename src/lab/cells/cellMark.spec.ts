import type { Cell } from '@jupyterlab/cells';
import { Widget } from '@lumino/widgets';

import { CellMark } from './cellMark';
import type { IMark } from './marks';

const change = { library: 'helpers', from: '3f9c', to: '7a21' };
const stale: IMark = {
  target: { change },
  kind: 'stale',
  text: 'ran on 3f9c, now 7a21',
  caption: 'helpers: …'
};
const refused: IMark = { kind: 'refused', text: 'not run', caption: 'Refused before it began.' };

describe('a mark', () => {
  const cell = new Widget();
  const follow = jest.fn();
  const mark = new CellMark(cell as unknown as Cell, follow);
  const show = (wanted: IMark | null): boolean => {
    const isNews = mark.set(wanted);
    mark.draw();
    return isNews;
  };
  const notes = () => [...cell.node.querySelectorAll('[role=note]')].map(node => node.textContent);

  it('comes, changes and goes, and the place that it stands in stays', () => {
    show(null);
    const place = cell.node.querySelector('.jp-Autoegg-cellPlace');
    expect(place).not.toBeNull();
    expect(notes()).toEqual([]);
    expect(show(stale)).toBe(true);
    expect(notes()).toEqual(['ran on 3f9c, now 7a21']);
    expect(cell.hasClass('jp-Autoegg-stale')).toBe(true);
    expect(show(refused)).toBe(true);
    expect(notes()).toEqual(['not run']);
    expect([cell.hasClass('jp-Autoegg-stale'), cell.hasClass('jp-Autoegg-refused')]).toEqual([
      false,
      true
    ]);
    expect(show(null)).toBe(true);
    expect(notes()).toEqual([]);
    expect(cell.hasClass('jp-Autoegg-refused')).toBe(false);
    expect(cell.node.querySelector('.jp-Autoegg-cellPlace')).toBe(place);
  });

  it('leads to what it is about', () => {
    show(stale);
    const button = () => cell.node.querySelector('button')!;
    button().click();
    expect(follow).toHaveBeenCalledWith({ change });
    show(refused);
    expect(button().disabled).toBe(true);
    show({
      ...refused,
      text: 'did not run · open at line 3',
      target: { place: { file: '/a.py', line: 3 } }
    });
    button().click();
    expect(follow).toHaveBeenLastCalledWith({ place: { file: '/a.py', line: 3 } });
  });

  it('that says the same is no news, and is left as it is', () => {
    show(stale);
    const node = cell.node.querySelector('[role=note]')!.firstChild;
    expect(show({ ...stale })).toBe(false);
    expect(cell.node.querySelector('[role=note]')!.firstChild).toBe(node);
  });
});
