/** Something that no living dbns needs. */
export interface Remnant {
  readonly found: string;
  readonly advice: readonly string[];
  /** It keeps clusters from being made. */
  readonly grave?: boolean;
  /** Only where it is surely ours. */
  readonly remove?: () => Promise<void>;
}

/** The advice for what `--fix` removes. */
export const FIX: readonly string[] = ['dbns doctor --fix'];
