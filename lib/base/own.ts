// Records by names that somebody typed, who knows nothing of what every object has: `constructor`, `toString`.

/** What a record holds under a name by itself; undefined if it holds nothing. */
export const ownOf = <T>(record: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(record, name) ? record[name] : undefined
