/** Packed as text, so that the page can show it without a network. */
declare module '*.md' {
  const text: string;
  export default text;
}
