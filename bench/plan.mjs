import path from 'node:path';
import { dbns } from './dbns.mjs';
import { interrupted } from './interrupt.mjs';
import { LAB } from './lab.mjs';
import { TOPOLOGIES } from './topologies.mjs';

/**
 * A node of the lab: what `dbns TOPOLOGY create --dry-run` says of it, moved to namespaces and directories of our own.
 * @typedef {object} LabNode
 * @property {string} name
 * @property {string} address
 * @property {string} namespace
 * @property {string} directory
 * @property {string} socket
 * @property {string} log
 * @property {number} uid of the server
 * @property {readonly string[]} container argv that leads into namespace and image, up to the server
 * @property {readonly string[]} server the server and its words
 * @property {readonly string[]} clone argv that clones the pristine data directory
 * @property {string} configFile
 * @property {string} config the content of that file
 * @property {string} view its recorded view, gvwstate.dat
 * @property {string} formingFile what its configuration includes for the start that forms the cluster
 * @property {string} forming the content of that file
 * @property {Readonly<Record<string, string>>} names path → content: passwd and group of the servers
 * @property {Readonly<Record<string, string>>} etc name → content, in /etc/netns/NAMESPACE
 */

/**
 * @typedef {object} LabPlan
 * @property {string} gateway with the prefix length
 * @property {readonly LabNode[]} nodes
 */

/** @param {import('./topologies.mjs').Of} of @returns {Promise<LabPlan>} */
export async function planLab(of) {
  const text = await dryRun(LAB.name, of);
  const { config } = TOPOLOGIES[of.topology];
  const { cluster, steps } = JSON.parse(moved(text, config));
  const acts = steps.flatMap((step) => step.acts);
  const { gateway, subnet } = cluster.networks[0];
  return {
    gateway: `${gateway}/${subnet.split('/')[1]}`,
    nodes: cluster.nodes.map((node) => labNode(node, acts, config)),
  };
}

/** The pristine directory of which a create would clone. */
export async function pristineDirectory(of) {
  const { steps } = JSON.parse(await dryRun(LAB.name, of));
  const clone = steps.flatMap((step) => step.acts).find(({ argv }) => argv?.[0] === 'cp');
  return path.dirname(clone.argv.at(-2));
}

/** The sockets of a cluster that is going to be made. */
export async function socketsOf(name, of) {
  return JSON.parse(await dryRun(name, of)).cluster.nodes.map(({ socket }) => socket);
}

/**
 * The words that initialise a data directory, less its `--defaults-file`. A plan has them when there is no pristine
 * directory for its options; so it is asked with an option that nobody uses.
 */
export async function initialiseWords(of) {
  const { steps } = JSON.parse(await dryRun(LAB.name, of, ['-c', 'report_user=bench']));
  const { argv } = steps.flatMap((step) => step.acts).find((act) => act.argv?.[0] === 'bwrap');
  return argv.slice(argv.lastIndexOf('--') + 1).filter((word) => !word.startsWith('--defaults-file='));
}

async function dryRun(name, { topology, nodes, image }, words = []) {
  const all = [topology, 'create', name, '--nodes', String(nodes), '--image', image, ...words, '--dry-run', '--json'];
  return (await dbns(all, { signal: interrupted })).stdout;
}

/** dbns would take the lab for leftovers of its own: other names, and other roots on the same file systems. */
function moved(text, config) {
  const { cluster, steps } = JSON.parse(text);
  const paths = steps.flatMap((step) => step.acts).map((act) => act.path ?? '');
  const before = (place) => place.slice(0, place.indexOf(`/${LAB.name}/`));
  return text
    .replaceAll(`dbns-${LAB.name}-`, `${LAB.name}-`)
    .replaceAll(before(paths.find((place) => place.endsWith(`/${config}`))), LAB.state)
    .replaceAll(before(cluster.nodes[0].socket), LAB.run);
}

function labNode({ name, address, namespace, socket, log }, acts, config) {
  const directory = path.dirname(log);
  const content = (place) => acts.find((act) => act.path === place && act.content !== undefined)?.content ?? '';
  const namesFile = (place) => [place, content(place)];
  const argv = acts.find((act) => act.argv?.slice(0, 4).join(' ') === `ip netns exec ${namespace}`).argv;
  const dashes = argv.lastIndexOf('--');
  return {
    ...{ name, address, namespace, directory, socket, log },
    uid: Number(argv[argv.indexOf('--reuid') + 1]),
    container: argv.slice(0, dashes + 1),
    server: argv.slice(dashes + 1),
    clone: acts.find((act) => act.argv?.[0] === 'cp' && act.argv.at(-1) === `${directory}/data`).argv,
    configFile: `${directory}/${config}`,
    config: content(`${directory}/${config}`),
    view: content(`${directory}/data/gvwstate.dat`),
    formingFile: `${directory}/forming.cnf`,
    forming: content(`${directory}/forming.cnf`),
    names: Object.fromEntries(['passwd', 'group'].map((file) => namesFile(`${path.dirname(directory)}/${file}`))),
    etc: Object.fromEntries(['hosts', 'resolv.conf'].map((file) => [file, content(`/etc/netns/${namespace}/${file}`)])),
  };
}
