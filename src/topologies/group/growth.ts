import { UsageError } from '../../errors/errors.js';
import type { Growth } from '../growth.js';

const notYet = () => {
  throw new UsageError('Nodes of this topology do not come and go yet.');
};

export const growth: Growth = { settle: notYet, grow: notYet, shrink: notYet };
