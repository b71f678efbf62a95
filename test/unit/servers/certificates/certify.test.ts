import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Subject } from '../../../../src/cluster/tls.js';
import { certify, isCertified, readCertificate } from '../../../../src/servers/certificates/certify.js';
import { authorityFiles, tlsFiles } from '../../../../src/servers/certificates/files.js';
import { nodeSubject } from '../../../../src/servers/certificates/subject.js';
import { localMachine } from '../../../../src/host/local-machine.js';
import { sampleCluster } from '../../../fakes/cluster.js';

const directory = mkdtempSync(path.join(os.tmpdir(), 'dbns-certificates-'));
const CA = `${directory}/tls`;
const NODE = `${directory}/node1/tls`;
// Whoever runs the tests may be no root.
const machine = { ...localMachine, serverUid: process.getuid?.() ?? 0 };
const SUBJECT: Subject = { name: 'node1', names: ['node1', 'localhost'], addresses: ['10.200.0.2'] };

beforeAll(async () => {
  mkdirSync(`${directory}/node1`);
  await certify(machine, { do: 'certify', authority: CA, to: null });
  await certify(machine, { do: 'certify', authority: CA, to: [{ directory: NODE, ...SUBJECT }] });
});

afterAll(() => {
  rmSync(directory, { recursive: true });
});

const modeOf = (file: string) => statSync(file).mode & 0o777;

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

  test('has a key for the servers alone, as that of the CA is for root', () => {
    expect([tlsFiles(NODE).key, authorityFiles(CA).key].map(modeOf)).toEqual([0o600, 0o600]);
    expect(modeOf(authorityFiles(CA).certificate)).toBe(0o644);
  });

  test('can not be had of a CA that is damaged: the error has nothing of a key in it', async () => {
    const other = `${directory}/damaged`;
    mkdirSync(other);
    await machine.files.write(authorityFiles(other).certificate, 'no certificate');
    const made = certify(machine, { do: 'certify', authority: other, to: [{ directory: NODE, ...SUBJECT }] });
    const error = await made.then(
      () => null,
      (reason: unknown) => String(reason),
    );
    expect(error).toContain('openssl makes no certificate for node1');
    expect(error).not.toContain('PRIVATE KEY');
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
