import type { FamilyName } from '../cluster/family.js';
import type { Step } from '../cluster/plan.js';
import type { Machine } from '../host/machine.js';

/** The switches of each family, below `/proc/sys/net`: of the whole machine, and of what comes in by a link. */
const SWITCHES: Readonly<Record<FamilyName, { readonly all: string; readonly one: (link: string) => string }>> = {
  ip: { all: 'ipv4/ip_forward', one: (link) => `ipv4/conf/${link}/forwarding` },
  // `forwarding` of a link is whether it is a router to its neighbours. What lets it forward came with Linux 6.17.
  ip6: { all: 'ipv6/conf/all/forwarding', one: (link) => `ipv6/conf/${link}/force_forwarding` },
};

/**
 * Whether the machine is a router: `ip_forward`, which sets the forwarding of all interfaces whenever it changes. What
 * the kernel asks is the interface that a packet comes in by, and it alone (net/ipv4/route.c, IN_DEV_FORWARD). By IPv6 it asks
 * both, and one is enough (net/ipv6/ip6_output.c, ip6_forward).
 */
export function isRouter(machine: Machine, family: FamilyName = 'ip'): boolean {
  return isOn(machine, `${machine.roots.proc}/sys/net/${SWITCHES[family].all}`) ?? false;
}

/** Whether this kernel forwards a family link by link. */
export function forwardsByLink(machine: Machine, family: FamilyName): boolean {
  return forwards(machine, 'all', family) !== null;
}

/** Whether what comes in by a link is forwarded; null when there is no such link, or the kernel has no such switch. */
export function forwards(machine: Machine, link: string, family: FamilyName = 'ip'): boolean | null {
  return isOn(machine, forwardingFile(machine, link, family));
}

/** Whether nothing that comes in by a link is forwarded, though the kernel could. */
export function isClosed(machine: Machine, link: string, family: FamilyName): boolean {
  return forwards(machine, link, family) === false && !(family === 'ip6' && isRouter(machine, family));
}

/** Lets what comes in by a link be forwarded, or not; a link that is gone is left alone. */
export async function setForwarding(machine: Machine, link: string, on: boolean, family: FamilyName = 'ip') {
  if (forwards(machine, link, family) === !on)
    await machine.files.writeKernel(forwardingFile(machine, link, family), on ? '1' : '0');
}

/** The cluster's own part of the way out: the setting goes with its interfaces. */
export function forwardingStep(
  machine: Machine,
  links: readonly string[],
  on: boolean,
  families: readonly FamilyName[],
): Step {
  const possible = families.filter((family) => family === 'ip' || forwardsByLink(machine, family));
  return {
    step: `forward ${on ? 'what' : 'nothing that'} comes from ${links.join(', ')}`,
    acts: possible.flatMap((family) =>
      links.map((link) => ({ do: 'set', path: forwardingFile(machine, link, family), value: on ? '1' : '0' }) as const),
    ),
  };
}

/** Lets what the machine sends from its loopback come out there (net/ipv4/route.c, IN_DEV_ROUTE_LOCALNET). */
export function localRoutingStep({ roots }: Machine, links: readonly string[], on: boolean): Step {
  const file = (link: string) => `${roots.proc}/sys/net/ipv4/conf/${link}/route_localnet`;
  return {
    step: `let the machine's loopback ${on ? '' : 'not '}lead to ${links.join(', ')}`,
    acts: links.map((link) => ({ do: 'set', path: file(link), value: on ? '1' : '0' })),
  };
}

/** A path and not a key of sysctl: a name of a link may have dots. */
export function forwardingFile({ roots }: Machine, link: string, family: FamilyName = 'ip'): string {
  return `${roots.proc}/sys/net/${SWITCHES[family].one(link)}`;
}

function isOn({ files }: Machine, file: string): boolean | null {
  const text = files.read(file);
  return text === null ? null : text.trim() !== '0';
}
