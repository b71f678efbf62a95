import { beforeAll, describe, expect, test } from 'vitest';
import type { Subject } from '../../../../src/cluster/tls.js';
import { certify, isCertified, readCertificate } from '../../../../src/servers/certificates/certify.js';
import { authorityFiles, tlsFiles } from '../../../../src/servers/certificates/files.js';
import { nodeSubject } from '../../../../src/servers/certificates/subject.js';
import { sampleCluster } from '../../../fakes/cluster.js';
import { fakeMachine, type FakeMachine } from '../../../fakes/machine.js';

const CA = '/c/tls';
const NODE = '/c/node1/tls';
const SUBJECT: Subject = { name: 'node1', names: ['node1', 'localhost'], addresses: ['10.200.0.2'] };

let machine: FakeMachine;
beforeAll(async () => {
  machine = fakeMachine({ directories: ['/c', '/c/node1'] });
  await certify(machine, { do: 'certify', authority: CA, to: null });
  await certify(machine, { do: 'certify', authority: CA, to: { directory: NODE, subject: SUBJECT } });
});

describe('a certificate', () => {
  test('is of the CA, for all names and addresses', () => {
    const ca = readCertificate(machine, authorityFiles(CA).certificate);
    const found = readCertificate(machine, tlsFiles(NODE).certificate);
    expect(found).toMatchObject({
      subject: 'CN=node1',
      issuer: ca?.subject,
      names: ['node1', 'localhost', '10.200.0.2'],
    });
    expect(machine.files.read(tlsFiles(NODE).ca)).toBe(machine.files.read(authorityFiles(CA).certificate));
  });

  test('has a key for the servers alone; that of the CA is for root', () => {
    expect(machine.tree.get(tlsFiles(NODE).key)).toMatchObject({ mode: 0o600, uid: machine.serverUid });
    expect(machine.tree.get(authorityFiles(CA).key)).toMatchObject({ mode: 0o600, uid: 0 });
    expect(machine.tree.get(authorityFiles(CA).certificate)).toMatchObject({ mode: 0o644 });
  });

  test('is needed anew when a name comes, a file is damaged, or the CA is another', async () => {
    const holds = (subject = SUBJECT) => isCertified(machine, CA, NODE, subject);
    expect(holds()).toBe(true);
    expect(holds({ ...SUBJECT, addresses: ['10.200.0.2', '192.0.2.1'] })).toBe(false);
    const { key } = tlsFiles(NODE);
    const whole = machine.files.read(key) ?? '';
    const other = machine.files.read(authorityFiles(CA).key) ?? '';
    await machine.files.write(key, other);
    expect(holds()).toBe(false);
    await machine.files.write(key, whole);
    expect(holds()).toBe(true);
    await certify(machine, { do: 'certify', authority: CA, to: null });
    expect(holds()).toBe(false);
  });
});

test('a node is certified for what it is reached by: proxies in front of it, and where it is exposed', () => {
  const cluster = sampleCluster(2);
  const [node] = cluster.nodes;
  if (node === undefined) throw new Error('no node');
  const proxy = {
    ...node,
    phase: 'added' as const,
    name: 'proxy1',
    address: '10.200.0.9',
    kind: 'haproxy',
    settings: {},
  };
  const exposure = { bind: '192.0.2.7', hostPort: 3306, to: { host: 'node1' }, port: 3306, leadsTo: 'node1' };
  expect(nodeSubject({ ...cluster, companions: [proxy] }, [exposure], node)).toEqual({
    name: 'node1',
    names: ['node1', 'node1.east', 'proxy1', 'proxy1.east', 'east', 'localhost'],
    addresses: ['10.200.0.2', '10.200.0.9', '127.0.0.1', '192.0.2.7'],
  });
});
