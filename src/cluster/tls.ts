/** What servers make of TLS with their clients: they may come with it, must, or can't. */
export const CLIENT_TLS = ['offered', 'required', 'none'] as const;
export type ClientTls = (typeof CLIENT_TLS)[number];

/** Whom a certificate is for: the name that it is issued to, and all names and addresses by which that is reached. */
export interface Subject {
  readonly name: string;
  readonly names: readonly string[];
  /** IPv4. */
  readonly addresses: readonly string[];
}
