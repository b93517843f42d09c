/** A progress bar on standard error; without a terminal there, nothing. */
import { formatCount } from './table.js';
import type { Terminal } from './terminal.js';

const REDRAW_EVERY_MS = 80;
const BAR_WIDTH = 28;
const CLEAR_LINE = '\r\u001b[2K';

export interface Progress {
  /** @param note stands behind the figures, e.g. the recording's time */
  update(done: number, note: string): void;
  /** Takes the bar away. */
  end(): void;
}

export function createProgress(terminal: Terminal, total: number, unit: string): Progress {
  const { err, paintError: paint } = terminal;
  if (err.isTTY !== true) return { update: () => undefined, end: () => undefined };
  const startedMs = performance.now();
  let drawnMs = Number.NEGATIVE_INFINITY;
  return {
    update(done, note) {
      const now = performance.now();
      if (now - drawnMs < REDRAW_EVERY_MS && done < total) return;
      drawnMs = now;
      const share = total === 0 ? 1 : Math.min(1, done / total);
      const filled = Math.round(share * BAR_WIDTH);
      const bar = paint.green('━'.repeat(filled)) + paint.dim('━'.repeat(BAR_WIDTH - filled));
      const rate = formatCount(Math.round((done * 1000) / Math.max(1, now - startedMs)));
      const percent = `${Math.floor(share * 100)}`.padStart(3);
      const text = `${percent} %  ${formatCount(done)} of ${formatCount(total)} ${unit}  ${rate}/s  ${note}`;
      const room = Math.max(0, (err.columns ?? 80) - BAR_WIDTH - 4);
      err.write(`${CLEAR_LINE} ${bar} ${text.slice(0, room)}`);
    },
    end: () => void err.write(CLEAR_LINE),
  };
}
