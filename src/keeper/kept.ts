/** What became of duties, by what each is known: null while all is well, else why it is not. */
export type Kept = ReadonlyMap<string, string | null>;
