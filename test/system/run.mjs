// npm run test:system [-- FILE-FILTER…]: files of test/system, each in a world of its own.
//   DBNS_TEST_IMAGE       the image under test; mariadb:10.11
//   DBNS_TEST_MARIADB, DBNS_TEST_MYSQL  of tests that name their servers; mariadb:10.11, mysql:9.7
//   DBNS_TEST_HOST        a tree whose usr/ is laid over each world's /usr; none (test/image-trees.sh)
//   DBNS_TEST_WORLDS      how many worlds stand side by side; 1
//   DBNS_TEST_PULL=1      also *-real.test.ts, which run outside a world: they need the machine's network
//   DBNS_TEST_THOROUGH=1  all that is tried, not a sample of it (world/sample.ts)
//   DBNS_TEST_STANDBY=1   clusters of pxc are taken from standbys that the tests start before
//   DBNS_TEST_PRISTINE    a directory of pristine directories that each world starts with; none (world/pristine.sh)
//   DBNS_TEST_SEED        the seed of the sample and of all that is random
import { testFiles, runFiles } from './run-files.mjs';
import { tell } from './world/report.mjs';
import { interruptible } from './world/interruptible.mjs';

async function main(filters) {
  if (process.getuid() !== 0) {
    console.error('System tests make networks and mounts. Type: sudo env "PATH=$PATH" npm run test:system');
    return 3;
  }
  const files = testFiles(filters);
  if (files.length === 0) {
    console.error(`No file of test/system matches: ${filters.join(' ')}`);
    return 2;
  }
  const image = process.env.DBNS_TEST_IMAGE ?? 'mariadb:10.11';
  const { signal, exitCode } = interruptible();
  const outcomes = await runFiles(
    files.map((file) => ({ file, image })),
    { worlds: Number(process.env.DBNS_TEST_WORLDS ?? 1), real: process.env.DBNS_TEST_PULL === '1', signal },
  );
  return exitCode() ?? tell(outcomes);
}

process.exitCode = await main(process.argv.slice(2));
