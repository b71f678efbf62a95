/** Whether DBNS_ALLOW_EXPIRED asks for archives whose Release file has expired; never a default. */
export function allowExpiredByEnvironment(): boolean {
  return ['1', 'true', 'yes'].includes(process.env.DBNS_ALLOW_EXPIRED ?? '');
}
