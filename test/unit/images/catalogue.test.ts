import { expect, test } from 'vitest';
import { CATALOGUE } from '../../../src/images/catalogue.js';
import { bootstrapArgv } from '../../../src/images/mmdebstrap.js';
import { parseOciReference } from '../../../src/images/oci-reference.js';
import { parseReference } from '../../../src/images/reference.js';

test('every image has a name of its own that can be written', () => {
  const refs = CATALOGUE.map(({ ref }) => ref);
  expect(new Set(refs).size).toBe(refs.length);
  expect(refs.map((ref) => parseReference(ref).kind)).toEqual(refs.map(() => 'pulled'));
});

test.each(CATALOGUE)('$ref is named after its server', ({ ref, server }) => {
  expect(ref).toBe(`${server.dialect}:${server.version}`);
});

const debian = CATALOGUE.flatMap(({ ref, from }) => (from.kind === 'debian' ? [{ ref, from }] : []));
const oci = CATALOGUE.flatMap(({ ref, from }) => (from.kind === 'oci' ? [{ ref, from }] : []));

test.each(debian)('$ref is made of packages, and only its own directory is written', ({ from }) => {
  const directory = '/var/lib/dbns/images/x/.1.partial';
  const argv = bootstrapArgv({ from, sources: ['deb copy:/srv/debian sid main'], directory });
  expect(argv).toContain(`--include=${from.packages.join(',')}`);
  expect(argv.slice(-3)).toEqual([from.suite, `${directory}/root`, 'deb copy:/srv/debian sid main']);
  expect(argv.filter((word) => word === '--bind')).toHaveLength(1);
  expect(argv[argv.indexOf('--bind') + 2]).toBe(directory);
});

test.each(oci)('$ref has a vendor reference with a tag, that names no host', ({ from }) => {
  const { transport, place, tag, digest } = parseOciReference(from.reference);
  expect({ transport, digest }).toEqual({ transport: 'docker', digest: null });
  expect(tag).toMatch(/^\d+\.\d+/);
  expect(place.split('/')[0]).not.toMatch(/[.:]/);
});
