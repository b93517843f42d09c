/** Colours only where somebody sees them: a terminal, and NO_COLOR (https://no-color.org) not set. */
const coloured = Boolean(process.stdout.isTTY) && !process.env.NO_COLOR;
const style = (open, close) => (text) => (coloured ? `\u001b[${open}m${text}\u001b[${close}m` : text);

export const paint = { green: style(32, 39), red: style(31, 39), dim: style(2, 22), bold: style(1, 22) };
