// What EPOLLEXCLUSIVE does for threads: docs/threads.md and docs/pitfalls.md rely on it. That it wakes fewer than all
// blocked threads is counted in test/stress/accept.ts.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import type { Worker } from 'node:worker_threads';
import { EventFd } from 'epoll-ts';
import { TcpListener, TcpStream } from 'epoll-ts/net';
import { inTime } from '../support/loopTurns.ts';
import { messageOf, startThread } from '../support/threadScript.ts';

test(
  'an exclusive listener wakes each thread whose reactor is in Node’s event loop: ' + 'a nested instance has no waiter',
  async (t) => {
    const listener = new TcpListener({ address: '127.0.0.1' });
    t.after(() => listener.close());
    const workers = [1, 2, 3].map(() =>
      startThread(
        `const { TcpListener } = await import('epoll-ts/net');
       const listener = TcpListener.from(workerData, { exclusive: true });
       listener.onReadiness = () => parentPort.postMessage('woken');
       parentPort.once('message', () => process.exit());
       parentPort.postMessage('ready');`,
        listener.fd,
      ),
    );
    await Promise.all(workers.map(messageOf));
    const woken = workers.map((worker) => once(worker, 'message'));
    const client = await TcpStream.connect({ host: '127.0.0.1', port: listener.localAddress.port });
    assert.deepEqual(await Promise.all(woken), [['woken'], ['woken'], ['woken']]);
    client.close();
    for (const worker of workers) worker.postMessage('end');
    await Promise.all(workers.map((worker) => once(worker, 'exit')));
  },
);

test('an exclusive listener that nobody waits for takes no wakeup from a thread that does', async (t) => {
  const listener = new TcpListener({ address: '127.0.0.1' });
  t.after(() => listener.close());
  const to = { host: '127.0.0.1', port: listener.localAddress.port };
  // Each accepts one connection, blocking in a reactor of its own, and then blocks for a descriptor of its own.
  const stop = new EventFd();
  t.after(() => stop.close());
  const thread = (): Worker =>
    startThread(
      `const { TcpListener } = await import('epoll-ts/net');
       const { EventFd, Reactor } = epoll;
       const reactor = new Reactor();
       const listener = TcpListener.from(workerData.listener, { reactor, exclusive: true });
       const connection = listener.accept();
       let accepted = false;
       connection.then(() => (accepted = true));
       await null;
       parentPort.postMessage('waits');
       while (!accepted) {
         reactor.turn();
         await new Promise(setImmediate);
       }
       (await connection).close();
       parentPort.postMessage('accepted');
       let stopped = false;
       reactor.register(workerData.stop, { readable: true, trigger: 'oneshot' }, () => (stopped = true));
       while (!stopped) reactor.turn();
       process.exit();`,
      { listener: listener.fd, stop: stop.fd },
    );
  const accepts = async (worker: Worker): Promise<void> => {
    const accepted = messageOf(worker);
    const client = await TcpStream.connect(to);
    t.after(() => client.close());
    assert.equal(await inTime('the accept', accepted), 'accepted');
  };
  const first = thread();
  assert.equal(await messageOf(first), 'waits');
  await accepts(first);
  const second = thread();
  assert.equal(await messageOf(second), 'waits');
  await accepts(second);
  const ends = [first, second].map((worker) => once(worker, 'exit'));
  stop.write(1n);
  await Promise.all(ends);
});
