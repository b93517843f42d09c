/** Pages of docs/ that are made of the lists that the code holds to, so that they cannot say something else. */
import { ERROR_CATALOGUE, type ErrorTerms } from '../graphql/error-catalogue.js';
import {
  DEVELOPMENT_RATES,
  limitVariable,
  PRODUCTION_RATES,
  RATE_CLASSES,
  type RateClass,
  ROUTER_LIMITS,
  type RouterLimitName,
  rateVariable,
} from '../ports/router-limits.js';

const EMITTED = '<!-- Emitted by `npm run schema` from the code; a change here is overwritten. -->';

export function errorsPage(): string {
  const sections = Object.entries<ErrorTerms>(ERROR_CATALOGUE).map(([code, terms]) =>
    [
      `## ${code}`,
      '',
      terms.meaning,
      '',
      `- What to do: ${terms.remedy}`,
      `- The same again: ${RETRY[terms.retry]}`,
      `- HTTP status: ${terms.status}`,
      ...(terms.details === undefined ? [] : [`- Also in \`extensions\`: ${terms.details}`]),
    ].join('\n'),
  );
  return `${ERRORS_HEAD}\n\n${sections.join('\n\n')}\n`;
}

const RETRY: Readonly<Record<ErrorTerms['retry'], string>> = {
  no: 'is refused again',
  later: 'may be sent later, nothing was changed',
  'after asking': 'only after asking what became of a mutation; a query may be sent again',
};

const ERRORS_HEAD = `${EMITTED}

# Errors

What a caller may do about business (a price off the tick, too little money) is never an error but a typed value in \`data\`: \`OrderRejection\` and
its like, with \`ordRejReason\`. An error is a wrong request or a fault, and its \`extensions.code\` is one of those below: stable, none other is
sent. The message is for people and may change; it names the field, the limit and what to do, and never holds a stack, a statement or
the name of a host.

Errors of an execution stand beside the \`data\` that could be had. Over WebSocket an operation that was not executed is answered by an \`error\`
message under its id, and close codes are listed in [limits.md](limits.md) and [security.md](security.md). Each answer over HTTP carries \`x-request-id\`: the one
that the client sent (1 to 128 of \`A-Z a-z 0-9 _ . : -\`) or one made here; logs know the request by it.`;

export function limitsPage(): string {
  const limits = (Object.keys(ROUTER_LIMITS) as RouterLimitName[]).map((name) => {
    const { default: fallback, min, max, what, answer } = ROUTER_LIMITS[name];
    return row([
      `\`${name}\``,
      what,
      figure(fallback),
      `${figure(min)} – ${figure(max)}`,
      answer,
      `\`${limitVariable(name)}\``,
    ]);
  });
  const rates = (Object.keys(RATE_CLASSES) as RateClass[]).map((name) =>
    row([
      `\`${name}\``,
      RATE_CLASSES[name],
      figure(PRODUCTION_RATES[name]),
      figure(DEVELOPMENT_RATES[name]),
      `\`${rateVariable(name)}\``,
    ]),
  );
  return [
    LIMITS_HEAD,
    row(['limit', 'what is bounded', 'default', 'range', 'what passing it gets', 'variable']),
    row(Array<string>(6).fill('---')),
    ...limits,
    '',
    RATES_HEAD,
    row(['class', 'what counts', 'in production', 'in development', 'variable']),
    row(Array<string>(5).fill('---')),
    ...rates,
    '',
    RATES_FOOT,
    '',
  ].join('\n');
}

const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
const figure = (value: number) => value.toLocaleString('en-US');

const LIMITS_HEAD = `${EMITTED}

# Limits

Every bound of the router, each an environment variable. An error names the bound (\`extensions.limit\`) and its value (\`extensions.max\`); the codes are
explained in [errors.md](errors.md). Batches of operations in one HTTP request are not accepted at all: a batch of orders is one operation
(\`placeOrders\`). Lists in answers hold at most 500 items a page; a larger \`first\` or \`limit\` is \`LIMIT_EXCEEDED\` by the field that refuses it.
The static cost of an operation is declared on the schema by \`@cost\` and \`@listSize\` and told with every answer as \`extensions.cost\`.
`;

const RATES_HEAD = `## Rates

Operations that a caller (a user; without a token an IP address) may send in one window, by class. What is left is told with every answer:
\`extensions.rateLimit\`, and over HTTP the headers \`ratelimit-limit\`, \`ratelimit-remaining\`, \`ratelimit-reset\` and \`ratelimit-policy\`; a refusal is \`RATE_LIMITED\`, over
HTTP 429 with \`retry-after\`. A batch counts as many as it has items and is taken whole or not at all.
`;

const RATES_FOOT = `A caller takes its quota in leases of a twentieth, so that most operations cost one look into memory; quotas up to 39 are exact, of a larger one at most one
lease more may pass within a window. With \`TRADSYS_RATE_STORE=postgres\` the leases of all routers on one database are counted together: each
router may then pass one lease more where several ask at the same moment. While the database cannot be reached each router counts for
itself.`;
