import type { Cluster, Host } from '../../cluster/cluster.js';
import type { Act, Step } from '../../cluster/plan.js';
import { formatSubnet, readCidr, sizeOf } from '../../cluster/subnet.js';
import { ConflictError, MachineError, NotReadyError } from '../../errors/errors.js';
import { lacks } from '../../host/lacks.js';
import type { Machine, RunResult } from '../../host/machine.js';
import { insideOf } from '../inside-of.js';

/** What a LAN's DHCP server gave. */
export interface Given {
  readonly address: string;
  /** CIDR of the LAN. */
  readonly subnet: string;
  /** The first router that it named. */
  readonly gateway: string | null;
}

/** Whose address is asked for, and for how long at most. */
export interface Asking {
  readonly name: string;
  readonly mac: string;
  /** ms since the epoch. */
  readonly deadline: number;
  readonly signal: AbortSignal;
}

export const DHCP_CLIENT = 'udhcpc';

/** @throws MachineError without the client. */
export function requireDhcpClient(machine: Machine): void {
  if (machine.which(DHCP_CLIENT) === null) throw lacks(DHCP_CLIENT);
}

/**
 * What the client calls when it got something (busybox, udhcpc.c, udhcp_run_script): it is told, and nothing is set by it. Nodes keep
 * their addresses whatever becomes of the server.
 */
const SCRIPT = '#!/bin/sh\necho "dhcp $1 ip=$ip mask=$mask router=${router%% *} lease=$lease"\n';

/**
 * It lies on a filesystem of its own, gone with the mount namespace, and its link is a macvlan at what leads into the LAN, gone
 * with the network namespace: whatever ends this leaves nothing.
 */
const ASK = [
  'mount -t tmpfs -o mode=700 tmpfs /mnt && cat >/mnt/script && chmod 700 /mnt/script &&',
  'nsenter --target $PPID --net ip link add link "$1" name lan0 address "$2" netns $$ type macvlan mode private &&',
  'ip link set lan0 addrgenmode none up && shift 2 && exec udhcpc -i lan0 -s /mnt/script "$@"',
].join(' ');

/** Seconds between two tries, in which a server may look by a ping whether somebody has the address; and how many at most. */
const PAUSE = 3;
const TRIES = 10;

/** At the front, once, and no answer is an end too. */
function onceWords(name: string, deadline: number): readonly string[] {
  const tries = Math.min(TRIES, Math.max(1, Math.floor((deadline - Date.now()) / 1000 / PAUSE)));
  return ['-f', '-q', '-n', '-t', String(tries), '-T', String(PAUSE), '-A', '1', '-x', `hostname:${name}`];
}

/**
 * Asks for an address before there is a link: by it a node is configured.
 * @param link the bridge, or the interface, that leads into the LAN
 * @throws NotReadyError when nobody answers; MachineError where it can't be asked.
 */
export async function askDhcp(machine: Machine, link: string, { name, mac, deadline, signal }: Asking): Promise<Given> {
  const argv = ['unshare', '--net', '--mount', '--propagation', 'private', 'sh', '-c', ASK, 'sh', link, mac];
  const said = await machine.run([...argv, ...onceWords(name, deadline)], {
    input: SCRIPT,
    allowFailure: true,
    signal,
  });
  const given = readGiven(said.stdout);
  if (given !== null) return given;
  throw noneGiven(said, link, name);
}

function noneGiven({ stderr, exitCode }: RunResult, link: string, name: string): Error {
  const [last = ''] = stderr.trim().split('\n').slice(-1);
  if (exitCode !== 0 && !stderr.includes('udhcpc: no lease'))
    return new MachineError(`The LAN of ${link} could not be asked by DHCP: ${last}`);
  return new NotReadyError(`No DHCP server in the LAN of ${link} gives ${name} an address.`, {
    suggestions: ['--ip FIRST-LAST, of addresses that are free there', '--timeout gives more time.'],
  });
}

/** Reads what the script told. */
export function readGiven(said: string): Given | null {
  const [, address = '', mask = '', router = ''] = /^dhcp bound ip=(\S+) mask=(\d+) router=(\S*)/m.exec(said) ?? [];
  const read = readCidr(`${address}/${mask}`);
  if (address === '' || read === null) return null;
  const subnet = formatSubnet({ ...read, base: read.base - (read.base % sizeOf(read)) });
  return { address, subnet, gateway: router === '' ? null : router };
}

/** Whether a host has its address by DHCP: nodes have, and who comes besides chooses one. */
export function isByDhcp(
  { network, nodes }: Pick<Cluster, 'network' | 'nodes'>,
  { name }: Pick<Host, 'name'>,
): boolean {
  return network.lan?.dhcp === true && nodes.some((node) => node.name === name);
}

/** Where a cluster's script lies. */
const scriptIn = (directory: string) => `${directory}/udhcpc`;

/** @param directory of the cluster */
export function scriptActs({ lan }: Cluster['network'], directory: string): readonly Act[] {
  if (lan?.dhcp !== true) return [];
  return [{ do: 'write', path: scriptIn(directory), content: SCRIPT, mode: 0o755, owner: 'root' }];
}

interface ClientPlace {
  /** Of the cluster. */
  readonly directory: string;
  readonly log: string;
}

/** Asks by a host's link, which is there, for the address that it is to have; then lets a client go on there, and renew. */
export function dhcpSteps(machine: Machine, cluster: Cluster, host: Host, { directory, log }: ClientPlace) {
  const { name, namespace, address } = host;
  const inside = insideOf(host);
  const client = [
    'ip',
    'netns',
    'exec',
    namespace,
    DHCP_CLIENT,
    '-i',
    inside,
    '-s',
    scriptIn(directory),
    '-r',
    address,
  ];
  const hostname = `${cluster.name}-${name}`;
  const link = cluster.network.lan?.to ?? '';
  const asked: Step = {
    step: `ask the LAN for ${address} by DHCP`,
    acts: [
      { do: 'run', argv: ['ip', '-n', namespace, '-batch', '-'], input: `link set ${inside} addrgenmode none up\n` },
      {
        do: 'ask',
        what: `udhcpc -i ${inside} -r ${address}, in ${namespace}`,
        ask: async ({ deadline, signal }) => {
          const said = await machine.run([...client, ...onceWords(hostname, deadline)], { allowFailure: true, signal });
          const given = readGiven(said.stdout);
          if (given === null) throw noneGiven(said, link, name);
          if (given.address !== address) throw anotherGiven(host, link, given);
        },
      },
    ],
  };
  const goesOn: Step = {
    step: `renew ${address} from then on`,
    acts: [
      {
        do: 'spawn',
        argv: [...client, '-f', '-x', `hostname:${hostname}`],
        ...{ log, node: `the DHCP client of ${name}`, namespace },
      },
    ],
  };
  return { asked, goesOn };
}

function anotherGiven({ name, mac, address }: Host, link: string, given: Given): ConflictError {
  return new ConflictError(
    `The DHCP server in the LAN of ${link} gives ${name} ${given.address} by now, and not ${address}, by which the others know it.`,
    { suggestions: [`Let it give ${address} to ${mac}, and type the same command again.`, 'Or destroy the cluster.'] },
  );
}
