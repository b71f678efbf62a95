/** Where the call was made; null when somebody removed that directory. */
export function workingDirectory(): string | null {
  try {
    return process.cwd();
  } catch {
    return null;
  }
}

/** Whether DBNS_ALLOW_EXPIRED asks for archives whose Release file has expired; never a default. */
export function allowExpiredByEnvironment(): boolean {
  return ['1', 'true', 'yes'].includes(process.env.DBNS_ALLOW_EXPIRED ?? '');
}

/** The image of nodes that are given none; no default of the flag, which may name single nodes. */
export function imageByEnvironment(): string | undefined {
  return process.env.DBNS_IMAGE === '' ? undefined : process.env.DBNS_IMAGE;
}
