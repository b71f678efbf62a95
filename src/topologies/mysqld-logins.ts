import type { Plan } from '../cluster/plan.js';
import { loginStep } from '../servers/mysqld/accounts.js';
import type { Setting } from './setting.js';

/** `logins` of all whose servers are of MySQL's family. */
export function mysqldLogins({ cluster: { nodes }, password }: Pick<Setting, 'cluster' | 'password'>): Plan {
  return { parallel: nodes.map((node) => loginStep(node, password)) };
}
