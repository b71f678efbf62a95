/** What a program said that loads data, when it failed. */
export interface Refusal {
  /** Of what it read, from 1: where the statement begins; null where it does not say. */
  readonly line: number | null;
  /** The server's number of the error; null where there is none. */
  readonly number: number | null;
  /** The server's own words. */
  readonly words: string;
  /** The server went away: nothing that was read is to blame by that. */
  readonly isLost: boolean;
}

/** What a refusal means to who wrote the file, where the server's words don't say it. */
export interface Meaning {
  /** By which it is known: the server's number, or words of it where they say more, or come without one. */
  readonly by: number | RegExp;
  /** Sentences. */
  readonly says: string;
  readonly advice: readonly string[];
}

/** The first that fits. */
export function meaningOf({ number, words }: Refusal, meanings: readonly Meaning[]): Meaning | null {
  return meanings.find(({ by }) => (typeof by === 'number' ? by === number : by.test(words))) ?? null;
}
