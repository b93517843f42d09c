/**
 * UTF-8 without a platform: the core compiles without TextEncoder and TextDecoder. Both directions are strict, so that
 * text comes back exactly as it went in: no replacement characters, no overlong forms, no surrogates in UTF-8.
 */

/** Writes the text at `position` and returns where it ends, or −1 where the text has half of a surrogate pair. */
export function encodeUtf8(text: string, target: Uint8Array, position: number): number {
  for (let index = 0; index < text.length; index += 1) {
    let code = text.charCodeAt(index);
    if (code < 0x80) {
      target[position++] = code;
    } else if (code < 0x800) {
      target[position++] = 0xc0 | (code >> 6);
      target[position++] = 0x80 | (code & 0x3f);
    } else if (code < 0xd800 || code > 0xdfff) {
      target[position++] = 0xe0 | (code >> 12);
      target[position++] = 0x80 | ((code >> 6) & 0x3f);
      target[position++] = 0x80 | (code & 0x3f);
    } else {
      const low = text.charCodeAt(index + 1);
      // NaN behind the end of the text fails the comparison too.
      if (code > 0xdbff || !(low >= 0xdc00 && low <= 0xdfff)) return -1;
      index += 1;
      code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
      target[position++] = 0xf0 | (code >> 18);
      target[position++] = 0x80 | ((code >> 12) & 0x3f);
      target[position++] = 0x80 | ((code >> 6) & 0x3f);
      target[position++] = 0x80 | (code & 0x3f);
    }
  }
  return position;
}

/** Returns the text between two offsets, or null where the bytes are no UTF-8. */
export function decodeUtf8(bytes: Uint8Array, start: number, end: number): string | null {
  let text = '';
  let at = start;
  while (at < end) {
    const first = bytes[at] ?? 0;
    if (first < 0x80) {
      text += String.fromCharCode(first);
      at += 1;
      continue;
    }
    const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    if (first < 0xc2 || first > 0xf4 || at + length > end) return null;
    let code = first & (0xff >> (length + 1));
    for (let next = at + 1; next < at + length; next += 1) {
      const byte = bytes[next] ?? 0;
      if ((byte & 0xc0) !== 0x80) return null;
      code = (code << 6) | (byte & 0x3f);
    }
    const smallest = length === 4 ? 0x10000 : length === 3 ? 0x800 : 0x80;
    if (code < smallest || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return null;
    text += String.fromCodePoint(code);
    at += length;
  }
  return text;
}
