import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { milliseconds } from '../format';
import type { IMoment, Lane } from '../timeline';

const LANES: readonly Lane[] = ['save', 'build', 'ship', 'run'];
const LANE_HEIGHT = 18;
/** Milliseconds that the picture shows at least and at most. */
const SHORTEST = 60_000;
const LONGEST = 30 * 60_000;

/** Saves, builds, ships and runs on one axis of time: is a ship behind a save, is a run behind a ship? */
export function TimelineView(props: {
  moments: readonly IMoment[];
  now: number;
  trans: TranslationBundle;
}): JSX.Element {
  const { moments, now, trans } = props;
  const names: Record<Lane, string> = {
    save: trans.__('saves'),
    build: trans.__('builds'),
    ship: trans.__('ships'),
    run: trans.__('runs')
  };
  const recent = moments.filter(({ at, took }) => now - (at + (took ?? 0)) < LONGEST);
  if (!recent.length) {
    return (
      <p className="jp-Autoegg-hint">
        {trans.__('Nothing has happened since this page was opened.')}
      </p>
    );
  }
  const oldest = Math.min(...recent.map(({ at }) => at));
  const span = Math.min(Math.max((now - oldest) * 1.05, SHORTEST), LONGEST);
  const place = (at: number): number => Math.max(0, 100 * (1 - (now - at) / span));
  const summary = LANES.map(
    lane => `${names[lane]}: ${recent.filter(moment => moment.lane === lane).length}`
  ).join(', ');
  return (
    <figure className="jp-Autoegg-timeline">
      <div className="jp-Autoegg-lanes" aria-hidden="true">
        {LANES.map(lane => (
          <span key={lane}>{names[lane]}</span>
        ))}
      </div>
      <svg
        role="img"
        aria-label={trans.__('The last %1: %2', milliseconds(span), summary)}
        width="100%"
        height={LANES.length * LANE_HEIGHT}
      >
        {LANES.map((lane, index) => (
          <line
            key={lane}
            className="jp-Autoegg-lane"
            x1="0"
            x2="100%"
            y1={(index + 0.5) * LANE_HEIGHT}
            y2={(index + 0.5) * LANE_HEIGHT}
          />
        ))}
        {recent.map(({ lane, at, took, what }, index) => {
          const left = place(at);
          const width = place(at + (took ?? now - at)) - left;
          const top = LANES.indexOf(lane) * LANE_HEIGHT + 4;
          const title = `${new Date(at).toLocaleTimeString()} ${names[lane]} ${what} ${took ? milliseconds(took) : ''}`;
          return lane === 'save' ? (
            <g key={index} className="jp-Autoegg-moment">
              <title>{title}</title>
              <rect x={`calc(${left}% - 6px)`} y={top - 3} width="12" height="16" />
              <circle data-lane={lane} cx={`${left}%`} cy={top + 5} r="3" />
            </g>
          ) : (
            <g key={index} className="jp-Autoegg-moment">
              <title>{title}</title>
              <rect
                x={`${left}%`}
                y={top - 3}
                style={{ width: `max(12px, ${width}%)` }}
                height="16"
              />
              <rect
                data-lane={lane}
                x={`${left}%`}
                y={top}
                style={{ width: `max(3px, ${width}%)` }}
                height="10"
                rx="1"
              />
            </g>
          );
        })}
      </svg>
      <figcaption className="jp-Autoegg-axis">
        <span>{trans.__('%1 ago', milliseconds(span))}</span>
        <span>{trans.__('now')}</span>
      </figcaption>
    </figure>
  );
}
