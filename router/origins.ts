/** Which browser pages may call: the platform's own and those on the list. Clients that are no browser send no Origin. */

/**
 * Tells whether a page of this origin may call.
 * @param origin the Origin header
 * @param host the Host header: the address by which the platform was called
 * @param allowed origins such as `https://desk.example.com`, `http://localhost:*` (any port) or `*` (all)
 */
export function isAllowedOrigin(
  origin: string | undefined,
  host: string | undefined,
  allowed: readonly string[],
): boolean {
  if (origin === undefined) return true;
  if (host !== undefined && (origin === `http://${host}` || origin === `https://${host}`)) return true;
  return allowed.some((pattern) => matches(origin, pattern));
}

function matches(origin: string, pattern: string): boolean {
  if (pattern === '*' || origin === pattern) return true;
  if (!pattern.endsWith(':*')) return false;
  const base = pattern.slice(0, -2);
  return origin === base || (origin.startsWith(`${base}:`) && /^\d{1,5}$/.test(origin.slice(base.length + 1)));
}
