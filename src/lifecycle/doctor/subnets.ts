import { DEFAULT_POOL, overlap, readCidr, type Subnet } from '../../cluster/subnet.js';
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
  const foreign = taken.filter((subnet) => isInPool(subnet) && !own.some((other) => overlap(other, subnet)));
  const inTheWay = foreign.length === 0 ? '' : `; in the way: ${foreign.map(({ text }) => text).join(', ')}`;
  const found = `${free} of ${WHOLE} networks (/24) of ${DEFAULT_POOL} are free${inTheWay}`;
  if (free === 0) return problem('subnets', found, ['Name a free network: dbns … create --subnet CIDR', 'dbns list']);
  return free < FEW ? warning('subnets', found, ['dbns list']) : ok('subnets', found);
}

const WHOLE = 256;
const FEW = 4;

function isInPool(subnet: Subnet): boolean {
  const pool = readCidr(DEFAULT_POOL);
  return pool !== null && overlap(pool, subnet);
}

function countFree(taken: readonly Subnet[]): number {
  const base = readCidr(DEFAULT_POOL)?.base ?? 0;
  const all = Array.from({ length: WHOLE }, (_, index) => ({ base: base + index * 256, prefix: 24 }));
  return all.filter((candidate) => !taken.some((other) => overlap(candidate, other))).length;
}
