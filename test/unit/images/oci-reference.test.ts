import { describe, expect, test } from 'vitest';
import { UsageError } from '../../../src/errors/errors.js';
import { derivedName, ociText, parseOciReference, skopeoName } from '../../../src/images/oci-reference.js';
import { parseReference } from '../../../src/images/reference.js';
import { wantedImage } from '../../../src/images/wanted.js';

const DIGEST = `sha256:${'0123456789abcdef'.repeat(4)}`;

describe('a reference', () => {
  test.each([
    ['docker://mysql', 'docker://mysql', 'mysql:latest'],
    ['docker://percona/percona-xtradb-cluster:8.0', null, 'percona-xtradb-cluster:8.0'],
    ['docker://127.0.0.1:5000/a/b:1', null, 'b:1'],
    ['docker://[::1]:5000/b:1', null, 'b:1'],
    [`docker://host/b@${DIGEST}`, null, 'b:0123456789ab'],
    [`docker://host/b:1@${DIGEST}`, `docker://host/b@${DIGEST}`, 'b:1'],
    ['docker://host/some_name.x:RC_1', null, 'some-name-x:rc_1'],
    ['oci:/srv/layout:8.0', null, 'layout:8.0'],
    ['oci:/srv/./layout', 'oci:/srv/layout', 'layout:latest'],
    ['docker-archive:/srv/mysql-8.4.tar.gz', null, 'mysql-8-4:latest'],
    ['docker-archive:/srv/all.tar:library/mysql:8.4', null, 'mysql:8.4'],
  ])('%s is asked for as such, and named', (words, asked, name) => {
    const reference = parseOciReference(words);
    expect(skopeoName(reference)).toBe(asked ?? words);
    expect(derivedName(reference)).toBe(name);
    expect(parseOciReference(ociText(reference))).toEqual(reference);
  });

  test('to a directory is of the working directory', () => {
    expect(skopeoName(parseOciReference('oci:layout:1'))).toBe(`oci:${process.cwd()}/layout:1`);
  });

  test.each([
    'docker://',
    'docker://Name:1',
    'docker://host/name:',
    'docker://host/name@sha256:abc',
    'docker://host/name:1 --x',
    'docker://../x',
    'oci:',
    'docker-archive:',
  ])('%s is none', (words) => {
    expect(() => parseOciReference(words)).toThrow(UsageError);
  });

  test("is no image's name, and the error says how it gets one", () => {
    expect(() => parseReference('docker://host/name:1')).toThrow(/is where an image can be pulled from/);
  });
});

describe('what a pull is to get', () => {
  test('is said by a name', () => {
    expect(wantedImage('pxc:8.0')).toEqual({ ref: 'pxc:8.0', from: null });
  });

  test('is said by a reference, with a name or without', () => {
    const from = { kind: 'oci', reference: 'docker://host/name:1' };
    expect(wantedImage('docker://host/name:1')).toEqual({ ref: 'name:1', from });
    expect(wantedImage('docker://host/name:1', 'pxc:8.0')).toEqual({ ref: 'pxc:8.0', from });
  });

  test.each([
    [['docker://host/1name:1'], '--as NAME:VERSION'],
    [['docker://host/dir:1'], '--as NAME:VERSION'],
    [['docker://host/oci:1'], '--as NAME:VERSION'],
    [['docker://host/name:1', 'name'], "'name' can't be the name of an image"],
    [['docker://host/name:1', 'host'], "'host' can't be the name of an image"],
    [['mariadb:10.11', 'other:1'], 'mariadb:10.11 is a name already'],
  ] as const)('is refused: %j', ([words, as], message) => {
    expect(() => wantedImage(words, as)).toThrow(UsageError);
    expect(() => wantedImage(words, as)).toThrow(message);
  });
});
