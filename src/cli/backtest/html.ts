/** The report of a backtest as one HTML page without scripts or anything from outside. */
import type { BacktestReport } from '../../core/strategy/backtest/report.js';
import { equityOf, escapeText, svgChart } from './chart.js';

const STYLE = `body{font:15px/1.5 system-ui,sans-serif;max-width:940px;margin:32px auto;padding:0 16px;color:#1b1f24;background:#fff}
table{border-collapse:collapse;margin:12px 0}td,th{padding:4px 14px 4px 0;text-align:left;border-bottom:1px solid #e3e6ea}td.n{text-align:right;font-variant-numeric:tabular-nums}
svg{width:100%;height:auto;font-size:11px}.grid{stroke:#e3e6ea}.title{font-size:14px;font-weight:600}pre{background:#f6f8fa;padding:12px;overflow:auto}
@media (prefers-color-scheme:dark){body{color:#e6e8eb;background:#14171a}td,th{border-color:#2b3036}.grid{stroke:#2b3036}pre{background:#1d2126}svg text{fill:#e6e8eb}}`;

export interface HtmlReport {
  readonly title: string;
  readonly figures: readonly (readonly [name: string, value: string])[];
  readonly report: BacktestReport;
  readonly quoteScale: number;
  /** The file as it was run. */
  readonly source: string;
}

export function htmlReport({ title, figures, report, quoteScale, source }: HtmlReport): string {
  const rows = figures.map(
    ([name, value]) => `<tr><th>${escapeText(name)}</th><td class="n">${escapeText(value)}</td></tr>`,
  );
  const equity = svgChart({
    title: 'Equity',
    points: equityOf(report.equityCurve, quoteScale),
    color: '#1f77b4',
    format: (value) => value.toFixed(2),
  });
  const fall = svgChart({
    title: 'Drawdown',
    points: report.equityCurve.map(({ timeUs, drawdown }) => ({ timeUs, value: -drawdown * 100 })),
    color: '#d62728',
    format: (value) => `${value.toFixed(1)} %`,
  });
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escapeText(title)}</title><style>${STYLE}</style></head><body><h1>${escapeText(title)}</h1><table>${rows.join('')}</table>${equity}${fall}<h2>As it was run</h2><pre>${escapeText(source)}</pre></body></html>\n`;
}
