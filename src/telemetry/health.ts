/** What /healthz and /readyz tell, the same for every role. */

/** State of one dependency; further fields are shown as they are. */
export interface DependencyState {
  readonly ready: boolean;
  readonly [detail: string]: unknown;
}

/** By name, such as `engine` or `database`. */
export type Readiness = Readonly<Record<string, DependencyState>>;

/** A dependency that does not say how it is within this time is not ready. */
const READINESS_TIMEOUT_MS = 2_000;

/** Returns the answer of /readyz: 200 when every dependency is ready and the router takes requests, 503 otherwise. */
export async function readinessAnswer(
  readiness: () => Promise<Readiness>,
  stopping: boolean,
): Promise<{ status: number; body: { readonly status: string; readonly dependencies: Readiness } }> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Readiness>((done) => {
    const state = { ready: false, problem: `no answer within ${READINESS_TIMEOUT_MS} ms` };
    timer = setTimeout(() => done({ readiness: state }), READINESS_TIMEOUT_MS);
  });
  try {
    const dependencies = await Promise.race([readiness(), late]);
    const ready = !stopping && Object.values(dependencies).every((state) => state.ready);
    const status = stopping ? 'stopping' : ready ? 'ready' : 'not ready';
    return { status: ready ? 200 : 503, body: { status, dependencies } };
  } catch {
    return { status: 503, body: { status: 'not ready', dependencies: { readiness: { ready: false } } } };
  } finally {
    clearTimeout(timer);
  }
}
