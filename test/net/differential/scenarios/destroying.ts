import { addAbortSignal } from 'node:stream';
import { happens, settled, uncaught } from '../meeting.ts';
import type { Scenario } from '../scenario.ts';
import { outcome } from './writing.ts';

const large = 24 << 20;
const mine = (): Error => Object.assign(new Error('mine'), { code: 'MINE' });

/** destroy() at each moment. */
export const destroying: readonly Scenario[] = [
  {
    name: 'destroy() is told behind ticks and promises',
    async run({ socket, log }) {
      socket.destroy();
      log([socket.destroyed, socket.closed]);
      process.nextTick(() => log('tick'));
      queueMicrotask(() => log('promise'));
      await happens(socket, 'close');
      log(socket.closed);
    },
  },
  {
    name: "'close' can be awaited after a promise",
    async run({ socket, log }) {
      socket.destroy();
      await Promise.resolve();
      await new Promise<void>((resolve) => {
        process.nextTick(resolve);
      });
      await happens(socket, 'close');
      log('in time');
    },
  },
  {
    name: 'destroy() with a reason',
    async run({ socket, log }) {
      socket.destroy(mine());
      log([socket.destroyed, (socket.errored as { code?: string } | null)?.code]);
      process.nextTick(() => log('tick'));
      await happens(socket, 'close');
    },
  },
  {
    name: 'a reason that nobody listens for is uncaught',
    async run({ socket, log }) {
      socket.removeAllListeners('error');
      const caught = uncaught();
      socket.destroy(mine());
      log((await caught).message);
      await happens(socket, 'close');
    },
  },
  {
    name: 'destroy() twice, the second time with a reason',
    async run({ socket, log }) {
      log(socket.destroy() === socket);
      socket.destroy(mine());
      await happens(socket, 'close');
    },
  },
  {
    name: "destroy() in 'data'",
    async run({ socket, peer, log }) {
      socket.on('data', () => {
        log('data');
        socket.destroy();
      });
      peer.write(Buffer.alloc(300_000));
      await happens(socket, 'close');
    },
  },
  {
    name: "destroy() with a reason in 'data'",
    async run({ socket, peer, log }) {
      socket.on('data', () => {
        log('data');
        socket.destroy(mine());
      });
      peer.write(Buffer.alloc(300_000));
      await happens(socket, 'close');
    },
  },
  {
    name: "destroy() in 'end'",
    async run({ socket, peer }) {
      socket.resume().on('end', () => socket.destroy());
      peer.end();
      await happens(socket, 'close');
    },
  },
  {
    name: "destroy() in 'finish'",
    async run({ socket, log }) {
      socket.on('finish', () => socket.destroy());
      socket.end(() => log('ended'));
      await happens(socket, 'close');
    },
  },
  {
    name: "destroy() in 'error'",
    async run({ socket }) {
      socket.on('error', () => socket.destroy());
      socket.destroy(mine());
      await happens(socket, 'close');
    },
  },
  {
    name: "destroy() in 'close'",
    async run({ socket }) {
      socket.on('close', () => socket.destroy(mine()));
      socket.destroy();
      await happens(socket, 'close');
    },
  },
  {
    name: 'destroy() in the callback of a write',
    async run({ socket, log }) {
      socket.write('a', (error) => {
        log(`a ${outcome(error)}`);
        socket.destroy();
      });
      socket.write('b', (error) => log(`b ${outcome(error)}`));
      await happens(socket, 'close');
    },
  },
  {
    name: "destroy() with a reason in 'drain'",
    async run({ socket, peer, log }) {
      socket.on('drain', () => {
        log('drain');
        socket.destroy(mine());
      });
      socket.write(Buffer.alloc(large));
      peer.resume();
      await happens(socket, 'close');
    },
  },
  {
    name: 'destroy() before bytes are read',
    async run({ socket, peer, log }) {
      peer.write('unread');
      await settled();
      socket.destroy();
      log(socket.read());
      socket.on('data', () => log('data'));
      await happens(socket, 'close');
    },
  },
  {
    name: 'destroy() after end(), before it is finished',
    async run({ socket, log }) {
      socket.end('x', (error?: Error) => log(`end ${outcome(error)}`));
      socket.destroy();
      await happens(socket, 'close');
    },
  },
  {
    name: 'destroy() after it was finished',
    async run({ socket, log }) {
      socket.end(() => log('ended'));
      await happens(socket, 'finish');
      socket.destroy();
      await happens(socket, 'close');
    },
  },
  {
    name: 'destroy() with a write under way',
    async run({ socket, log }) {
      socket.write(Buffer.alloc(large), (error) => log(`under way ${outcome(error)}`));
      await settled();
      socket.destroy();
      await happens(socket, 'close');
      await settled();
    },
  },
  {
    name: 'destroy() with a write under way and others behind it',
    async run({ socket, log }) {
      socket.write(Buffer.alloc(large), (error) => log(`under way ${outcome(error)}`));
      socket.write('a', (error) => log(`a ${outcome(error)}`));
      socket.write('b', (error) => log(`b ${outcome(error)}`));
      await settled();
      socket.destroy();
      await happens(socket, 'close');
      await settled();
    },
  },
  {
    name: 'destroy() with a reason, a write under way and others behind it',
    async run({ socket, log }) {
      socket.write(Buffer.alloc(large), (error) => log(`under way ${outcome(error)}`));
      socket.write('a', (error) => log(`a ${outcome(error)}`));
      await settled();
      socket.destroy(mine());
      await happens(socket, 'close');
      await settled();
    },
  },
  {
    name: 'destroy() with a large end under way',
    async run({ socket, log }) {
      // Node 26 tells of the write that was cancelled, the lines before of the stream that was destroyed.
      const told = (error?: Error): string => outcome(error).replace('ECANCELED', 'ERR_STREAM_DESTROYED');
      socket.end(Buffer.alloc(large), (error?: Error) => log(`end ${told(error)}`));
      await settled();
      socket.destroy();
      await happens(socket, 'close');
      await settled();
    },
  },
  {
    name: 'destroy() with corked writes',
    async run({ socket, log }) {
      socket.cork();
      socket.write('a', (error) => log(`a ${outcome(error)}`));
      socket.write('b', (error) => log(`b ${outcome(error)}`));
      socket.destroy();
      await happens(socket, 'close');
    },
  },
  {
    name: 'the peer resets while a write is under way',
    only: 'tcp',
    async run({ socket, peer, log }) {
      socket.write(Buffer.alloc(large), (error) => log(`under way ${outcome(error)}`));
      socket.write('a', (error) => log(`a ${outcome(error)}`));
      await settled();
      peer.resetAndDestroy();
      await happens(socket, 'close');
      await settled();
    },
  },
  {
    name: 'resetAndDestroy()',
    only: 'tcp',
    async run({ socket, peer, log }) {
      const seen = happens(peer.resume(), 'error') as Promise<{ code: string }>;
      log(socket.resetAndDestroy() === socket);
      await happens(socket, 'close');
      log((await seen).code);
    },
  },
  {
    name: 'resetAndDestroy() with a write under way',
    only: 'tcp',
    async run({ socket }) {
      socket.write(Buffer.alloc(large));
      await settled();
      socket.resetAndDestroy();
      await happens(socket, 'close');
    },
  },
  {
    name: 'resetAndDestroy() after destroy()',
    only: 'tcp',
    async run({ socket, log }) {
      socket.destroy();
      log(socket.resetAndDestroy() === socket);
      await happens(socket, 'close');
    },
  },
  {
    name: 'an aborted signal',
    async run({ socket, log }) {
      const stop = new AbortController();
      addAbortSignal(stop.signal, socket);
      stop.abort();
      log(socket.destroyed);
      await happens(socket, 'close');
    },
  },
  {
    name: 'await using',
    async run({ socket, log }) {
      await socket[Symbol.asyncDispose]().catch((error: { code?: string; name: string }) => log(error.code));
      log(socket.destroyed);
      await settled();
    },
  },
  {
    name: 'its methods after destroy() do nothing, and answer as ever',
    async run({ socket, log }) {
      socket.destroy();
      await happens(socket, 'close');
      log([
        socket.setNoDelay() === socket,
        socket.setKeepAlive(true) === socket,
        socket.ref() === socket,
        socket.unref() === socket,
        socket.setTimeout(5, () => log('never')) === socket,
        socket.pause() === socket,
        socket.resume() === socket,
        socket.timeout,
      ]);
      await settled();
    },
  },
];
