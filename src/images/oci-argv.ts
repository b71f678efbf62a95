import { confinedArgv } from './confined.js';
import { skopeoName, type OciReference } from './oci-reference.js';
import type { PullOptions } from './pull-options.js';

/** After so many milliseconds a registry that gives nothing is given up. */
export const SILENCE = 60_000;

/** The argv that prints an image's manifest, or its configuration. */
export function inspectArgv(
  reference: OciReference,
  what: 'manifest' | 'config',
  { tlsVerify = true, silence = SILENCE }: PullOptions,
): readonly string[] {
  return [
    ...['skopeo', '--command-timeout', `${silence}ms`, 'inspect', '--raw'],
    ...(what === 'config' ? ['--config'] : []),
    ...(tlsVerify ? [] : ['--tls-verify=false']),
    skopeoName(reference),
  ];
}

/** The argv that copies an image into `directory/layout`; skopeo checks each layer against its digest. */
export function copyArgv(
  reference: OciReference,
  directory: string,
  { tlsVerify = true }: PullOptions,
): readonly string[] {
  return [
    ...['skopeo', 'copy', '--quiet'],
    ...(tlsVerify ? [] : ['--src-tls-verify=false']),
    skopeoName(reference),
    `oci:${directory}/layout:image`,
  ];
}

/**
 * The argv that unpacks `directory/layout` to `directory/root`. A layer may hold any name, link or device: `rootless`
 * gives all to root and makes no device, and nothing outside of `directory` can be written.
 */
export function unpackArgv(directory: string): readonly string[] {
  return confinedArgv(directory, [
    ...['umoci', 'raw', 'unpack', '--rootless', '--image', `${directory}/layout:image`, `${directory}/root`],
  ]);
}
