/** A short stand-in for a cell's code; a kernel makes the same of what it runs (`print_of` in `kernel/cells.py`). */
export function printOf(source: string): string {
  const text = source.trim();
  let sum = 0;
  for (let index = 0; index < text.length; index++) {
    sum = (Math.imul(sum, 31) + text.charCodeAt(index)) | 0;
  }
  return `${text.length}.${sum}`;
}
