import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { SubgraphHttp, SubgraphHttpError } from './subgraph-http.js';

let server: Server;
let http: SubgraphHttp;
let answer: (request: IncomingMessage, response: ServerResponse) => void;
const sockets = new Set<Socket>();

beforeEach(async () => {
  server = createServer((request, response) => answer(request, response));
  server.on('connection', (socket) => sockets.add(socket));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  http = new SubgraphHttp({ url: `http://127.0.0.1:${port}/graphql`, timeoutMs: 500 });
});
afterEach(async () => {
  http.close();
  for (const socket of sockets) socket.destroy();
  sockets.clear();
  await new Promise((done) => server.close(done));
});

const failure = async (asked: Promise<unknown>): Promise<SubgraphHttpError> => {
  const error = await asked.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof SubgraphHttpError)) throw new Error('it did not fail');
  return error;
};

describe('A subgraph behind HTTP', () => {
  it('is sent the text and answers with a value, over one connection that is kept', async () => {
    const bodies: string[] = [];
    answer = (request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (chunk) => {
        body += chunk;
      });
      request.on('end', () => {
        bodies.push(`${request.method} ${request.url} ${request.headers['content-type']} ${body}`);
        response.end('{"data":{"é":1}}');
      });
    };
    expect(await http.post('{"query":"{é}"}')).toEqual({ data: { é: 1 } });
    expect(await http.post('2')).toEqual({ data: { é: 1 } });
    expect(bodies).toEqual(['POST /graphql application/json {"query":"{é}"}', 'POST /graphql application/json 2']);
    expect(sockets.size).toBe(1);
  });

  it('that answers a refusal is read as any other: its errors say what it means', async () => {
    answer = (_request, response) => response.writeHead(403).end('{"errors":[{"message":"no"}]}');
    expect(await http.post('')).toEqual({ errors: [{ message: 'no' }] });
  });

  it.each<[string, (response: ServerResponse) => void, RegExp]>([
    ['says nothing in time', () => undefined, /no answer within 500 ms/],
    ['begins and does not end in time', (response) => response.write('{"data"'), /no answer within 500 ms|aborted/],
    ['answers no JSON', (response) => response.writeHead(502).end('<html>'), /no JSON \(status 502\)/],
    ['hangs up', (response) => response.socket?.destroy(), /ECONNRESET/],
  ])('that %s fails, and a query is not sent twice', async (_name, respond, message) => {
    answer = (_request, response) => respond(response);
    const error = await failure(http.post('{}'));
    expect(error.message).toMatch(message);
    expect(error.wasStale).toBe(false);
  });

  it('that closes an idle connection just as a request goes out is told from one that failed over it', async () => {
    answer = (_request, response) => response.end('{"data":null}');
    await http.post('{}');
    answer = (_request, response) => response.socket?.destroy();
    expect(await failure(http.post('{}'))).toMatchObject({ wasStale: true });
  });

  it('that is gone is told by its code', async () => {
    const gone = new SubgraphHttp({ url: 'http://127.0.0.1:1/graphql', timeoutMs: 500 });
    expect((await failure(gone.post('{}'))).message).toMatch(/ECONNREFUSED/);
    gone.close();
  });
});
