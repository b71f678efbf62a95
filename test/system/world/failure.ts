/** An error as `--json` tells it, with the exit code. */
export interface Failure {
  readonly exitCode: number;
  readonly message: string;
  readonly suggestions: readonly string[];
}
