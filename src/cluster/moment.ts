/** A moment by both clocks: the boot's goes on whatever is done to the wall's, which alone tells one of another boot. */
export interface Moment {
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly bootId: string;
  /** Milliseconds since the boot, those asleep too. */
  readonly uptime: number;
}

/** Milliseconds from one moment to another. */
export function between(from: Moment, to: Moment): number {
  return from.bootId === to.bootId ? to.uptime - from.uptime : Date.parse(to.at) - Date.parse(from.at);
}

/** The moment so many milliseconds after another. */
export function after({ at, bootId, uptime }: Moment, milliseconds: number): Moment {
  return { at: new Date(Date.parse(at) + milliseconds).toISOString(), bootId, uptime: uptime + milliseconds };
}
