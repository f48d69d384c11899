/** Entries of a record from a file, by key in code-unit order; none of an absent record. */
export function sortedEntries<T>(
  record: Readonly<Record<string, T>> | undefined,
): readonly (readonly [string, T])[] {
  return Object.entries(record ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
}
