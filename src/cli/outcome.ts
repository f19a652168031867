/** What a command found: as text for a person, as data for a program. */
export interface Outcome {
  text: string;
  /** For a person, not part of the result. */
  remarks: string[];
  data: object;
  failed: boolean;
}
