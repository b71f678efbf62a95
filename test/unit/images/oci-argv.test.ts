import { expect, test } from 'vitest';
import { copyArgv, inspectArgv, unpackArgv } from '../../../src/images/oci-argv.js';
import { parseOciReference } from '../../../src/images/oci-reference.js';

const REFERENCE = parseOciReference('docker://127.0.0.1:5000/mysql:8.4');

test('certificates are checked unless that is not wanted', () => {
  const asked = ['skopeo', '--command-timeout', '60000ms', 'inspect', '--raw'];
  expect(inspectArgv(REFERENCE, 'manifest', {})).toEqual([...asked, 'docker://127.0.0.1:5000/mysql:8.4']);
  expect(inspectArgv(REFERENCE, 'config', { tlsVerify: false })).toContain('--tls-verify=false');
  expect(copyArgv(REFERENCE, '/d', {})).toEqual([
    ...['skopeo', 'copy', '--quiet', 'docker://127.0.0.1:5000/mysql:8.4', 'oci:/d/layout:image'],
  ]);
  expect(copyArgv(REFERENCE, '/d', { tlsVerify: false })).toContain('--src-tls-verify=false');
});

test('unpacking writes its own directory alone, and makes neither devices nor capabilities', () => {
  const argv = unpackArgv('/srv/images/x/.1.partial');
  expect(argv.filter((word) => word === '--bind')).toHaveLength(1);
  expect(argv[argv.indexOf('--bind') + 2]).toBe('/srv/images/x/.1.partial');
  expect(argv).toContain('--rootless');
  expect(argv[argv.indexOf('--cap-drop') + 1]).toBe('CAP_SETFCAP');
});
