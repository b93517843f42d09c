/** Instants as text: RFC 3339 outside, microseconds since 1970 UTC inside. Apart from the scalars, for programs that need no GraphQL. */

const RFC_3339 = /^(\d{4})-(\d{2})-(\d{2})[Tt](\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?(?:([Zz])|([+-])(\d{2}):(\d{2}))$/;

/** Returns microseconds since 1970 UTC; digits finer than a microsecond are cut off. null: not RFC 3339 */
export function parseInstantUs(text: string): number | null {
  const match = RFC_3339.exec(text);
  if (match === null) return null;
  const [, year, month, day, hour, minute, second, fraction, , sign, offsetHour, offsetMinute] = match;
  const [hours, minutes, seconds] = [Number(hour), Number(minute), Number(second)];
  if (hours > 23 || minutes > 59 || seconds > 59) return null;
  const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  if (date.getUTCMonth() !== Number(month) - 1 || date.getUTCDate() !== Number(day)) return null;
  let ms = date.getTime() + ((hours * 60 + minutes) * 60 + seconds) * 1000;
  if (sign !== undefined) {
    if (Number(offsetHour) > 23 || Number(offsetMinute) > 59) return null;
    const offsetMs = (Number(offsetHour) * 60 + Number(offsetMinute)) * 60_000;
    ms += sign === '+' ? -offsetMs : offsetMs;
  }
  return ms * 1000 + Number((fraction ?? '').padEnd(6, '0').slice(0, 6));
}

/** Prints microseconds since 1970 UTC as RFC 3339 with six decimals. */
export function formatInstantUs(instantUs: number): string {
  const ms = Math.floor(instantUs / 1000);
  const text = new Date(ms).toISOString();
  return `${text.slice(0, -1)}${(instantUs - ms * 1000).toString().padStart(3, '0')}Z`;
}
