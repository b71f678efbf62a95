import type { Network } from '../cluster/cluster.js';
import { MachineError } from '../errors/errors.js';
import type { Machine } from '../host/machine.js';
import { forwardsByLink, isRouter } from './forwarding.js';
import { isJoinedByRouting } from './insides.js';

/** @throws MachineError when a network is to have IPv6 and this machine can't give it that. */
export function assertIpv6(machine: Machine, network: Pick<Network, 'ipv6' | 'zones'>): void {
  if (network.ipv6 === null) return;
  const off = machine.files.read(`${machine.roots.proc}/sys/net/ipv6/conf/default/disable_ipv6`);
  if (off === null)
    throw new MachineError('--ipv6: this kernel has no IPv6.', {
      suggestions: ['Take ipv6.disable=1 from the kernel command line, and boot again.', 'modprobe ipv6'],
    });
  if (off.trim() !== '0')
    throw new MachineError(
      '--ipv6: new interfaces of this machine have no IPv6 (net.ipv6.conf.default.disable_ipv6).',
      {
        suggestions: ['sysctl net.ipv6.conf.default.disable_ipv6=0'],
      },
    );
  if (isJoinedByRouting(network) && !forwardsIpv6(machine))
    throw new MachineError(`--ipv6: with zones, or routed, the machine forwards between nodes; ${WHOLE_OR_NOT}`, {
      suggestions: ['Linux 6.17 or later', 'Leave --zones and --layout away.', SWITCH],
    });
}

const SWITCH = 'sysctl net.ipv6.conf.all.forwarding=1, which makes the machine a router between all its networks';
const WHOLE_OR_NOT =
  'before Linux 6.17 a kernel forwards IPv6 for all interfaces or for none, and dbns does not turn that on.';

/** What is said of a network whose nodes have no way out by IPv6, though they have one by IPv4; null where it is not so. */
export function ipv6Warning(machine: Machine, { ipv6, uplinks }: Pick<Network, 'ipv6' | 'uplinks'>): string | null {
  if (ipv6 === null || uplinks.length === 0 || forwardsIpv6(machine)) return null;
  return `Nodes have no way out by IPv6: ${WHOLE_OR_NOT} To let them: ${SWITCH}.`;
}

function forwardsIpv6(machine: Machine): boolean {
  return forwardsByLink(machine, 'ip6') || isRouter(machine, 'ip6');
}
