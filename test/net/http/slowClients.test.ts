// Who sends slowly is not waited for: the limits of node:http hold for connections of ours, too.
import assert from 'node:assert/strict';
import { createServer, type Server, type ServerOptions } from 'node:http';
import { createSecureServer, createServer as createHttp2Server } from 'node:http2';
import { createServer as createHttpsServer } from 'node:https';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import { testCertificate } from '../../support/testCertificate.ts';
import { type Served, served, trickle, untilClosed } from './served.ts';

const limits: ServerOptions = { headersTimeout: 100, requestTimeout: 200, connectionsCheckingInterval: 10 };

function http1Fallback(): Server {
  const server = createSecureServer({ ...testCertificate, allowHTTP1: true });
  return Object.assign(server as unknown as Server, limits);
}

const servers: readonly { name: string; make(): Server; client(from: Served): Promise<Socket> }[] = [
  { name: 'http', make: () => createServer(limits), client: ({ client }) => client() },
  {
    name: 'https',
    make: () => createHttpsServer({ ...testCertificate, ...limits }),
    client: ({ secureClient }) => secureClient(),
  },
  { name: 'http2 that speaks HTTP/1, too,', make: http1Fallback, client: ({ secureClient }) => secureClient() },
];

for (const { name, make, client } of servers) {
  test(`${name} answers 408 to headers that come slowly, and closes`, async (t) => {
    const socket = await client(served(t, make()));
    socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n');
    trickle(socket, 'X-More: and more\r\n');
    assert.match(await untilClosed(socket), /^HTTP\/1\.1 408 /);
  });

  test(`${name} answers 408 to a client that sends nothing, and closes`, async (t) => {
    const socket = await client(served(t, make()));
    assert.match(await untilClosed(socket), /^HTTP\/1\.1 408 /);
  });

  test(`${name} answers 408 to a body that comes slowly, and closes`, async (t) => {
    const socket = await client(served(t, make()));
    socket.write('POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n');
    trickle(socket, 'x');
    assert.match(await untilClosed(socket), /^HTTP\/1\.1 408 /);
  });
}

// Node's http2 has no limit for headers: the timeout of its sessions is what there is.
const http2Servers = [
  { name: 'http2', make: createHttp2Server, client: ({ client }: Served) => client() },
  {
    name: 'http2 over TLS',
    make: () => createSecureServer(testCertificate),
    client: ({ secureClient }: Served) => secureClient('h2'),
  },
];
const settingsFrame = Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]);
// HEADERS of 16,383 bytes for stream 1.
const headersBegin = Buffer.from([0, 0x3f, 0xff, 1, 4, 0, 0, 0, 1]);

for (const { name, make, client } of http2Servers) {
  test(`${name} closes a session whose headers come slowly, when it has timed out`, async (t) => {
    const server = make();
    server.setTimeout(100);
    const socket = await client(served(t, server));
    socket.write(Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), settingsFrame, headersBegin]));
    trickle(socket, Uint8Array.of(0));
    await untilClosed(socket);
  });
}

test('a TLS handshake that comes slowly is ended', async (t) => {
  const { client } = served(t, createHttpsServer({ ...testCertificate, handshakeTimeout: 100 }));
  const socket = await client();
  // A handshake record of 1024 bytes, of which one comes at a time.
  socket.write(Uint8Array.of(22, 3, 1, 4, 0));
  trickle(socket, Uint8Array.of(1));
  await untilClosed(socket);
});

test('keepAliveTimeout closes a connection that asks nothing more', async (t) => {
  const server = createServer({ keepAliveTimeout: 50 }, (_, response) => response.end('once'));
  const socket = await served(t, server).client();
  socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
  assert.match(await untilClosed(socket), /^HTTP\/1\.1 200 OK[^]*once/);
});
