import { expect, test } from 'vitest';
import { MachineError } from '../../../src/errors/errors.js';
import { parseOciReference } from '../../../src/images/oci-reference.js';
import { unpackFailure } from '../../../src/images/unpack-failure.js';

// Recorded from umoci 0.4.7. What skopeo says in such words is another matter: its files are the machine's, or a registry's.
const BROKEN = "A layer of oci:/srv/a:1 can't be unpacked:";

test.each([
  [
    'create rootfs: discard trailing archive bits: gzip: invalid checksum',
    `${BROKEN} discard trailing archive bits: gzip: invalid checksum.`,
  ],
  [
    'create rootfs: unpack layer: unpack entry: usr/big: unpack to regular file: short write: unexpected EOF',
    `${BROKEN} unpack entry: usr/big: unpack to regular file: short write: unexpected EOF.`,
  ],
  [
    'create rootfs: unpack layer: unpack entry: h: link: unpriv.link: unpriv.wrap target: no such file or directory',
    `${BROKEN} unpack entry: h: link: unpriv.link: unpriv.wrap target: no such file or directory.`,
  ],
  [
    'create rootfs: write /x/root/usr/zeros: no space left on device',
    'There is not enough space on the disk for the image a:1.',
  ],
  ['gremlins', `${BROKEN} gremlins.`],
])('umoci: %s', (words, sentence) => {
  const attempt = { ref: 'a:1', reference: parseOciReference('oci:/srv/a:1') };
  const failure = unpackFailure(`  • unpacking rootfs ...\n  ⨯ ${words}\n`, attempt);
  expect(failure).toBeInstanceOf(MachineError);
  expect(failure.message.split('\n')[0]).toBe(sentence);
});
