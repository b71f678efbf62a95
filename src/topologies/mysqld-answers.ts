import { requiresTls } from '../servers/mysqld/tls.js';
import { whoAnswers } from '../servers/mysqld/who-answers.js';
import type { Asked } from './asked.js';
import type { Way } from './routes.js';

/** `Routes.whoAnswers` of all whose servers are of MySQL's family. */
export async function mysqldAnswers({ cluster, password }: Asked, at: Way, timeout: number): Promise<string> {
  const tls = cluster.nodes.some(({ options }) => requiresTls(options));
  return whoAnswers({ ...at, password, tls }, timeout);
}
