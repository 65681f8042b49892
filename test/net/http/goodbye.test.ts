// When the client is gone, what node:tls and node:http2 have made of the connection says goodbye, and closes: neither
// an error of a write after the end, nor a connection that stays.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect, createSecureServer, createServer as createHttp2Server } from 'node:http2';
import { createServer as createHttpsServer } from 'node:https';
import type { Server, Socket } from 'node:net';
import { test } from 'node:test';
import type { SocketDuplex } from 'epoll-ts/net';
import { testCertificate } from '../../support/testCertificate.ts';
import { closed, type Served, served } from './served.ts';

async function overHttp2(socket: Socket): Promise<void> {
  const session = connect('http://localhost', { createConnection: () => socket });
  const stream = session.request({ ':path': '/' }).resume();
  await once(stream, 'close');
  // As curl does: it is gone without a word.
  session.destroy();
  socket.destroy();
  await closed(socket);
}

async function overHttp1(socket: Socket): Promise<void> {
  socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await once(socket, 'data');
  socket.destroy();
  await closed(socket);
}

const servers: readonly { name: string; make(): Server; ask(from: Served): Promise<void> }[] = [
  { name: 'http', make: () => createServer(), ask: async ({ client }) => overHttp1(await client()) },
  {
    name: 'https',
    make: () => createHttpsServer(testCertificate),
    ask: async ({ secureClient }) => overHttp1(await secureClient()),
  },
  { name: 'http2', make: () => createHttp2Server(), ask: async ({ client }) => overHttp2(await client()) },
  {
    name: 'http2 over TLS',
    make: () => createSecureServer(testCertificate),
    ask: async ({ secureClient }) => overHttp2(await secureClient('h2')),
  },
];

for (const { name, make, ask } of servers) {
  test(`${name} closes a connection whose client is gone, without a write after the end`, async (t) => {
    const server = make();
    server.on('request', (_, response) => response.end('answer'));
    // Not what the kernel says of a peer that has gone: Node's own mistakes.
    const errors: Error[] = [];
    const note = (error: NodeJS.ErrnoException): void => void (error.code?.startsWith('ERR_') && errors.push(error));
    for (const event of ['sessionError', 'clientError', 'tlsClientError']) server.on(event, note);
    const rig = served(t, server);
    const ended = new Promise<void>((resolve) => {
      server.once('connection', (duplex: SocketDuplex) => {
        duplex.on('error', note);
        duplex.once('close', resolve);
      });
    });
    await ask(rig);
    await ended;
    assert.deepEqual(errors, []);
  });
}
