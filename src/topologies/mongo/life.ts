import { ConflictError } from '../../errors/errors.js';
import type { Life } from '../recovery.js';

export const life: Life = {
  stopOrder: ({ nodes }) => [nodes],
  beforeStop: () => null,
  recover() {
    throw new ConflictError('not built yet');
  },
};
