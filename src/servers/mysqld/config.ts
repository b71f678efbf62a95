import type { Cluster, Node, ServerOption } from '../../cluster/cluster.js';
import type { Step } from '../../cluster/plan.js';
import { serverTitle, type ServerBuild } from '../../cluster/server.js';
import type { Image } from '../../images/image.js';
import { hasCertificates, peerTls, tlsDirectory, tlsFiles, type TlsFiles } from '../certificates/files.js';
import { basedirOf } from './basedir.js';
import { dialectNamed, familyOf } from './dialects.js';
import { formingFile } from './forming.js';
import { planMemory } from './memory.js';
import { optionLines } from './options.js';
import { asSeenInside } from './own-files.js';
import { CERTIFICATE, needsCertificate } from './pristine.js';

/** What a my.cnf is about: the node of a cluster, or the one lonely start of a pristine directory. */
export interface ConfigSubject {
  readonly clusterName: string;
  readonly node: Pick<Node, 'name' | 'index' | 'address' | 'socket' | 'server'>;
  readonly data: string;
  readonly memory: number | null;
  readonly durable: boolean;
  readonly options: readonly ServerOption[];
  /** What its clients are offered by certificates of a CA; null where there is none, and the server does as it does. */
  readonly tls: TlsFiles | 'none' | null;
  /** By what it proves itself to other nodes, and verifies them; null where they talk in plain. */
  readonly peers: TlsFiles | null;
  /** The file of options of one start that it includes; a pristine directory has none. */
  readonly forming: string | null;
}

/** What the templates under mysqld/ are rendered from; a topology adds its own. */
export function configContext(subject: ConfigSubject, server: ServerBuild, image: Image) {
  const dialect = dialectNamed(server.dialect);
  return {
    node: subject.node,
    cluster: { name: subject.clusterName },
    data: subject.data,
    basedir: basedirOf(image),
    certificate: subject.tls === null && needsCertificate(server) ? CERTIFICATE : null,
    tls: subject.tls === 'none' ? null : subject.tls,
    dialectLines: [...dialect.lines, ...(subject.tls === 'none' ? dialect.withoutTls : [])],
    memory: { ...planMemory(subject.memory, familyOf(server)), budget: subject.memory },
    durable: subject.durable,
    options: optionLines(asSeenInside(subject.options)),
    forming: subject.forming,
  };
}

/** The subject of a node of a cluster. */
export function subjectOf(cluster: Cluster, node: Node): ConfigSubject {
  return {
    clusterName: cluster.name,
    node,
    data: `${node.directory}/data`,
    memory: cluster.memory,
    durable: cluster.durable,
    options: node.options,
    tls: tlsOf(cluster, node),
    peers: peerTls(cluster, node),
    forming: formingFile(node),
  };
}

function tlsOf(cluster: Cluster, node: Node): ConfigSubject['tls'] {
  if (hasCertificates(cluster)) return tlsFiles(tlsDirectory(node));
  return cluster.tls === 'none' ? 'none' : null;
}

/** The subject of a pristine directory: alone, on loopback, with the user's options but not the user's sizes. */
export function pristineSubject(
  directory: string,
  server: ServerBuild,
  options: readonly ServerOption[],
): ConfigSubject {
  const node = {
    name: 'pristine',
    index: 1,
    address: '127.0.0.1',
    socket: `${directory}/run/mysqld.sock`,
    server: serverTitle(server),
  };
  const lean = { memory: null, durable: false, tls: null, peers: null, forming: null };
  return { clusterName: 'pristine', node, data: `${directory}/data`, options, ...lean };
}

/** Writes a node's my.cnf. */
export function configStep(node: Node, content: string): Step {
  return {
    step: `write my.cnf of ${node.name}`,
    acts: [{ do: 'write', path: `${node.directory}/my.cnf`, content, mode: 0o644, owner: 'root' }],
  };
}
