/** A word that could stand where the cursor is, and what it is. */
export interface Candidate {
  readonly value: string;
  readonly about: string;
}

/** What could stand there. */
export interface Completion {
  readonly candidates: readonly Candidate[];
  /** Names of files too. */
  readonly files: boolean;
}
