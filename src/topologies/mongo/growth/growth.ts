import type { Growth } from '../../growth.js';
import { grow } from './grow.js';
import { settleGrowth } from './settle-growth.js';
import { shrink } from './shrink.js';

export const growth: Growth = { settle: settleGrowth, grow, shrink };
