/**
 * Counts failed sign-ins in windows of a quarter of an hour: of a name from one address, of an address whatever the name, and of a name
 * wherever from. The last bound is the widest, so that a stranger cannot easily lock somebody out by failing in that name.
 * Bounded: what failed longest ago is forgotten.
 */
const WINDOW_MS = 15 * 60_000;
const MAX_REMEMBERED = 30_000;
const MAX_OF_NAME_AND_ADDRESS = 10;
const MAX_OF_ADDRESS = 50;
const MAX_OF_NAME = 100;

interface Failures {
  readonly count: number;
  readonly sinceMs: number;
}

export class SignInAttempts {
  readonly #failures = new Map<string, Failures>();

  /** Returns how long the caller has to wait, ms, and which bound was reached; null where it may try. */
  wait(name: string, address: string, nowMs: number): { readonly waitMs: number; readonly limit: number } | null {
    for (const [key, limit] of boundsOf(name, address)) {
      const failures = this.#failures.get(key);
      if (failures === undefined || failures.count < limit) continue;
      const waitMs = failures.sinceMs + WINDOW_MS - nowMs;
      if (waitMs > 0) return { waitMs, limit };
    }
    return null;
  }

  failed(name: string, address: string, nowMs: number): void {
    for (const [key] of boundsOf(name, address)) {
      const known = this.#failures.get(key);
      const isFresh = known !== undefined && nowMs - known.sinceMs < WINDOW_MS;
      this.#failures.delete(key);
      this.#failures.set(key, isFresh ? { ...known, count: known.count + 1 } : { count: 1, sinceMs: nowMs });
      if (this.#failures.size > MAX_REMEMBERED) this.#failures.delete(this.#failures.keys().next().value ?? key);
    }
  }

  /** Forgets what stands against the name from this address; what the address did in other names stays. */
  succeeded(name: string, address: string): void {
    const [[key]] = boundsOf(name, address);
    this.#failures.delete(key);
  }
}

/** Names come from clients, so each is cut to what a name can be; a line break is in none. */
function boundsOf(name: string, address: string): readonly [[string, number], [string, number], [string, number]] {
  const cut = name.slice(0, 65);
  return [
    [`both\n${cut}\n${address}`, MAX_OF_NAME_AND_ADDRESS],
    [`address\n${address}`, MAX_OF_ADDRESS],
    [`name\n${cut}`, MAX_OF_NAME],
  ];
}
