import fs from 'node:fs';
import { interrupted } from './interrupt.mjs';
import { LAB, clearLab, layDirectories, linkName } from './lab.mjs';
import { initialiseWords, planLab } from './plan.mjs';
import { run, settle } from './run.mjs';
import { startServer, waitForSynced } from './servers.mjs';

/**
 * What people do by hand: bridge, namespaces and veth pairs by single commands, hosts files, then each node initialised
 * and started, the first with `--wsrep-new-cluster`, each other one joining it by rsync, one after another.
 * @param {import('./topologies.mjs').Of} of
 */
export async function measureRecipe(of) {
  const [plan, initialise] = await Promise.all([planLab(of), initialiseWords(of)]);
  await settle();
  try {
    const began = performance.now();
    await makeNetwork(plan);
    const networkAt = performance.now() - began;
    const ready = [];
    for (const node of plan.nodes) {
      await addNode(node, initialise, ready.length + 1);
      ready.push(performance.now() - began);
    }
    return { ms: Math.max(...ready), networkAt, ready };
  } finally {
    await clearLab();
  }
}

async function makeNetwork({ gateway, nodes }) {
  await ip(`link add ${LAB.name} type bridge`);
  await ip(`address add ${gateway} dev ${LAB.name}`);
  await ip(`link set ${LAB.name} up`);
  const prefix = gateway.split('/')[1];
  for (const [index, { namespace, address }] of nodes.entries()) {
    const link = linkName(index);
    await ip(`netns add ${namespace}`);
    await ip(`link add ${link} type veth peer name ${link}p`);
    await ip(`link set ${link}p netns ${namespace}`);
    await ip(`link set ${link} master ${LAB.name}`);
    await ip(`link set ${link} up`);
    await ip(`-n ${namespace} link set ${link}p name eth0`);
    await ip(`-n ${namespace} link set lo up`);
    await ip(`-n ${namespace} address add ${address}/${prefix} dev eth0`);
    await ip(`-n ${namespace} link set eth0 up`);
    await ip(`-n ${namespace} route add default via ${gateway.split('/')[0]}`);
  }
}

async function ip(words) {
  await run(['ip', ...words.split(' ')], { signal: interrupted });
}

async function addNode(node, [program, ...words], size) {
  layDirectories(node);
  const data = `${node.directory}/data`;
  fs.mkdirSync(data, { mode: 0o700 });
  fs.chownSync(data, node.uid, node.uid);
  const file = `${node.directory}/my.cnf`;
  fs.writeFileSync(file, withoutCertificate(node.config, data));
  await run([...node.container, program, `--defaults-file=${file}`, ...words], { signal: interrupted });
  fs.writeFileSync(file, withoutMissing(node.config));
  await waitForSynced(startServer(node, [...node.server, ...(size === 1 ? ['--wsrep-new-cluster'] : [])]), size);
}

/** The files come to be by the initialisation, if at all. */
function withoutCertificate(config, data) {
  return without(config, (file) => file.startsWith(data));
}

/** A certificate that only dbns's pristine directory has: the server makes its own then. */
function withoutMissing(config) {
  return without(config, (file) => !fs.existsSync(file));
}

/** Without the lines on certificates whose file is such. */
function without(config, isSuch) {
  const certificate = /^\s*ssl_\w+\s*=\s*(\S+)/;
  return config
    .split('\n')
    .filter((line) => !isSuch(certificate.exec(line)?.[1] ?? '/'))
    .join('\n');
}
