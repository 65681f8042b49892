import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, get, type IncomingMessage, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, connect, createServer as createNetServer, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { ClosedError } from 'epoll-ts';
import { attachHttp, TcpListener, UnixListener } from 'epoll-ts/net';
import { shutdown, SHUT_RD } from 'epoll-ts/sys';
import { closing, pathIn } from '../../support/closing.ts';
import { runNode } from '../../support/runNode.ts';
import { testCertificate } from '../../support/testCertificate.ts';
import { served, untilClosed } from './served.ts';

const request = 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n';

/** Asks, and waits until the answer has begun. */
async function asked(socket: Socket): Promise<Socket> {
  socket.write(request);
  await once(socket, 'data');
  return socket;
}

/** A server that leaves a request unanswered until it is told. */
function waiting(): { readonly server: Server; readonly arrived: Promise<() => void> } {
  const server = createServer();
  const arrived = once(server, 'request').then(
    ([, response]) =>
      () =>
        void response.end('at last'),
  );
  return { server, arrived };
}

test('the server listens: listening, address(), and the event, in the next tick', async (t) => {
  const server = createServer();
  const { listener } = served(t, server);
  const address: AddressInfo = { ...listener.localAddress };
  await once(server, 'listening');
  assert.equal(server.listening, true);
  assert.deepEqual(server.address(), address);
});

test('a unix listener is the address as its path', async (t) => {
  const path = pathIn(t, 'http.sock');
  const server = createServer((_, response) => response.end('by file'));
  await using _attached = attachHttp(server, new UnixListener({ path }));
  assert.equal(server.address(), path);
  const [response] = (await once(get({ socketPath: path, agent: false }), 'response')) as [IncomingMessage];
  assert.equal(await text(response), 'by file');
});

test('connections that waited in the queue are served', async (t) => {
  const listener = closing(t, new TcpListener({ address: '127.0.0.1' }));
  const socket = connect(listener.localAddress.port, '127.0.0.1').setEncoding('latin1');
  await once(socket, 'connect');
  socket.end(request);
  const server = createServer((_, response) => response.end('here'));
  await using _attached = attachHttp(server, listener);
  assert.match(await untilClosed(socket), /here/);
});

test('close(callback) calls back, without an error, when the request under way is answered', async (t) => {
  const { server, arrived } = waiting();
  const socket = await served(t, server).client();
  const answered = asked(socket);
  const answer = await arrived;
  const order: string[] = [];
  const closed = new Promise<Error | undefined>((resolve) => {
    server.close((error) => {
      order.push('closed');
      resolve(error);
    });
  });
  assert.equal(server.listening, false);
  order.push('answering');
  answer();
  await answered;
  socket.destroy();
  assert.equal(await closed, undefined);
  assert.deepEqual(order, ['answering', 'closed']);
});

test('close() of what attachHttp returned closes server and listener, and idle connections', async (t) => {
  const server = createServer((_, response) => response.end('idle from now on'));
  const { listener, attached, client } = served(t, server);
  const socket = await asked(await client());
  await attached.close();
  assert.ok(listener.closed);
  assert.equal(server.listening, false);
  await untilClosed(socket);
  await attached.close();
});

test('the server closes when its listener is closed', async (t) => {
  const server = createServer();
  const { listener } = served(t, server);
  await once(server, 'listening');
  listener.close();
  await once(server, 'close');
  assert.equal(server.listening, false);
});

test('closeIdleConnections() closes those that are idle, and no other', async (t) => {
  const server = createServer(({ url }, response) => void (url === '/' && response.end('idle from now on')));
  const { client } = served(t, server);
  const [idle, busy] = [await asked(await client()), await client()];
  const arrived = once(server, 'request');
  busy.write('GET /busy HTTP/1.1\r\nHost: localhost\r\n\r\n');
  const [, response] = await arrived;
  server.closeIdleConnections();
  await untilClosed(idle);
  response.end('still here');
  const [chunk] = (await once(busy, 'data')) as [Buffer];
  assert.match(String(chunk), /still here/);
});

test('closeAllConnections() closes every connection', async (t) => {
  const { server, arrived } = waiting();
  const socket = await served(t, server).client();
  socket.write(request);
  await arrived;
  server.closeAllConnections();
  assert.equal(await untilClosed(socket), '');
});

