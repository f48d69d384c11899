/** A word of a command line as a shell needs it. */
export const quotedWord = (word: string): string =>
  /^[-A-Za-z0-9_./=:,@%+]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
