import { LIMITS, type Limits } from './pruning';

const MEGABYTE = 1_000_000;

/**
 * How much and how long a store keeps, from what the server says on the daemon's command line, else from the environment
 * (`AUTOEGG_KEEP_MEGABYTES`, `AUTOEGG_KEEP_DAYS`).
 *
 * @param told hears in one sentence of a value that is none; the usual limit applies then
 */
export function limitsOf(
  given: { megabytes?: string | undefined; days?: string | undefined },
  told: (problem: Error) => void
): Limits {
  const amount = (name: string, text: string | undefined, usual: number) => {
    if (text === undefined || text === '') {
      return usual;
    }
    const value = Number(text);
    if (value > 0) {
      return value;
    }
    told(new Error(`${name} must be a number above zero, not "${text}"; ${usual} is used.`));
    return usual;
  };
  const { AUTOEGG_KEEP_MEGABYTES, AUTOEGG_KEEP_DAYS } = process.env;
  const usual = Math.round(LIMITS.bytes / MEGABYTE);
  const megabytes = amount(
    'AUTOEGG_KEEP_MEGABYTES',
    given.megabytes ?? AUTOEGG_KEEP_MEGABYTES,
    usual
  );
  const days = amount('AUTOEGG_KEEP_DAYS', given.days ?? AUTOEGG_KEEP_DAYS, LIMITS.days);
  return { ...LIMITS, bytes: megabytes * MEGABYTE, days };
}