test('getConnections() counts, and maxConnections drops what is more', async (t) => {
  const server = createServer((_, response) => response.end('in'));
  server.maxConnections = 1;
  const { port, client } = served(t, server);
  await asked(await client());
  const dropped = once(server, 'drop');
  const second = await client();
  const [{ localPort, remotePort, remoteAddress }] = await dropped;
  assert.deepEqual(
    { localPort, remotePort, remoteAddress },
    {
      localPort: port,
      remotePort: second.localPort,
      remoteAddress: '127.0.0.1',
    },
  );
  assert.equal(await untilClosed(second), '');
  assert.equal(await promisify(server.getConnections.bind(server))(), 1);
});

test("a failing accept is the server's error, and closes it", async (t) => {
  const server = createServer();
  const { listener, attached } = served(t, server);
  const failed = once(server, 'error');
  assert.equal(shutdown(listener.fd, SHUT_RD), 0);
  const [error] = await failed;
  assert.equal(error.code, 'EINVAL');
  assert.equal(error.syscall, 'accept4');
  await attached.close();
});

test('sockets have what the server was made with: half-open, noDelay, paused', async (t) => {
  for (const allowHalfOpen of [true, false]) {
    const server = createNetServer({ allowHalfOpen, pauseOnConnect: true });
    const made = once(server, 'connection');
    await served(t, server).client();
    const [duplex] = await made;
    assert.equal(duplex.server, server);
    assert.equal(duplex.allowHalfOpen, allowHalfOpen);
    assert.equal(duplex.isPaused(), true);
  }
});

test('a server can be attached again after it was closed', async (t) => {
  const server = createHttpsServer(testCertificate, (_, response) => response.end('again'));
  const listeners = server.listenerCount('secureConnection');
  const { attached } = served(t, server);
  await attached.close();
  assert.equal(server.listenerCount('secureConnection'), listeners);
  const socket = await served(t, server).secureClient();
  await asked(socket);
});

test(
  'the process ends when the server is closed, or is unreferenced; ' +
    'a thrown error of a listener does not end the server',
  () => {
    const program = (body: string): string => `
    import { createServer } from 'node:http';
    import { attachHttp, TcpListener } from 'epoll-ts/net';
    const server = createServer({ keepAliveTimeout: 50 }, (_, response) => response.end('served'));
    const listener = new TcpListener({ address: '127.0.0.1' });
    const url = 'http://127.0.0.1:' + listener.localAddress.port;
    attachHttp(server, listener);
    const ask = async () => console.log(await (await fetch(url)).text());
    ${body}`;
    const printed = (body: string): string => {
      const { status, stdout, stderr } = runNode('--input-type=module', '--eval', program(body));
      assert.equal(status, 0, stderr);
      return stdout;
    };
    assert.equal(printed("await ask(); server.close(() => console.log('closed'))"), 'served\nclosed\n');
    assert.equal(printed('await ask(); server.unref()'), 'served\n');
    assert.equal(
      printed(`
      process.on('uncaughtException', ({ message }) => console.log(message));
      server.prependOnceListener('connection', () => { throw new Error('mine') });
      fetch(url).catch(() => {});
      await new Promise((resolve) => server.prependOnceListener('connection', resolve));
      await ask();
      server.close();
      server.closeAllConnections();
      process.exit();`),
      'mine\nserved\n',
    );
  },
);

test('what is no server, or listens, and what is no listener, or is closed, is refused', async (t) => {
  const listener = closing(t, new TcpListener({ address: '127.0.0.1' }));
  for (const wrong of [undefined, null, {}, listener, () => {}] as Server[]) {
    assert.throws(() => attachHttp(wrong, listener), {
      name: 'TypeError',
      message: /^Cannot attach as 'server' must be a server of node:http/,
    });
  }
  const server = createServer();
  assert.throws(() => attachHttp(server, server as unknown as TcpListener), {
    name: 'TypeError',
    message: "Cannot attach as 'listener' must be a listener: current value is an object",
  });
  const closed = new TcpListener({ address: '127.0.0.1' });
  closed.close();
  assert.throws(() => attachHttp(server, closed), ClosedError);
  assert.throws(() => attachHttp(server, listener, { highWaterMark: 1 } as object), {
    name: 'TypeError',
    message: /^Cannot attach as 'highWaterMark' is unknown/,
  });
  assert.throws(() => attachHttp(server, listener, { readableHighWaterMark: -1 }), {
    name: 'RangeError',
    message: /^Cannot attach as 'readableHighWaterMark' must be an integer from 0/,
  });
  assert.equal(server.listening, false);
  await using _attached = attachHttp(server, listener);
  assert.throws(() => attachHttp(server, listener), {
    name: 'TypeError',
    message: "Cannot attach as 'server' must not listen yet: close() it first",
  });
});
