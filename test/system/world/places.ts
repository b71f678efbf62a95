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

/** The machine without a program: an empty file lies over each of that name, for what runs there alone. */
export function machineWithout(...programs: readonly string[]): Place {
  const cover =
    'for name in $1; do for file in $(which -a "$name"); do mount --bind /dev/null "$(realpath "$file")"; done; done';
  return ['unshare', '--mount', 'sh', '-c', `${cover}; shift; exec "$@"`, 'sh', programs.join(' ')];
}
