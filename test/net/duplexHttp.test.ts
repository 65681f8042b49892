import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent, createServer, get, type IncomingMessage, request } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { type AddressInfo, createServer as createNetServer } from 'node:net';
import { buffer, text } from 'node:stream/consumers';
import { connect as connectTls, TLSSocket } from 'node:tls';
import { test } from 'node:test';
import { type SocketDuplex, TcpStream } from 'epoll-ts/net';
import { tcpPair } from '../support/tcpPair.ts';
import { testCertificate } from '../support/testCertificate.ts';
import { served } from './http/served.ts';

async function answerOf(sent: ReturnType<typeof request>): Promise<string> {
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  return text(response);
}

test('node:http serves on our sockets: bodies, keep-alive, pipelines of chunks', async (t) => {
  const connections = new Set<unknown>();
  const server = createServer((message, response) => {
    connections.add(message.socket);
    message.pipe(response);
  });
  const { port } = served(t, server);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  t.after(() => agent.destroy());
  for (const size of [0, 1, 100_000, 3 << 20]) {
    const body = 'b'.repeat(size);
    const sent = request({ port, agent, method: 'POST' });
    sent.end(body);
    assert.equal(await answerOf(sent), body);
  }
  assert.equal(connections.size, 1, 'one connection served them all');
});

test("node:http's own timeout ends a connection of ours that says nothing", async (t) => {
  const server = createServer();
  server.setTimeout(50);
  const { port } = served(t, server);
  const client = await TcpStream.connect({ host: '127.0.0.1', port });
  t.after(() => client.close());
  assert.equal(await client.read(new Uint8Array(8), { timeoutMs: 30_000 }), 0);
});

test('node:http asks on our sockets, and keeps them for the next request', async (t) => {
  const server = createServer((message, response) => response.end(`answer to ${message.url}`)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  let made = 0;
  const connected = async (done: (error: Error | null, stream: SocketDuplex) => void): Promise<void> => {
    const stream = await TcpStream.connect({ host: '127.0.0.1', port });
    done(null, stream.toDuplex());
  };
  class OurAgent extends Agent {
    override createConnection(...[, done]: Parameters<Agent['createConnection']>): undefined {
      made++;
      assert.ok(done !== undefined);
      void connected(done);
    }
  }
  const agent = new OurAgent({ keepAlive: true, timeout: 30_000 });
  t.after(() => {
    agent.destroy();
    server.close();
  });
  assert.equal(await answerOf(get({ agent, path: '/1' })), 'answer to /1');
  assert.equal(await answerOf(get({ agent, path: '/2' })), 'answer to /2');
  assert.equal(made, 1);
});

test('createConnection of one request takes a Duplex', async (t) => {
  const server = createServer((_, response) => response.end('served')).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const stream = await TcpStream.connect({ host: '127.0.0.1', port: (server.address() as AddressInfo).port });
  const duplex = stream.toDuplex();
  assert.equal(await answerOf(get({ createConnection: () => duplex })), 'served');
  duplex.destroy();
});

test('node:tls speaks over our sockets, on both sides', async (t) => {
  const { client, server } = await tcpPair(t);
  const secureServer = new TLSSocket(server.toDuplex(), { isServer: true, ...testCertificate });
  const secureClient = connectTls({
    socket: client.toDuplex(),
    ca: testCertificate.cert,
    servername: 'localhost',
  });
  t.after(() => {
    secureServer.destroy();
    secureClient.destroy();
  });
  await once(secureClient, 'secureConnect');
  assert.ok(secureClient.authorized);
  const secret = Buffer.alloc(4 << 20, 'secret');
  const received = buffer(secureServer);
  secureClient.end(secret);
  assert.ok((await received).equals(secret));
});

test('node:https serves on our sockets', async (t) => {
  const { port } = served(
    t,
    createSecureServer(testCertificate, (_, response) => response.end('in secret')),
  );
  const stream = await TcpStream.connect({ host: '127.0.0.1', port });
  const secure = connectTls({ socket: stream.toDuplex(), ca: testCertificate.cert, servername: 'localhost' });
  t.after(() => secure.destroy());
  secure.write('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
  assert.match(await text(secure), /^HTTP\/1\.1 200 OK\r\n[^]*in secret/);
});

test('a Duplex is piped like a net.Socket', async (t) => {
  const echo = createNetServer((socket) => socket.pipe(socket)).listen(0, '127.0.0.1');
  await once(echo, 'listening');
  t.after(() => echo.close());
  const stream = await TcpStream.connect({ host: '127.0.0.1', port: (echo.address() as AddressInfo).port });
  const duplex = stream.toDuplex();
  const received = buffer(duplex);
  const sent = Buffer.alloc(8 << 20, 'there and back');
  duplex.end(sent);
  assert.ok((await received).equals(sent));
});
