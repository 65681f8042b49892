import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { connect } from 'node:net';
import { test } from 'node:test';
import { httpHandler, serve, TcpListener } from 'epoll-ts/net';
import { trickle, untilClosed } from './served.ts';

test('serve hands connections to node:http; its stop lets a request be answered, and ends idle connections', async () => {
  const server = createServer();
  const listener = new TcpListener({ address: '127.0.0.1' });
  const { port } = listener.localAddress;
  const stop = new AbortController();
  const result = serve({ listener, signal: stop.signal, onConnection: httpHandler(server) }).finished;
  assert.equal(server.listening, true);
  const [idle, busy] = [connect(port, '127.0.0.1'), connect(port, '127.0.0.1')];
  for (const socket of [idle, busy]) {
    const arrived = once(server, 'request');
    socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
    const [, response] = await arrived;
    if (socket === busy) {
      stop.abort();
      await untilClosed(idle);
      response.setHeader('connection', 'close');
    }
    response.end('served');
    if (socket === idle) await once(idle, 'data');
  }
  assert.match(await untilClosed(busy), /served/);
  const { accepted, finished } = await result;
  assert.deepEqual({ accepted, finished }, { accepted: 2, finished: 2 });
  assert.equal(server.listening, false);
});

test('headers that come slowly are answered 408', async (t) => {
  const server = createServer({ headersTimeout: 100, requestTimeout: 200, connectionsCheckingInterval: 10 });
  const listener = new TcpListener({ address: '127.0.0.1' });
  const stop = new AbortController();
  const result = serve({ listener, signal: stop.signal, onConnection: httpHandler(server) }).finished;
  t.after(async () => {
    stop.abort();
    await result;
  });
  const socket = connect(listener.localAddress.port, '127.0.0.1');
  socket.write('GET / HTTP/1.1\r\n');
  trickle(socket, 'X-More: and more\r\n');
  assert.match(await untilClosed(socket), /^HTTP\/1\.1 408 /);
});

test('what is no server is refused', () => {
  assert.throws(() => httpHandler(undefined as unknown as Server), {
    name: 'TypeError',
    message: /^Cannot attach as 'server' must be a server of node:http/,
  });
});
