/** A started platform as the scenarios see it, in one process or in many. */

export interface Credentials {
  readonly trader: { readonly token: string; readonly accountId: string };
  readonly trader2: { readonly token: string; readonly accountId: string };
  readonly risk: { readonly token: string };
  readonly admin: { readonly token: string };
}

export interface RunningPlatform {
  /** Address of /graphql. */
  readonly url: string;
  readonly dataDir: string;
  readonly credentials: Credentials;
  readonly pid: number;
  /** What every process shows under /metrics now, one behind the other. */
  metrics(): Promise<string>;
  /** Everything it printed so far. */
  output(): string;
  /** kill -9. */
  crash(): Promise<void>;
  /** SIGTERM; returns the exit code. */
  stop(): Promise<number | null>;
}

export interface StartOptions {
  readonly dataDir: string;
  readonly simulator?: boolean;
  readonly environment?: Record<string, string>;
}
