import * as v from 'valibot';

/** An object that has something of one kind by each name; valibot's `record` takes lists, and drops some names that hosts may have. */
export function byName<T>(kind: v.GenericSchema<unknown, T>): v.GenericSchema<unknown, Record<string, T>> {
  return v.pipe(
    v.custom<Readonly<Record<string, unknown>>>(isObject, 'Invalid type: Expected Object'),
    v.rawTransform(({ dataset, addIssue, NEVER }) => {
      const read = Object.entries(dataset.value).map(([key, value]) => ({ key, value, ...v.safeParse(kind, value) }));
      const wrong = read.find(({ success }) => !success);
      if (wrong === undefined) return Object.fromEntries(read.map(({ key, output }) => [key, output as T]));
      const { key, value, issues } = wrong;
      const own = { type: 'object', origin: 'value', input: dataset.value, key, value } as const;
      addIssue({ message: issues?.[0].message ?? '', path: [own, ...(issues?.[0].path ?? [])] });
      return NEVER;
    }),
  );
}

function isObject(input: unknown): boolean {
  return typeof input === 'object' && input !== null && !Array.isArray(input);
}

/** Those of the rows that are of a kind. */
export function ofKind<T>(kind: v.GenericSchema<unknown, T>, rows: readonly unknown[]): readonly T[] {
  return rows.flatMap((row) => {
    const { success, output } = v.safeParse(kind, row);
    return success ? [output] : [];
  });
}
