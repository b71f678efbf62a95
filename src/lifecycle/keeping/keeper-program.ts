/** The keeper's program, in the package. */
export const KEEPER = 'dist/keeper/main.js';
