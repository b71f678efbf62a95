import { createHash } from 'node:crypto';
import * as v from 'valibot';
import { ofKind } from '../cluster/schemas.js';

const MANIFEST = v.object({
  layers: v.optional(v.array(v.object({ size: v.number() }))),
  manifests: v.optional(
    v.array(
      v.object({
        digest: v.string(),
        platform: v.optional(v.object({ os: v.string(), architecture: v.string() })),
      }),
    ),
  ),
});

/** What a registry says of an image. Lists have one image for each kind of machine, by architecture. */
export type Manifest =
  | { readonly kind: 'image'; readonly layers: readonly number[] }
  | { readonly kind: 'list'; readonly digests: ReadonlyMap<string, string> };

/** Reads a manifest of OCI or Docker, whose fields of use have the same names; null when it is none. */
export function readManifest(text: string): Manifest | null {
  const { layers, manifests } = parse(MANIFEST, text) ?? {};
  if (layers !== undefined) return { kind: 'image', layers: layers.map(({ size }) => size) };
  if (manifests === undefined) return null;
  const linux = manifests.filter(({ platform }) => platform?.os === 'linux');
  return {
    kind: 'list',
    digests: new Map(linux.map(({ digest, platform }) => [platform?.architecture ?? '', digest])),
  };
}

const PLATFORM = v.object({ os: v.optional(v.string(), ''), architecture: v.optional(v.string(), '') });

/** For which machines an image is made, in the words of manifests; empty where it does not say. */
export type Platform = v.InferOutput<typeof PLATFORM>;

/** Reads the configuration of an image of OCI or Docker. */
export function readPlatform(text: string): Platform {
  return parse(PLATFORM, text) ?? { os: '', architecture: '' };
}

function parse<T>(schema: v.GenericSchema<unknown, T>, text: string): T | null {
  try {
    return ofKind(schema, [JSON.parse(text)])[0] ?? null;
  } catch {
    return null;
  }
}

/** By which an image is known in every registry. */
export function digestOf(manifest: string): string {
  return `sha256:${createHash('sha256').update(manifest).digest('hex')}`;
}

/** This machine's kind in the words of manifests. */
export function architecture(): string {
  return ARCHITECTURES[process.arch] ?? process.arch;
}

/** Go's names for those of which Node has others. */
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', ia32: '386', ppc64: 'ppc64le' };
