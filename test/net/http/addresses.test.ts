// What a server makes of our Duplex knows whose connection it is, also where node:tls or node:http2 wrap it.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { connect, createSecureServer, createServer as createHttp2Server } from 'node:http2';
import { createServer as createHttpsServer } from 'node:https';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import type { TLSSocket } from 'node:tls';
import { testCertificate } from '../../support/testCertificate.ts';
import { type Served, served } from './served.ts';

interface Ends {
  readonly remoteAddress: unknown;
  readonly remoteFamily: unknown;
  readonly remotePort: unknown;
  readonly localAddress: unknown;
  readonly localPort: unknown;
}

function endsOf({ remoteAddress, remoteFamily, remotePort, localAddress, localPort }: Socket | TLSSocket): Ends {
  return { remoteAddress, remoteFamily, remotePort, localAddress, localPort };
}

function expected(client: Socket, { port }: Served): Ends {
  return {
    remoteAddress: '127.0.0.1',
    remoteFamily: 'IPv4',
    remotePort: client.localPort,
    localAddress: '127.0.0.1',
    localPort: port,
  };
}

for (const [name, make] of [
  ['http', () => createServer()],
  ['https', () => createHttpsServer(testCertificate)],
  ['http2 that speaks HTTP/1, too,', () => createSecureServer({ ...testCertificate, allowHTTP1: true })],
] as const) {
  test(`${name} tells in request.socket whose connection it is`, async (t) => {
    const server = make() as Server;
    const rig = served(t, server);
    const client = await (name === 'http' ? rig.client() : rig.secureClient());
    const arrived = once(server, 'request');
    client.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
    const [{ socket }] = await arrived;
    assert.deepEqual(endsOf(socket), expected(client, rig));
    assert.deepEqual(socket.address(), { address: '127.0.0.1', family: 'IPv4', port: rig.port });
    // These reach the connection: they would throw, or warn, if they were not understood.
    socket.setNoDelay(false).setKeepAlive(true, 5000).unref().ref();
  });
}

for (const [name, make] of [
  ['http2', () => createHttp2Server()],
  ['http2 over TLS', () => createSecureServer(testCertificate)],
] as const) {
  test(`${name} tells in session.socket and request.socket whose connection it is`, async (t) => {
    const server = make();
    const rig = served(t, server);
    const client = await (name === 'http2' ? rig.client() : rig.secureClient('h2'));
    const session = connect('http://localhost', { createConnection: () => client });
    t.after(() => session.destroy());
    const arrived = once(server, 'request');
    session.request({ ':path': '/' });
    const [request] = await arrived;
    assert.deepEqual(endsOf(request.socket), expected(client, rig));
    assert.deepEqual(endsOf(request.stream.session.socket), expected(client, rig));
  });
}

test('a handshake that failed tells whose it was', async (t) => {
  const server = createHttpsServer(testCertificate);
  const rig = served(t, server);
  const told = new Promise<Ends>((resolve) => {
    // While the socket is there: afterwards it knows no more than one of Node's own.
    server.once('tlsClientError', (_, socket) => resolve(endsOf(socket)));
  });
  const client = await rig.client();
  const ends = expected(client, rig);
  client.write('GET / HTTP/1.1\r\n\r\n');
  assert.deepEqual(await told, ends);
});
