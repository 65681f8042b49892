import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { happens, settled } from '../meeting.ts';
import type { Scenario } from '../scenario.ts';

const large = 24 << 20;

/**
 * setTimeout(): only that it comes, and that it does not come much too early, is certain: timers count from the last
 * poll.
 */
export const timing: readonly Scenario[] = [
  {
    name: 'setTimeout() tells once that nothing has happened, and closes nothing',
    async run({ socket, log }) {
      socket.on('timeout', () => log('timeout'));
      log(socket.setTimeout(20, () => log('callback')) === socket);
      log(socket.timeout);
      await happens(socket, 'timeout');
      await delay(60);
      log(socket.destroyed);
    },
  },
  {
    name: 'what is read is activity',
    async run({ socket, peer, log }) {
      socket.resume().setTimeout(600);
      await delay(200);
      const begun = performance.now();
      peer.write('x');
      await happens(socket, 'timeout');
      log(performance.now() - begun > 500);
    },
  },
  {
    name: 'what is written is activity',
    async run({ socket, peer, log }) {
      peer.resume();
      socket.setTimeout(600);
      await delay(200);
      const begun = performance.now();
      socket.write('x');
      await happens(socket, 'timeout');
      log(performance.now() - begun > 500);
    },
  },
  {
    name: 'progress of a write is activity',
    async run({ socket, peer, log }) {
      socket.write(Buffer.alloc(large));
      await settled();
      socket.setTimeout(600);
      await delay(200);
      const begun = performance.now();
      // The peer takes some, so that more goes to the kernel, but not all.
      let taken = 0;
      peer.on('data', (chunk) => {
        taken += chunk.length;
        if (taken > 8 << 20) peer.pause();
      });
      await happens(socket, 'timeout');
      log([performance.now() - begun > 500, socket.writableLength > 0]);
    },
  },
  {
    name: 'activity after a timeout begins another',
    async run({ socket, peer, log }) {
      socket.resume().setTimeout(20);
      await happens(socket, 'timeout');
      peer.write('x');
      await happens(socket, 'timeout');
      log('again');
    },
  },
  {
    name: 'setTimeout(0) ends it, and takes its callback off',
    async run({ socket, log }) {
      const never = (): void => log('never');
      socket.setTimeout(20, never);
      socket.setTimeout(0, never);
      log([socket.timeout, socket.listenerCount('timeout')]);
      await delay(60);
    },
  },
  {
    name: 'no timeout is told after destroy()',
    async run({ socket, log }) {
      socket.setTimeout(10, () => log('never'));
      socket.destroy();
      await happens(socket, 'close');
      await delay(50);
    },
  },
  {
    name: 'destroy() in a timeout',
    async run({ socket, log }) {
      socket.setTimeout(10, () => {
        log('timeout');
        socket.destroy();
      });
      await happens(socket, 'close');
    },
  },
  {
    name: 'times that no timer takes, and callbacks that are none',
    async run({ socket, log }) {
      const refused = (set: () => void): void => {
        try {
          set();
          log(`taken, ${socket.timeout}`);
        } catch (error) {
          log((error as Error).name);
        }
      };
      for (const wrong of ['100', -1, Number.NaN, Infinity, undefined, null, {}, 0.5, 1e9]) {
        refused(() => socket.setTimeout(wrong as never));
      }
      refused(() => socket.setTimeout(10, 'x' as never));
      refused(() => socket.setTimeout(0, 'x' as never));
      refused(() => socket.setTimeout(10, null as never));
      socket.setTimeout(0);
    },
  },
  {
    name: 'a time that is too long is warned of, and goes on as the longest',
    async run({ socket, log }) {
      const warned = once(process, 'warning') as Promise<[Error]>;
      socket.setTimeout(2 ** 31);
      const [{ name, message }] = await warned;
      log([name, message, socket.timeout]);
      await settled();
      log(socket.destroyed);
      socket.setTimeout(0);
    },
  },
];
