/** Where a program can run: the argv that goes before its own. */
export type Place = readonly string[];

/** The world's own machine, on which dbns runs. */
export const MACHINE: Place = [];

/** The host behind the uplink; it knows no way back to a cluster's subnet unless a test adds a route. */
export const OUTSIDE: Place = ['nsenter', '--target', process.env.DBNS_WORLD_OUTSIDE_PID ?? '', '--net'];

/** In TEST-NET-2, which no real network has. */
export const OUTSIDE_ADDRESS = process.env.DBNS_WORLD_OUTSIDE_ADDRESS ?? '';

/** The machine's own address on the uplink: where masqueraded traffic seems to come from. */
export const MACHINE_ADDRESS = process.env.DBNS_WORLD_ADDRESS ?? '';

export function nodePlace(cluster: string, node: string): Place {
  return ['ip', 'netns', 'exec', `dbns-${cluster}-${node}`];
}

/** A user of the machine who is nobody in particular. */
export const SOMEBODY: Place = ['setpriv', '--reuid', '12345', '--regid', '12345', '--clear-groups'];
