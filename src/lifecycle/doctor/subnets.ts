import { DEFAULT_POOL, overlap, readCidr, type Subnet } from '../../cluster/subnet.js';
import { adviceOf, enumerate, obstaclesAmong } from '../../network/allocate.js';
import type { TakenSubnet } from '../../network/observe.js';
import { ok, problem, warning, type Check } from './diagnosis.js';
import type { Survey } from './survey.js';

/** How many networks are left in the pool, and what is in the way of the others. */
export async function checkSubnets({ network, clusters }: Survey): Promise<readonly Check[]> {
  const [{ taken }, saved] = await Promise.all([network(), clusters()]);
  const own = saved.flatMap(({ network: { subnet } }) => readCidr(subnet) ?? []);
  return [judgeSubnets(taken, own)];
}

/** `own` are the networks of clusters. */
export function judgeSubnets(taken: readonly TakenSubnet[], own: readonly Subnet[]): Check {
  const free = countFree([...taken, ...own]);
  // A cluster's network has a route and an address; a wider route over it is somebody else's.
  const isOwn = (subnet: Subnet) => own.some((other) => other.prefix <= subnet.prefix && overlap(other, subnet));
  const foreign = obstaclesAmong(taken.filter((subnet) => !isOwn(subnet)));
  const obstacles = foreign.length === 0 ? '' : `; in the way: ${enumerate(foreign)}`;
  const found = `${free} of ${WHOLE} networks (/24) of ${DEFAULT_POOL} are free${obstacles}`;
  if (free === 0) return problem('subnets', found, [...adviceOf([...taken, ...own]), 'dbns list']);
  return free < FEW ? warning('subnets', found, ['dbns list']) : ok('subnets', found);
}

const WHOLE = 256;
const FEW = 4;

function countFree(taken: readonly Subnet[]): number {
  const base = readCidr(DEFAULT_POOL)?.base ?? 0;
  const all = Array.from({ length: WHOLE }, (_, index) => ({ base: base + index * 256, prefix: 24 }));
  return all.filter((candidate) => !taken.some((other) => overlap(candidate, other))).length;
}
