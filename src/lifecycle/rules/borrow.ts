import type { Attached, Cluster, Origin } from '../../cluster/cluster.js';
import { resourcesOf, type Plan } from '../../cluster/plan.js';
import { overlap, readCidr } from '../../cluster/subnet.js';
import { ConflictError, MachineError } from '../../errors/errors.js';
import type { Machine } from '../../host/machine.js';
import { enumerate } from '../../network/allocate.js';
import { hostsStep } from '../../network/hosts.js';
import { INSIDE_BORROWED } from '../../network/inside-of.js';
import { observeRouting } from '../../network/observe.js';
import { addToJournal } from '../../state/clusters.js';
import { applyPlan } from '../apply.js';
import { underMachineLock } from '../context.js';

type Foreign = Exclude<Origin, { kind: 'command' }>;

/**
 * Gives somebody else's namespace a name of ours, by which all that goes by names finds it. It would keep a namespace
 * alive that nobody is in any more: so whoever looks next takes the name away.
 */
export async function borrow(machine: Machine, cluster: Cluster, host: Attached): Promise<void> {
  if (host.origin.kind === 'command') return;
  const name = `${machine.roots.netns}/${host.namespace}`;
  const plan: Plan = {
    sequence: [
      hostsStep(machine, cluster, host),
      {
        step: `give the namespace of ${host.name} the name ${host.namespace}`,
        makes: [{ kind: 'netns', name: host.namespace }],
        acts: [
          { do: 'write', path: name, content: '', mode: 0o400, owner: 'root' },
          { do: 'run', argv: ['mount', '--bind', placeOf(machine, host.origin), name] },
        ],
      },
    ],
  };
  await underMachineLock(machine, () => addToJournal(machine, cluster.name, resourcesOf(plan)));
  await applyPlan(plan, { machine, observer: {}, signal: new AbortController().signal, deadline: Infinity });
}

/** @throws ConflictError when the namespace has an interface of our name, no IPv6 where the cluster has it, or uses the cluster's subnet for something else. */
export async function assertRoomIn(machine: Machine, cluster: Cluster, origin: Foreign): Promise<void> {
  const { subnet } = cluster.network;
  const { links, taken } = await observeRouting(machine, ['nsenter', `--net=${placeOf(machine, origin)}`]).catch(
    (error: unknown) => {
      throw new MachineError('Its network namespace can not be entered.', { cause: error });
    },
  );
  if (links.some(({ name }) => name === INSIDE_BORROWED))
    throw new ConflictError(
      `Its network namespace has an interface ${INSIDE_BORROWED} already: it is on a cluster's network.`,
    );
  await assertIpv6In(machine, cluster, origin);
  const own = readCidr(subnet);
  const inTheWay = own === null ? [] : taken.filter((other) => overlap(own, other));
  if (inTheWay.length === 0) return;
  throw new ConflictError(
    `The network ${subnet} of '${cluster.name}' is something else in there: ${enumerate(inTheWay)}.`,
  );
}

/** Containers have often none: then their interfaces take no address of it. */
async function assertIpv6In(machine: Machine, { name, network }: Cluster, origin: Foreign): Promise<void> {
  if (network.ipv6 === null) return;
  const file = '/proc/sys/net/ipv6/conf/default/disable_ipv6';
  const argv = ['nsenter', `--net=${placeOf(machine, origin)}`, 'cat', file];
  const { stdout } = await machine.run(argv, { allowFailure: true });
  if (stdout.trim() === '0') return;
  throw new ConflictError(`'${name}' has IPv6, and its network namespace has it turned off.`, {
    suggestions: [`${argv.slice(0, 2).join(' ')} sysctl net.ipv6.conf.default.disable_ipv6=0`],
  });
}

function placeOf({ roots }: Machine, origin: Foreign): string {
  return origin.kind === 'netns' ? `${roots.netns}/${origin.netns}` : `${roots.proc}/${origin.process.pid}/ns/net`;
}
