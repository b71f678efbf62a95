/** The keeper's program, in the package. */
export const KEEPER = 'dist/keeper/main.js';

/** The word with which it makes standbys instead: no cluster has such a name. */
export const REFILL = '--refill';
