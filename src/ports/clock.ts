/** Where the time of commands comes from; tests and replays bring their own. */
export interface Clock {
  /** Microseconds since 1970 UTC, a whole number. May jump either way: who needs order makes it monotone. */
  nowUs(): number;
}
