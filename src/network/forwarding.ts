import type { Step } from '../cluster/plan.js';
import type { Machine } from '../host/machine.js';

/**
 * Whether the machine is a router: `ip_forward`, which sets the forwarding of all interfaces whenever it changes. What
 * the kernel asks is the interface that a packet comes in by, and it alone (net/ipv4/route.c, IN_DEV_FORWARD).
 */
export function isRouter(machine: Machine): boolean {
  return isOn(machine, `${machine.roots.proc}/sys/net/ipv4/ip_forward`) ?? false;
}

/** Whether what comes in by a link is forwarded; null when there is no such link. */
export function forwards(machine: Machine, link: string): boolean | null {
  return isOn(machine, forwardingFile(machine, link));
}

/** Lets what comes in by a link be forwarded, or not; a link that is gone is left alone. */
export async function setForwarding(machine: Machine, link: string, on: boolean): Promise<void> {
  if (forwards(machine, link) === !on) await machine.files.writeKernel(forwardingFile(machine, link), on ? '1' : '0');
}

/** The cluster's own part of the way out: the setting goes with its interfaces. */
export function forwardingStep(machine: Machine, links: readonly string[], on: boolean): Step {
  return {
    step: `forward ${on ? 'what' : 'nothing that'} comes from ${links.join(', ')}`,
    acts: links.map((link) => ({ do: 'set', path: forwardingFile(machine, link), value: on ? '1' : '0' })),
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
export function forwardingFile({ roots }: Machine, link: string): string {
  return `${roots.proc}/sys/net/ipv4/conf/${link}/forwarding`;
}

function isOn({ files }: Machine, file: string): boolean | null {
  const text = files.read(file);
  return text === null ? null : text.trim() !== '0';
}
