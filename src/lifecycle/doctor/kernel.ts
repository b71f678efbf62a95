import type { Cluster } from '../../cluster/cluster.js';
import { DEFAULT_MTU } from '../../cluster/mtu.js';
import type { Step } from '../../cluster/plan.js';
import { bridgeName, linkGroup, linkName, namespaceName, stemOf } from '../../cluster/names.js';
import type { Machine } from '../../host/machine.js';
import { forwardingFile } from '../../network/forwarding.js';
import { guardRuleset } from '../../network/guard.js';
import { linksStep } from '../../network/links.js';
import { ruleset } from '../../network/ruleset.js';
import { containerArgv } from '../../process/container.js';
import { ok, problem, unseen, warning, type Check } from './diagnosis.js';
import type { Survey } from './survey.js';

/** A feature of the kernel, and the command that works when it is there. All it makes vanishes with it. */
interface Probe {
  readonly name: string;
  /** Without it there is nothing to try. */
  readonly program: string;
  readonly argv: (file: string) => readonly string[];
  readonly input?: string;
  readonly found: string;
  /** What to type when it is not there. */
  readonly advice: readonly string[];
}

const IN_A_CONTAINER = 'Inside a container: let it be a privileged one, or take a virtual machine.';

/**
 * Tries the features that clusters need, in namespaces that are thrown away; the machine's own are not touched. Without
 * root in a user namespace, where the machine allows that.
 */
export async function checkKernel({ machine }: Survey): Promise<readonly Check[]> {
  const room = roomOf(machine);
  const { exitCode, stderr } = await machine.run([...room, 'true'], { allowFailure: true });
  if (exitCode !== 0) return [machine.isRoot ? refused(NAMESPACES, stderr, [IN_A_CONTAINER]) : unseen('kernel')];
  const checks = await Promise.all(probesIn(machine, room).map((probe) => check(machine, probe)));
  return [ok(NAMESPACES, 'can be made'), ...checks];
}

const NAMESPACES = 'network namespaces';

/** The argv that gives a command a network of its own. */
function roomOf({ isRoot }: Machine): readonly string[] {
  return ['unshare', ...(isRoot ? [] : ['--user', '--map-root-user']), '--net'];
}

async function check(machine: Machine, { name, program, argv, input, found, advice }: Probe): Promise<Check> {
  const file = machine.which(program);
  if (file === null) return warning(name, `not tried, for want of '${program}'`);
  const { exitCode, stderr } = await machine.run(argv(file), {
    allowFailure: true,
    ...(input !== undefined && { input }),
  });
  return exitCode === 0 ? ok(name, found) : refused(name, stderr, advice);
}

function refused(name: string, stderr: string, advice: readonly string[]): Check {
  const said = stderr.trim().split('\n')[0];
  return problem(name, `refused: ${said === undefined || said === '' ? 'nothing was said' : said}`, advice);
}

function probesIn(machine: Machine, room: readonly string[]): readonly Probe[] {
  return [
    {
      name: 'bridges',
      program: 'ip',
      argv: (ip) => [...room, ip, '-batch', '-'],
      input: 'link add doctor0 type bridge\n',
      found: 'can be made',
      advice: ['modprobe bridge', IN_A_CONTAINER],
    },
    {
      name: 'veth pairs',
      program: 'ip',
      argv: (ip) => [...room, ip, '-batch', '-'],
      input: 'link add doctor0 type veth peer name doctor1\n',
      found: 'can be made',
      advice: ['modprobe veth', IN_A_CONTAINER],
    },
    {
      name: 'named namespaces',
      // A /run of its own, for the names.
      program: 'bwrap',
      argv: (bwrap) => [...room, bwrap, '--dev-bind', '/', '/', '--tmpfs', '/run', 'ip', '-batch', '-'],
      input: inputOf(linksStep(SAMPLE)),
      found: "a bridge, a namespace and its link were made as 'create' does",
      advice: ['apt-get install iproute2 bubblewrap', IN_A_CONTAINER],
    },
    {
      name: 'NAT and filter rules',
      program: 'nft',
      argv: (nft) => [...room, nft, '-f', '-'],
      input: `${ruleset(SAMPLE)}${guardRuleset('ip', SAMPLE.network.uplinks)}`,
      found: 'nftables masquerades, knows the state of connections, and refuses by user',
      advice: ['modprobe -a nf_tables nft_chain_nat nft_masq nft_ct nft_reject_inet', IN_A_CONTAINER],
    },
    {
      name: 'forwarding',
      program: 'tee',
      argv: (tee) => [...room, tee, forwardingFile(machine, 'lo')],
      input: '1\n',
      found: 'can be switched on for an interface',
      advice: ['mount -o remount,rw /proc/sys', IN_A_CONTAINER],
    },
    ...(machine.isRoot ? [sandboxProbe(machine)] : []),
  ];
}

/** As the servers run, with `true` for a server. */
function sandboxProbe(machine: Machine): Probe {
  const spec = {
    ...{ rootMounts: ['--ro-bind', '/', '/'], writable: [], files: {}, hostname: 'doctor' },
    ...({ network: 'none', user: 'server', dieWithParent: true } as const),
  };
  return {
    name: 'sandbox',
    program: 'bwrap',
    argv: () => containerArgv(machine, spec, ['true']),
    found: 'bwrap makes a PID space, and drops to an unprivileged user',
    advice: ['bwrap --ro-bind / / --proc /proc --unshare-pid --unshare-net true', IN_A_CONTAINER],
  };
}

function inputOf({ acts }: Step): string {
  return acts.map((act) => (act.do === 'run' ? (act.input ?? '') : '')).join('');
}

const ID = 'd0c70000';

/** A cluster of one node that is never made on the machine: its plan is what the probes try. */
const SAMPLE: Cluster = {
  ...{ id: ID, name: 'doctor', topology: 'none', createdAt: '', phase: 'creating', made: null },
  ...{
    memory: null,
    durable: false,
    settings: {},
    init: [],
    tls: null,
    clusterTls: false,
    nextIndex: 2,
    turn: null,
    companions: [],
    attached: [],
  },
  network: {
    ...{
      name: 'net1',
      subnet: '10.200.0.0/24',
      ipv6: null,
      internal: false,
      mtu: DEFAULT_MTU,
      uplinks: ['uplink0'],
      freed: [],
    },
    ...{ stem: stemOf(ID), linkGroup: linkGroup(ID) },
    zones: [{ name: null, subnet: '10.200.0.0/24', gateway: '10.200.0.1', bridge: bridgeName(ID, null) }],
    lan: null,
  },
  nodes: [
    {
      ...{ name: 'node1', index: 1, role: 'none', group: null, image: '', server: '' },
      ...{ phase: 'added', wanted: 'running', options: [] },
      ports: { client: 1, servers: 2 },
      ...{ namespace: namespaceName('doctor', 'node1'), link: linkName(ID, 1) },
      ...{ address: '10.200.0.2', mac: '02:db:0a:c8:00:02', directory: '', socket: '', log: '' },
    },
  ],
};
