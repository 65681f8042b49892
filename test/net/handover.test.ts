// Descriptors that go from thread to thread: connections, and listeners that several threads accept at.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import type { Worker } from 'node:worker_threads';
import { TcpListener, TcpStream } from 'epoll-ts/net';
import { openDescriptors } from '../support/openDescriptors.ts';
import { messageOf, startThread } from '../support/threadScript.ts';

test('a stream goes from worker to worker in the middle of its traffic, and loses no byte', async (t) => {
  const holder = `
    const { TcpStream } = await import('epoll-ts/net');
    const into = new Uint8Array(5000);
    parentPort.postMessage('ready');
    parentPort.on('message', async ({ fd, reads }) => {
      const stream = TcpStream.attach(fd);
      for (let count = 1; reads > 0 && count > 0; reads--) {
        count = await stream.read(into);
        await stream.write(into.subarray(0, count));
        if (count === 0) { await stream.end(); stream.close(); return parentPort.postMessage({ ended: true }); }
      }
      parentPort.postMessage({ fd: stream.detach() });
    });`;
  const workers = [startThread(holder), startThread(holder), startThread(holder)];
  t.after(() => Promise.all(workers.map((worker) => worker.terminate())));
  await Promise.all(workers.map(messageOf));
  const listener = new TcpListener({ address: '127.0.0.1' });
  t.after(() => listener.close());
  const sent = randomBytes(2 << 20);
  const client = connect(listener.localAddress.port, '127.0.0.1');
  client.end(sent);
  const back = createHash('sha256');
  let received = 0;
  client.on('data', (chunk: Buffer) => {
    back.update(chunk);
    received += chunk.byteLength;
  });
  const closed = once(client, 'close');
  let fd = (await listener.accept()).detach();
  let handovers = 0;
  for (;;) {
    const worker = workers[handovers % workers.length] as Worker;
    const answer = once(worker, 'message');
    worker.postMessage({ fd, reads: 1 + (handovers % 3) });
    const [{ fd: next }] = (await answer) as [{ fd?: number }];
    if (next === undefined) break;
    fd = next;
    handovers++;
  }
  await closed;
  assert.equal(received, sent.byteLength);
  assert.equal(back.digest('hex'), createHash('sha256').update(sent).digest('hex'));
  assert.ok(handovers > 50, `${handovers} handovers`);
});

test(
  'a worker that borrows a listener and is terminated leaves the listener to its owner, ' + 'with what is in the queue',
  async (t) => {
    const owner = new TcpListener({ address: '127.0.0.1' });
    t.after(() => owner.close());
    const worker = startThread(
      `const { TcpListener } = await import('epoll-ts/net');
     const reactor = globalThis.kept = new epoll.Reactor();
     TcpListener.from(workerData, { exclusive: true, reactor }).onReadiness = () => {};
     const { descriptorsOf } = await import('#epoll/reactor/reactor.js');
     parentPort.postMessage(descriptorsOf(reactor));
     reactor.run();`,
      owner.fd,
    );
    const reactor = (await messageOf(worker)) as number[];
    const client = await TcpStream.connect({ host: '127.0.0.1', port: owner.localAddress.port });
    await worker.terminate();
    const served = await owner.accept();
    assert.deepEqual(served.remoteAddress, client.localAddress);
    for (const each of [client, served]) each.close();
    // What it made itself stays open: that is what docs/threads.md says.
    const open = openDescriptors().map((line) => Number(line.split(' ')[0]));
    assert.ok(reactor.every((fd) => open.includes(fd)));
  },
);

test('reusePort listeners, one for each worker: each connect is served, and by more than one worker', async (t) => {
  const first = new TcpListener({ address: '127.0.0.1', reusePort: true });
  const { port } = first.localAddress;
  const rest = [1, 2].map(() => new TcpListener({ address: '127.0.0.1', port, reusePort: true }));
  const listeners = [first, ...rest];
  t.after(() => listeners.forEach((listener) => listener.close()));
  const workers = listeners.map((listener) =>
    startThread(
      `const { TcpListener } = await import('epoll-ts/net');
       parentPort.once('message', () => process.exit());
       parentPort.postMessage('ready');
       for await (const stream of TcpListener.from(workerData)) {
         await stream.write(new Uint8Array([threadId]));
         stream.close();
       }`.replace('threadId', String(listener.fd)),
      listener.fd,
    ),
  );
  await Promise.all(workers.map(messageOf));
  const served = new Set<number>();
  const into = new Uint8Array(1);
  for (let count = 0; count < 60; count++) {
    const client = await TcpStream.connect({ host: '127.0.0.1', port });
    assert.equal(await client.read(into), 1);
    served.add(into[0] ?? 0);
    client.close();
  }
  assert.ok(served.size > 1, `served by ${[...served].join()}`);
  for (const worker of workers) worker.postMessage('end');
  await Promise.all(workers.map((worker) => once(worker, 'exit')));
});

test(
  'a reusePort listener that the owner keeps outlives its worker: ' +
    'its queue goes to whoever takes the worker’s place',
  async (t) => {
    const listener = new TcpListener({ address: '127.0.0.1', reusePort: true });
    t.after(() => listener.close());
    const worker = startThread("parentPort.postMessage('ready'); for (;;);");
    await messageOf(worker);
    const client = await TcpStream.connect({ host: '127.0.0.1', port: listener.localAddress.port });
    await worker.terminate();
    const substitute = TcpListener.from(listener.fd);
    const stream = await substitute.accept();
    substitute.close();
    assert.ok(!listener.closed);
    for (const each of [client, stream]) each.close();
  },
);

test('TcpListener.from() borrows: close() leaves the socket open, and anything but a listener is refused', (t) => {
  const owner = new TcpListener({ address: '127.0.0.1' });
  t.after(() => owner.close());
  const borrowed = TcpListener.from(owner);
  assert.deepEqual(borrowed.localAddress, owner.localAddress);
  borrowed.close();
  assert.equal(owner.tryAccept(), null);
  assert.throws(() => TcpListener.from(0), TypeError);
  assert.throws(() => TcpListener.from(1_000_000), { code: 'EBADF' });
});
