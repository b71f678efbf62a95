/** For tests that go on for long: none takes so long that works, however busy the machine. Milliseconds. */
export const HOURS = 2 * 3_600_000;
