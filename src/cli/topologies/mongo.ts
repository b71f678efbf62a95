import * as Flags from '@oclif/core/flags';
import type { InferredFlags } from '@oclif/core/interfaces';
import { UsageError } from '../../errors/errors.js';
import type { OwnWords } from '../create-flags.js';
import { createFlags } from '../create-flags.js';
import { byNode, delaysByNode, parseOption, parseSize } from '../values.js';

const MIB = 1024 * 1024;

export const mongoFlags = {
  ...createFlags,
  arbiters: Flags.integer({
    summary: 'members that vote and hold no data, besides the nodes of each set',
    default: 0,
  }),
  hidden: Flags.string({
    summary: 'a member that applications do not see, e.g. node3 (repeatable)',
    helpValue: 'NODE',
    multiple: true,
    multipleNonGreedy: true,
  }),
  priority: Flags.string({
    summary: 'how gladly a member becomes primary, 0 to 1000, e.g. node1=5 (repeatable)',
    helpValue: 'NODE=NUMBER',
    multiple: true,
    multipleNonGreedy: true,
  }),
  delay: Flags.string({
    summary: 'let a member apply that much later, e.g. node3=1h; it is hidden then (repeatable)',
    helpValue: 'NODE=DURATION',
    multiple: true,
    multipleNonGreedy: true,
  }),
  tag: Flags.string({
    summary: 'a tag of a member, e.g. node1=dc:east (repeatable)',
    helpValue: 'NODE=NAME:VALUE',
    multiple: true,
    multipleNonGreedy: true,
  }),
  auth: Flags.boolean({
    summary: "a key file for the members, and the account 'dbns' with a password for everybody else",
  }),
  'oplog-size': Flags.string({ summary: 'size of the oplog, e.g. 1G; 64M when absent', helpValue: 'SIZE' }),
  'mongod-option': Flags.string({
    char: 'c',
    summary: "a word for mongod's command line, e.g. slowms=50 or setParameter=logLevel=1 (repeatable)",
    helpValue: 'key=value',
    multiple: true,
    multipleNonGreedy: true,
  }),
  shards: Flags.integer({ summary: 'a sharded cluster of so many sets; --nodes is for each' }),
  'config-nodes': Flags.integer({
    summary: 'config servers of a sharded cluster; 3 when absent',
    dependsOn: ['shards'],
  }),
  routers: Flags.integer({ summary: 'routers (mongos) of a sharded cluster; 1 when absent', dependsOn: ['shards'] }),
};

export function mongoWords(flags: InferredFlags<typeof mongoFlags>): OwnWords {
  const oplogSize = flags['oplog-size'];
  return {
    options: (flags['mongod-option'] ?? []).map(parseOption),
    settings: {
      arbiters: flags.arbiters,
      hidden: flags.hidden ?? [],
      priorities: Object.fromEntries(byNode('--priority', flags.priority ?? []).map(parsePriority)),
      delays: delaysByNode(flags.delay ?? []),
      tags: parseTags(flags.tag ?? []),
      auth: flags.auth,
      ...(oplogSize !== undefined && { oplogSize: Math.ceil(parseSize(oplogSize) / MIB) }),
      shards: flags.shards ?? null,
      ...(flags['config-nodes'] !== undefined && { configNodes: flags['config-nodes'] }),
      ...(flags.routers !== undefined && { routers: flags.routers }),
    },
  };
}

function parsePriority([node, text]: readonly [string, string]): readonly [string, number] {
  if (!/^\d+(\.\d+)?$/.test(text)) throw new UsageError(`--priority ${node}=${text}: write it like ${node}=5.`);
  return [node, Number(text)];
}

function parseTags(words: readonly string[]): Readonly<Record<string, Readonly<Record<string, string>>>> {
  const tags: Record<string, Record<string, string>> = {};
  for (const [node, text] of byNode('--tag', words)) {
    const [, name, value] = /^([^:]+):(.+)$/.exec(text) ?? [];
    if (name === undefined || value === undefined) {
      throw new UsageError(`--tag ${node}=${text}: write it like ${node}=dc:east.`);
    }
    tags[node] = { ...tags[node], [name]: value };
  }
  return tags;
}
