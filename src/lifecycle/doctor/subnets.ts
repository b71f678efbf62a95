import { formatSubnet, overlap, readCidr, sizeOf, type Subnet } from '../../cluster/subnet.js';
import { adviceOf, enumerate, obstaclesAmong } from '../../network/allocate.js';
import type { TakenSubnet } from '../../network/observe.js';
import { ok, problem, warning, type Check } from './diagnosis.js';
import type { Survey } from './survey.js';

/** How many networks are left in the pool, and what is in the way of the others. */
export async function checkSubnets({ network, clusters, pool }: Survey): Promise<readonly Check[]> {
  const [{ taken }, saved] = await Promise.all([network(), clusters()]);
  const own = saved.flatMap(({ network: { subnet } }) => readCidr(subnet) ?? []);
  return [judgeSubnets(pool, taken, own)];
}

/** `own` are the networks of clusters. */
export function judgeSubnets(pool: Subnet, taken: readonly TakenSubnet[], own: readonly Subnet[]): Check {
  const all = networksOf(pool);
  const free = all.filter((candidate) => ![...taken, ...own].some((other) => overlap(candidate, other))).length;
  // A cluster's network has a route and an address; a wider route over it is somebody else's.
  const isOwn = (subnet: Subnet) => own.some((other) => other.prefix <= subnet.prefix && overlap(other, subnet));
  const name = formatSubnet(pool);
  const foreign = obstaclesAmong(
    taken.filter((subnet) => !isOwn(subnet)),
    name,
  );
  const obstacles = foreign.length === 0 ? '' : `; in the way: ${enumerate(foreign)}`;
  const found = `${free} of ${all.length} networks (/24) of ${name} are free${obstacles}`;
  if (free === 0) return problem('subnets', found, [...adviceOf([...taken, ...own]), 'dbns list']);
  return free < Math.min(FEW, all.length) ? warning('subnets', found, ['dbns list']) : ok('subnets', found);
}

const FEW = 4;

function networksOf(pool: Subnet): readonly Subnet[] {
  return Array.from({ length: sizeOf(pool) / 256 }, (_, index) => ({ base: pool.base + index * 256, prefix: 24 }));
}
