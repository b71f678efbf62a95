import type { Fault } from './fault.js';

/**
 * What is wanted of the rules of a cluster's network beyond the cluster itself. It is saved in a file of its own, so that it
 * can change while something else is done to the cluster; what the kernel goes by is made of both.
 */
export interface Rules {
  readonly exposures: readonly Exposure[];
  readonly links: readonly ClusterLink[];
  readonly faults: readonly Fault[];
  /** The number of the next fault: none is given twice. */
  readonly nextFault: number;
}

export const NO_RULES: Rules = { exposures: [], links: [], faults: [], nextFault: 1 };

/** A port of the machine that leads to one of a host. */
export interface Exposure {
  /** An IPv4 address of the machine; 0.0.0.0 is all of them. */
  readonly bind: string;
  readonly hostPort: number;
  /** To one host, whatever it is, or to whoever takes writes. */
  readonly to: { readonly host: string } | { readonly role: 'primary' };
  /** The port there. */
  readonly port: number;
  /** The name of the host that it leads to now; null when nobody takes writes. */
  readonly leadsTo: string | null;
}

/** That hosts of one cluster reach those of another; each of both has its own side of it. */
export interface ClusterLink {
  /** The other cluster. */
  readonly cluster: string;
  /** With it the names of that cluster's interfaces begin: it tells it from a later one of its name. */
  readonly stem: string;
  /** CIDR. */
  readonly subnet: string;
  /** The same of IPv6; null where it has none. */
  readonly ipv6: string | null;
  /** `in`: they reach us. `out`: we reach them. */
  readonly way: 'both' | 'in' | 'out';
  /** Those at which hosts here are reached; none is all but those where servers meet. */
  readonly ports: readonly number[];
  /** Names of the hosts here that are reached; null is all. */
  readonly to: readonly string[] | null;
}

/** The name of the host that an exposure is for; null where it is for whoever takes writes. */
export function exposedHost({ to }: Pick<Exposure, 'to'>): string | null {
  return 'host' in to ? to.host : null;
}

/** `127.0.0.1:3306`, by which an exposure is known: no other can have it. */
export function exposureName({ bind, hostPort }: Pick<Exposure, 'bind' | 'hostPort'>): string {
  return `${bind}:${hostPort}`;
}

/** Whether the machine itself comes to it by its loopback; 0.0.0.0 is that too. */
export function isByLoopback({ bind }: Pick<Exposure, 'bind'>): boolean {
  return bind.startsWith('127.') || bind === ANY;
}

/** Whether others than the machine come to it. */
export function isOutside({ bind }: Pick<Exposure, 'bind'>): boolean {
  return !bind.startsWith('127.');
}

/** All addresses of the machine. */
export const ANY = '0.0.0.0';

/** Whether anything is forwarded to hosts by what is wanted, or from them. */
export function wantForwarding({ exposures, links }: Rules): boolean {
  return links.length > 0 || exposures.some(isOutside);
}
