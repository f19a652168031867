/** One thing that autoegg needs. */
export interface Check {
  name: string;
  /** `problem`: something will not work. `warning`: it works, less well. */
  condition: 'fine' | 'warning' | 'problem';
  found: string;
  /** What to do; null when all is fine. */
  cure: string | null;
}

export const fine = (name: string, found: string): Check => ({
  name,
  condition: 'fine',
  found,
  cure: null
});
export const warning = (name: string, found: string, cure: string): Check => ({
  name,
  condition: 'warning',
  found,
  cure
});
export const problem = (name: string, found: string, cure: string): Check => ({
  name,
  condition: 'problem',
  found,
  cure
});
