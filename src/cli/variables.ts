import type { Connection } from '../lifecycle/reach/connect.js';

/** How a program connects, as variables of its environment: those of dbns, and those that clients of this server know. */
export function variablesOf({ uri, host, port, user, password, database, ca, env }: Connection) {
  return {
    DBNS_URI: uri,
    DBNS_HOST: host,
    DBNS_PORT: String(port),
    DBNS_USER: user,
    DBNS_PASSWORD: password,
    ...(database !== null && { DBNS_DATABASE: database }),
    ...(ca !== null && { DBNS_CA: ca }),
    ...env,
  };
}
