import { expect, test } from 'vitest';
import { digestOf, readManifest } from '../../../src/images/oci-manifest.js';

const LAYER = { mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', digest: 'sha256:1', size: 7 };

test('an image has the sizes of its layers', () => {
  const text = JSON.stringify({ schemaVersion: 2, config: {}, layers: [LAYER, { ...LAYER, size: 5 }] });
  expect(readManifest(text)).toEqual({ kind: 'image', layers: [7, 5] });
});

test('a list has an image for each kind of machine that runs Linux', () => {
  const manifest = (digest: string, os: string, architecture: string) => ({ digest, platform: { os, architecture } });
  const manifests = [
    manifest('sha256:a', 'linux', 'amd64'),
    manifest('sha256:b', 'linux', 'arm64'),
    manifest('sha256:c', 'windows', 'amd64'),
    { digest: 'sha256:d' },
  ];
  const digests = new Map([
    ['amd64', 'sha256:a'],
    ['arm64', 'sha256:b'],
  ]);
  expect(readManifest(JSON.stringify({ schemaVersion: 2, manifests }))).toEqual({ kind: 'list', digests });
});

test.each(['', 'null', '[]', '<html>', '{"schemaVersion":1,"fsLayers":[]}', '{"layers":[{}]}'])(
  '%j says nothing of layers',
  (text) => {
    expect(readManifest(text)).toBeNull();
  },
);

test('the digest is that of the words themselves', () => {
  expect(digestOf('{}')).toBe('sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a');
});
