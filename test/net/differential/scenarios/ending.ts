import { finished } from 'node:stream/promises';
import { text } from 'node:stream/consumers';
import { happens, settled } from '../meeting.ts';
import type { Scenario } from '../scenario.ts';
import { outcome } from './writing.ts';

const large = 24 << 20;

/** Ends of one direction, of the other, and of both. */
export const ending: readonly Scenario[] = [
  {
    name: 'the peer ends first',
    async run({ socket, peer, log }) {
      socket.on('data', (chunk) => log(`data ${String(chunk)}`));
      peer.end('x');
      await happens(socket, 'close');
      log([socket.readableEnded, socket.writableFinished]);
    },
  },
  {
    name: 'the peer ends first, half-open, and is answered later',
    options: { allowHalfOpen: true },
    async run({ socket, peer, log, closed }) {
      socket.on('data', (chunk) => log(`data ${String(chunk)}`));
      const received = text(peer);
      peer.end('x');
      await happens(socket, 'end');
      await settled();
      log([socket.readyState, socket.destroyed]);
      socket.end('answer');
      await closed;
      log(await received);
    },
  },
  {
    name: 'it ends first, the peer answers and ends',
    async run({ socket, peer, log }) {
      socket.on('data', (chunk) => log(`data ${String(chunk)}`));
      peer.on('end', () => peer.end('answer')).resume();
      socket.end('question');
      await happens(socket, 'close');
    },
  },
  {
    name: 'it ends first, and stays open for the peer',
    async run({ socket, peer, log }) {
      socket.resume().end();
      await happens(socket, 'finish');
      await settled();
      log([socket.readyState, socket.destroyed]);
      peer.write('x');
      await happens(socket, 'data');
      log(socket.destroyed);
    },
  },
  {
    name: 'a request with the end behind it is answered by an async handler',
    async run({ socket, peer, log, closed }) {
      const answer = async (chunk: Buffer): Promise<void> => {
        await Promise.resolve();
        log(`question ${String(chunk)}`);
        socket.write('answer');
      };
      socket.on('data', (chunk) => void answer(chunk));
      const received = text(peer);
      peer.end('x');
      await closed;
      log(await received);
    },
  },
  {
    name: 'a request with the end behind it is answered in a tick',
    async run({ socket, peer, log, closed }) {
      socket.on('data', () => process.nextTick(() => socket.end('answer')));
      const received = text(peer);
      peer.end('x');
      await closed;
      log(await received);
    },
  },
  {
    name: 'a request with the end behind it is answered in an immediate',
    async run({ socket, peer, log, closed }) {
      socket.on('data', () => setImmediate(() => log(socket.write('answer'))));
      const received = text(peer);
      peer.end('x');
      await closed;
      log(await received);
    },
  },
  {
    name: "end() in 'data'",
    async run({ socket, peer, log }) {
      socket.on('data', (chunk) => {
        log(`data ${String(chunk)}`);
        socket.end('answer', () => log('ended'));
      });
      const received = text(peer);
      peer.write('x');
      log(await received);
      peer.end();
      await happens(socket, 'close');
    },
  },
  {
    name: "end() in 'end', half-open",
    options: { allowHalfOpen: true },
    async run({ socket, peer, log, closed }) {
      socket.resume().on('end', () => socket.end('bye'));
      const received = text(peer);
      peer.end();
      await closed;
      log(await received);
    },
  },
  {
    name: 'a large end that the peer takes late',
    async run({ socket, peer, log }) {
      socket.resume().end(Buffer.alloc(large), () => log('ended'));
      await settled();
      peer.resume().on('end', () => peer.end());
      await happens(socket, 'close');
    },
  },
  {
    name: 'it has ended, then the peer resets',
    only: 'tcp',
    async run({ socket, peer }) {
      socket.resume().end();
      await happens(socket, 'finish');
      peer.resetAndDestroy();
      await happens(socket, 'close');
    },
  },
  {
    name: 'destroySoon() with nothing to send',
    async run({ socket, peer, log }) {
      peer.resume();
      socket.destroySoon();
      log([socket.destroyed, socket.writableEnded]);
      await happens(socket, 'close');
    },
  },
  {
    name: 'destroySoon() sends what was written first',
    async run({ socket, peer, log, closed }) {
      socket.write(Buffer.alloc(large), (error) => log(`written ${outcome(error)}`));
      socket.destroySoon();
      let left = large;
      peer.on('data', (chunk) => (left -= chunk.length));
      await happens(peer, 'end');
      await closed;
      log(left);
    },
  },
  {
    name: 'destroySoon() after the end was sent',
    async run({ socket, log }) {
      socket.end();
      await happens(socket, 'finish');
      socket.destroySoon();
      log(socket.destroyed);
      socket.destroySoon();
      await happens(socket, 'close');
    },
  },
  {
    name: 'readyState in each state',
    options: { allowHalfOpen: true },
    async run({ socket, peer, log }) {
      socket.resume();
      log(socket.readyState);
      peer.end();
      await happens(socket, 'end');
      log(socket.readyState);
      socket.end();
      log(socket.readyState);
      await happens(socket, 'close');
      log(socket.readyState);
    },
  },
  {
    name: 'readyState after its own end',
    async run({ socket, log }) {
      socket.end();
      log(socket.readyState);
      socket.destroy();
      log(socket.readyState);
    },
  },
  {
    name: 'finished() waits for both directions',
    async run({ socket, peer, log }) {
      const both = finished(socket.resume());
      socket.end();
      await happens(socket, 'finish');
      log('half');
      peer.end();
      await both;
      log('both');
    },
  },
  {
    name: 'finished() of one direction',
    async run({ socket, peer, log }) {
      peer.resume();
      const wrote = finished(socket, { readable: false });
      socket.end('x');
      await wrote;
      log(socket.writableFinished);
    },
  },
  {
    name: 'finished() tells that it was closed before its time',
    async run({ socket, log }) {
      const early = finished(socket.resume()).catch((error: { code: string }) => error.code);
      socket.destroy();
      log(await early);
      log(await finished(socket).catch((error: { code: string }) => error.code));
    },
  },
];
