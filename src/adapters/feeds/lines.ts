/** Lines of a byte stream, one at a time, with a bound on each: a file without line ends cannot fill the memory. */

/** A line of text and its number, from 1. */
export interface NumberedLine {
  readonly line: number;
  readonly text: string;
  /** True where the line was longer than the bound; `text` is then its beginning. */
  readonly tooLong: boolean;
}

/**
 * Splits UTF-8 chunks at line feeds; a carriage return before one is dropped, and so is an empty last line.
 * @param maxLength longest line that is kept whole, in UTF-16 code units
 */
export async function* readLines(
  chunks: AsyncIterable<Uint8Array | string>,
  maxLength: number,
): AsyncGenerator<NumberedLine> {
  const decoder = new TextDecoder();
  let rest = '';
  let tooLong = false;
  let line = 0;
  const numbered = (text: string): NumberedLine => {
    line += 1;
    const whole = !tooLong && text.length <= maxLength;
    tooLong = false;
    const bare = text.endsWith('\r') ? text.slice(0, -1) : text;
    return { line, text: bare.slice(0, maxLength), tooLong: !whole };
  };
  for await (const chunk of chunks) {
    rest += typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true });
    let start = 0;
    for (let end = rest.indexOf('\n'); end >= 0; end = rest.indexOf('\n', start)) {
      yield numbered(rest.slice(start, end));
      start = end + 1;
    }
    rest = rest.slice(start);
    if (rest.length > maxLength) {
      rest = rest.slice(0, maxLength);
      tooLong = true;
    }
  }
  rest += decoder.decode();
  if (rest !== '' || tooLong) yield numbered(rest);
}
