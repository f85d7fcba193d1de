/** A text as a YAML scalar: plain where YAML reads it back as the same text, else quoted. */
export const scalar = (text: string): string =>
  /^[A-Za-z_][A-Za-z0-9_./-]*$/.test(text) && !/^(true|false|null)$/i.test(text) ? text : JSON.stringify(text)
