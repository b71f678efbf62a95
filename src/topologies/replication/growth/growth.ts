import type { Growth } from '../../growth.js';
import { grow } from './grow.js';
import { settleNewcomers } from './newcomers.js';
import { shrink } from './shrink.js';

export const growth: Growth = { settle: settleNewcomers, grow, shrink };
