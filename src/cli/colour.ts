import pc from 'picocolors';

/** Colours on a terminal alone: CI=true does not make a file one. NO_COLOR and FORCE_COLOR as everywhere. */
export const colour = pc.createColors(
  process.env.FORCE_COLOR !== undefined || (process.stdout.isTTY && process.env.NO_COLOR === undefined),
);
