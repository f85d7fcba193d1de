/**
 * From which sum of evidence something counts, in units of ln. Chosen on development data for few false alarms first;
 * what each costs and brings is said in `docs/guide/detection.md`.
 */
export const thresholds = {
  /** Of a span in a text: e^5, that is one false alarm in some 150 matches of the form. */
  text: 5,
  /** What a word near it adds: as much as the threshold, so that a form that proves nothing is enough with its name. */
  context: 5.2,
  /** What a word of no single country adds, such as `national id`. */
  identity: 2,
  /** What a word for the number of a thing takes away. */
  thing: 4,
  /** From here on nothing else is tried: no telephone number reaches it. */
  settled: 12.5,
  /** Of a column. */
  column: 6
} as const
