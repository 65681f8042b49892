// What EPOLLEXCLUSIVE does for threads: docs/threads.md and docs/pitfalls.md rely on it. That it wakes fewer than all blocked
// threads is counted in test/stress/accept.ts.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { TcpListener, TcpStream } from 'epoll-ts/net';
import { messageOf, startThread } from '../support/threadScript.ts';

test('an exclusive listener wakes each thread whose reactor is in Node’s event loop: a nested instance has no waiter', async (t) => {
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
});
