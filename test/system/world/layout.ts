import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

// OCI layouts by hand, down to the bytes of their layers: what no tool packs.

/** An entry of a layer. */
export interface Entry {
  readonly name: string;
  /** A file when absent. */
  readonly type?: 'file' | 'directory' | 'link' | 'hard link' | 'device';
  /** Where a link leads. */
  readonly to?: string;
  readonly content?: Buffer;
  readonly mode?: number;
}

export interface LayoutSpec {
  /** The layers, lowest first. */
  readonly layers: readonly (readonly Entry[])[];
  readonly architecture?: string;
  readonly os?: string;
  /** What becomes of the compressed bytes of each layer; its digest is that of the result. */
  readonly damage?: (layer: Buffer) => Buffer;
}

/** Writes a layout with one image, whose tag is `1`. */
export function writeLayout(directory: string, { layers, architecture, os, damage = same }: LayoutSpec): void {
  mkdirSync(`${directory}/blobs/sha256`, { recursive: true });
  const blob = (data: Buffer, mediaType: string) => {
    const hex = sha256(data);
    writeFileSync(`${directory}/blobs/sha256/${hex}`, data);
    return { mediaType: `application/vnd.oci.image.${mediaType}`, digest: `sha256:${hex}`, size: data.length };
  };
  const json = (value: unknown) => Buffer.from(JSON.stringify(value));
  const tars = layers.map(tarOf);
  const config = {
    ...{
      architecture: architecture ?? (process.arch === 'x64' ? 'amd64' : process.arch),
      os: os ?? 'linux',
      config: {},
    },
    rootfs: { type: 'layers', diff_ids: tars.map((tar) => `sha256:${sha256(tar)}`) },
  };
  const manifest = {
    ...{ schemaVersion: 2, mediaType: 'application/vnd.oci.image.manifest.v1+json' },
    config: blob(json(config), 'config.v1+json'),
    layers: tars.map((tar) => blob(damage(gzipSync(tar)), 'layer.v1.tar+gzip')),
  };
  const descriptor = blob(json(manifest), 'manifest.v1+json');
  const named = { ...descriptor, annotations: { 'org.opencontainers.image.ref.name': '1' } };
  writeFileSync(`${directory}/index.json`, JSON.stringify({ schemaVersion: 2, manifests: [named] }));
  writeFileSync(`${directory}/oci-layout`, '{"imageLayoutVersion":"1.0.0"}');
}

const same = (layer: Buffer) => layer;
const sha256 = (data: Buffer) => createHash('sha256').update(data).digest('hex');

const TYPES = { file: '0', 'hard link': '1', link: '2', device: '3', directory: '5' } as const;

function tarOf(entries: readonly Entry[]): Buffer {
  return Buffer.concat([...entries.flatMap(blocksOf), Buffer.alloc(1024)]);
}

/** A ustar header, and the content in blocks of 512 bytes. A device is 1, 3: /dev/null. */
function blocksOf({ name, type = 'file', to = '', content = Buffer.alloc(0), mode = 0o755 }: Entry): Buffer[] {
  const header = Buffer.alloc(512);
  const octal = (value: number, width: number) => `${value.toString(8).padStart(width - 1, '0')}\0`;
  const fields: readonly (readonly [number, string])[] = [
    ...([
      [0, name],
      [100, octal(mode, 8)],
      [108, octal(0, 8)],
      [116, octal(0, 8)],
    ] as const),
    ...([
      [124, octal(content.length, 12)],
      [136, octal(0, 12)],
      [148, ' '.repeat(8)],
      [156, TYPES[type]],
    ] as const),
    ...([
      [157, to],
      [257, 'ustar\x0000'],
      [329, octal(1, 8)],
      [337, octal(3, 8)],
    ] as const),
  ];
  for (const [at, text] of fields) header.write(text, at, 'latin1');
  header.write(
    `${header
      .reduce((sum, byte) => sum + byte, 0)
      .toString(8)
      .padStart(6, '0')}\0 `,
    148,
    'latin1',
  );
  return [header, content, Buffer.alloc((512 - (content.length % 512)) % 512)];
}
