import type { Cell } from '@jupyterlab/cells';

import type { IMark } from './marks';

/**
 * How one cell shows its mark: in a place that stays, so that nothing but the mark itself is laid out when it comes and goes.
 * The page holds hundreds of cells, and a change of one's layout has the browser go through all of them.
 */
export class CellMark {
  /** @param follow leads to where a mark's target is */
  constructor(
    private readonly _cell: Cell,
    private readonly follow: (target: NonNullable<IMark['target']>) => void
  ) {}

  /** What is to be seen of the cell's last run; null where there is nothing to see. */
  get mark(): IMark | null {
    return this._mark;
  }

  /** Returns whether it is another one than before. */
  set(mark: IMark | null): boolean {
    const isNews = mark?.text !== this._mark?.text || mark?.caption !== this._mark?.caption;
    this._mark = mark;
    return isNews;
  }

  /**
   * Whether the browser has left out what is in the cell (`content-visibility`): it is far from what anybody sees. The cell gets
   * an event when it comes near.
   */
  get isSkipped(): boolean {
    const { node } = this._cell;
    return (
      node.isConnected &&
      node.checkVisibility() &&
      !node.firstElementChild?.checkVisibility({ contentVisibilityAuto: true })
    );
  }

  /** Shows the mark; an empty place, if there is none. */
  draw(): void {
    const { _cell: cell, _mark: mark, _drawn: before } = this;
    if (mark === before) {
      return;
    }
    this._drawn = mark;
    this._place ??= makePlace(cell);
    if (mark?.kind !== before?.kind) {
      // One by one: a class that is taken away without having been there costs the browser as much as one that was.
      if (before) {
        cell.removeClass(`jp-Autoegg-${before.kind}`);
      }
      if (mark) {
        cell.addClass(`jp-Autoegg-${mark.kind}`);
      }
    }
    if (!mark) {
      this._place.replaceChildren();
      return;
    }
    const node = this._place.firstElementChild ?? this._make();
    node.setAttribute('data-kind', mark.kind);
    const button = node.firstElementChild as HTMLButtonElement;
    button.disabled = !mark.target;
    button.title = mark.caption;
    button.textContent = mark.text;
    if (!node.parentElement) {
      this._place.append(node);
    }
  }

  /** Has the browser bring the cell's styles up to date, and lay out nothing. */
  settle(): void {
    void getComputedStyle(this._cell.node).color;
  }

  private _make(): HTMLElement {
    const mark = document.createElement('div');
    mark.className = 'jp-Autoegg-cellMark';
    mark.setAttribute('role', 'note');
    const button = document.createElement('button');
    button.type = 'button';
    button.addEventListener('click', () => {
      const target = this._mark?.target;
      if (target) {
        this.follow(target);
      }
    });
    mark.append(button);
    return mark;
  }

  private _mark: IMark | null = null;
  private _drawn: IMark | null | undefined;
  private _place: HTMLElement | null = null;
}

function makePlace(cell: Cell): HTMLElement {
  const place = document.createElement('div');
  place.className = 'jp-Autoegg-cellPlace';
  cell.addClass('jp-Autoegg-marked');
  cell.node.append(place);
  return place;
}
