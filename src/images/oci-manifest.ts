import { createHash } from 'node:crypto';
import * as z from 'zod';

const MANIFEST = z.object({
  layers: z.array(z.object({ size: z.number() })).optional(),
  manifests: z
    .array(
      z.object({
        digest: z.string(),
        platform: z.object({ os: z.string(), architecture: z.string() }).optional(),
      }),
    )
    .optional(),
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

const PLATFORM = z.object({ os: z.string().default(''), architecture: z.string().default('') });

/** For which machines an image is made, in the words of manifests; empty where it does not say. */
export type Platform = z.infer<typeof PLATFORM>;

/** Reads the configuration of an image of OCI or Docker. */
export function readPlatform(text: string): Platform {
  return parse(PLATFORM, text) ?? { os: '', architecture: '' };
}

function parse<T>(schema: z.ZodType<T>, text: string): T | null {
  try {
    return schema.safeParse(JSON.parse(text)).data ?? null;
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
