import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UnixStream } from 'epoll-ts/net';
import { closing } from '../support/closing.ts';
import { endOf, messageOf, startThread } from '../support/threadScript.ts';

test('a worker has unix sockets, descriptors and datagrams of its own, and leaves nothing open', async (t) => {
  const [a, b] = UnixStream.pair();
  closing(t, a);
  const worker = startThread(
    `const { readdirSync } = await import('node:fs');
     const { TcpListener, UdpSocket, UnixListener, UnixStream } = await import('epoll-ts/net');
     const got = [];
     const text = async (stream) => { const into = Buffer.alloc(64); return into.toString('utf8', 0, await stream.read(into)); };

     const path = '\\0worker ' + process.pid + process.hrtime.bigint();
     const listener = new UnixListener({ path, type: 'seqpacket' });
     const client = await UnixStream.connect({ path, type: 'seqpacket' });
     const server = await listener.accept();
     await client.sendFds(Buffer.from('with'), [client]);
     const { fds } = await server.receiveFds(new Uint8Array(64));
     got.push(fds.length);
     const dup = UnixStream.attach(fds[0]);
     await dup.write(Buffer.from('a second number'));
     got.push(await text(server));

     const [one, two] = [0, 1].map(() => new UdpSocket({ address: '127.0.0.1' }));
     await one.send(Buffer.from('datagram'), two.localAddress);
     got.push((await two.receive(new Uint8Array(64))).bytes);

     const given = UnixStream.attach(workerData);
     got.push(await text(given));
     await given.write(Buffer.from('from the worker'));
     for (const one_ of [listener, client, server, dup, one, two, given]) one_.close();
     parentPort.postMessage(got);`,
    b.detach(),
  );
  await a.write(Buffer.from('to the worker'));
  assert.deepEqual(await messageOf(worker), [1, 'a second number', 8, 'to the worker']);
  const into = Buffer.alloc(64);
  assert.equal(into.toString('utf8', 0, await a.read(into)), 'from the worker');
  assert.equal(await endOf(worker), 0);
  assert.equal(await a.read(into), 0, 'closed by the worker');
});
