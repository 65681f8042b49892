import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { test } from 'node:test';
import { EventFd, Reactor } from 'epoll-ts';
import { offAbort, onAbort } from '#epoll/reactor/onAbort.js';
import { expectScript } from '../support/childScript.ts';
import { closing } from '../support/closing.ts';

const listeners = (signal: AbortSignal): number => getEventListeners(signal, 'abort').length;

test('a signal that thousands wait with has one listener, all are told, and then it has none', async (t) => {
  const reactor = closing(t, new Reactor());
  const counter = closing(t, new EventFd());
  const registration = reactor.register(counter, { readable: true });
  const stop = new AbortController();
  const waits = Array.from({ length: 3000 }, () => registration.readable({ signal: stop.signal }));
  assert.equal(listeners(stop.signal), 1);
  stop.abort('over');
  for (const result of await Promise.allSettled(waits)) {
    assert.deepEqual(result, { status: 'rejected', reason: 'over' });
  }
  assert.equal(listeners(stop.signal), 0);
});

test('what has ended is taken back, one by one, and the others are still told', () => {
  const stop = new AbortController();
  const told: string[] = [];
  const [one, other] = [(): void => void told.push('one'), (): void => void told.push('other')];
  onAbort(stop.signal, one);
  onAbort(stop.signal, other);
  offAbort(stop.signal, one);
  assert.equal(listeners(stop.signal), 1);
  stop.abort();
  offAbort(stop.signal, other);
  assert.deepEqual(told, ['other']);

  const { signal } = new AbortController();
  onAbort(signal, one);
  offAbort(signal, one);
  offAbort(signal, one);
  assert.equal(listeners(signal), 0);
});

test('many streams that read with one signal, with and without a timeout: no warning', () => {
  expectScript(
    `import { UnixStream } from 'epoll-ts/net';
     process.on('warning', ({ name }) => console.log(name));
     const stop = new AbortController();
     const pairs = Array.from({ length: 40 }, () => UnixStream.pair());
     const { signal } = stop;
     const reads = pairs.map(([a], index) =>
       a.read(new Uint8Array(8), index % 2 === 0 ? { signal } : { signal, timeoutMs: 60_000 })
         .catch(({ name }) => name));
     await new Promise(setImmediate);
     stop.abort();
     console.log(new Set(await Promise.all(reads)).size);
     for (const stream of pairs.flat()) stream.close();`,
    ['1'],
  );
});
