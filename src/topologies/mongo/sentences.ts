import { ConflictError } from '../../errors/errors.js';
import { ROUTERS } from './settings.js';

/** What voters are good for. */
export function quorumNote(set: string, voters: number): string {
  return `${set}: ${voters} of its members will vote, and a primary needs ${Math.floor(voters / 2) + 1} of them.`;
}

export function noPrimary(cluster: string, set: string, then: string, byForce?: string): ConflictError {
  return new ConflictError(`${set} has no primary: ${then}.`, {
    suggestions: [`dbns status ${cluster}`, `dbns start ${cluster}`, ...(byForce === undefined ? [] : [byForce])],
  });
}

export function noRouter(cluster: string, then: string, byForce?: string): ConflictError {
  return new ConflictError(`No router of '${cluster}' runs: ${then}.`, {
    suggestions: [`dbns start ${cluster} --group ${ROUTERS}`, ...(byForce === undefined ? [] : [byForce])],
  });
}
