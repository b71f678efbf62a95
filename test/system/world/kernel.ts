import { snapshot } from './machine.js';

const HEADINGS = ['network', 'network namespaces', 'nftables', 'mounts', 'sysctls'];

/** What the kernel has of networks: that part of a snapshot which does not change by itself while clusters run. */
export async function kernelNow(): Promise<string> {
  const parts = (await snapshot()).split(/^(?=# )/m);
  return parts.filter((part) => HEADINGS.some((heading) => part.startsWith(`# ${heading}\n`))).join('');
}
