import fs from 'node:fs';
import path from 'node:path';
import { ConflictError } from './errors.mjs';
import { interrupted } from './interrupt.mjs';
import { run } from './run.mjs';

/** Where servers are measured that dbns did not start. Namespaces and links begin with the name, which is the bridge's. */
export const LAB = { name: 'benchlab', state: '/var/lib/dbns-bench', run: '/run/dbns-bench' };

const etc = '/etc/netns';
const netns = '/run/netns';
const owner = `${LAB.run}/owner.json`;

/** Takes the lab for this process, and removes what a killed bench left there. */
export async function claimLab() {
  const before = fs.existsSync(owner) ? JSON.parse(fs.readFileSync(owner, 'utf8')) : { pid: 0, absent: [] };
  if (isBench(before.pid)) throw new ConflictError(`Another bench runs (pid ${before.pid}).`);
  await clearLab();
  fs.mkdirSync(LAB.run, { recursive: true });
  const absent = [etc, netns].filter((directory) => before.absent.includes(directory) || !fs.existsSync(directory));
  fs.writeFileSync(owner, JSON.stringify({ pid: process.pid, absent }));
}

/** Also removes the directories of all namespaces, when they were not there before and nobody else uses them. */
export async function leaveLab() {
  await clearLab();
  const { absent } = JSON.parse(fs.readFileSync(owner, 'utf8'));
  for (const directory of absent.filter((path) => fs.existsSync(path) && fs.readdirSync(path).length === 0)) {
    // `ip netns add` mounts /run/netns on itself.
    if (directory === netns) await run(['umount', netns]).catch(() => undefined);
    fs.rmdirSync(directory);
  }
  fs.rmSync(LAB.run, { recursive: true, force: true });
}

function isBench(pid) {
  try {
    return fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('bench/main.mjs');
  } catch {
    return false;
  }
}

/** Bridge, namespaces and addresses in one `ip -batch`, and one for the inside of each. @param {import('./plan.mjs').LabPlan} plan */
export async function layNetwork({ gateway, nodes }) {
  const prefix = gateway.split('/')[1];
  const links = nodes.flatMap(({ namespace }, index) => [
    `netns add ${namespace}`,
    `link add ${linkName(index)} type veth peer name eth0 netns ${namespace}`,
    `link set ${linkName(index)} master ${LAB.name} up`,
  ]);
  const bridge = [`link add ${LAB.name} type bridge`, `address add ${gateway} dev ${LAB.name}`];
  await ipBatch([], [...bridge, `link set ${LAB.name} up`, ...links]);
  await Promise.all(
    nodes.map(({ namespace, address }) =>
      ipBatch(['-n', namespace], ['link set lo up', `address add ${address}/${prefix} dev eth0`, 'link set eth0 up']),
    ),
  );
}

export function linkName(index) {
  return `${LAB.name}v${index + 1}`;
}

/** hosts and resolv.conf, passwd and group, the directories of node and socket. @param {import('./plan.mjs').LabNode} node */
export function layDirectories(node) {
  fs.mkdirSync(`${etc}/${node.namespace}`, { recursive: true });
  for (const [file, content] of Object.entries(node.etc)) fs.writeFileSync(`${etc}/${node.namespace}/${file}`, content);
  fs.mkdirSync(node.directory, { recursive: true });
  for (const [file, content] of Object.entries(node.names)) fs.writeFileSync(file, content);
  fs.writeFileSync(node.formingFile, '');
  const sockets = path.dirname(node.socket);
  fs.mkdirSync(sockets, { recursive: true });
  fs.chmodSync(sockets, 0o700);
  fs.chownSync(sockets, node.uid, node.uid);
}

/** Kills what runs in the lab's namespaces, removes them, the bridge, and all files. */
export async function clearLab() {
  const namespaces = ours(netns);
  await killAll(namespaces);
  const links = ours('/sys/class/net').map((link) => `link delete ${link}`);
  await ipBatch(['-force'], [...links, ...namespaces.map((namespace) => `netns delete ${namespace}`)], true);
  for (const namespace of ours(etc)) fs.rmSync(`${etc}/${namespace}`, { recursive: true });
  fs.rmSync(LAB.state, { recursive: true, force: true });
  fs.rmSync(`${LAB.run}/${LAB.name}`, { recursive: true, force: true });
}

/** A server's init in its PID space outlives bubblewrap, so all that is in a namespace is asked for by namespace. */
async function killAll(namespaces) {
  const deadline = Date.now() + 10_000;
  for (;;) {
    const said = await Promise.all(namespaces.map((namespace) => run(['ip', 'netns', 'pids', namespace])));
    const pids = said.flatMap(({ stdout }) => stdout.split('\n').filter((line) => line !== ''));
    if (pids.length === 0) return;
    if (Date.now() > deadline) throw new Error(`still running after SIGKILL: ${pids.join(', ')}`);
    for (const pid of pids) kill(Number(pid));
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function kill(pid) {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}

/** Entries of a directory that bear the lab's name. */
function ours(directory) {
  return fs.existsSync(directory) ? fs.readdirSync(directory).filter((name) => name.startsWith(LAB.name)) : [];
}

async function ipBatch(options, lines, cleaning = false) {
  if (lines.length === 0) return;
  const words = ['ip', ...options, '-batch', '-'];
  await run(words, { input: `${lines.join('\n')}\n`, ...(cleaning ? {} : { signal: interrupted }) });
}
