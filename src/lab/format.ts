/** Quantities and moments as a person reads them. */

export function milliseconds(value: number): string {
  if (value < 1000) {
    return `${Math.round(value)} ms`;
  }
  return value < 60_000 ? `${(value / 1000).toFixed(1)} s` : `${Math.round(value / 60_000)} min`;
}

export function bytes(value: number): string {
  const units = ['B', 'kB', 'MB', 'GB'];
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${value >= 10 || unit === 0 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

/** A share from 0 to 1; all of it only when nothing is left. */
export function percent(share: number): string {
  return `${Math.min(Math.floor(share * 100), 100)} %`;
}

/** The time of day; where it is not today's, the day and the minute. */
export function moment(at: string, now = new Date()): string {
  const date = new Date(at);
  if (date.toDateString() === now.toDateString()) {
    return TIME.format(date);
  }
  return (date.getFullYear() === now.getFullYear() ? DAY : DAY_OF_YEAR).format(date);
}

// Creating one takes longer than redrawing the rest of a row.
const TIME = new Intl.DateTimeFormat(undefined, {
  hour: 'numeric',
  minute: 'numeric',
  second: 'numeric'
});
const day: Intl.DateTimeFormatOptions = {
  month: 'short',
  day: 'numeric',
  hour: 'numeric',
  minute: '2-digit'
};
const DAY = new Intl.DateTimeFormat(undefined, day);
const DAY_OF_YEAR = new Intl.DateTimeFormat(undefined, { ...day, year: 'numeric' });
