import { once } from 'node:events';
import { buffer, text } from 'node:stream/consumers';
import { happens, settled } from '../meeting.ts';
import type { Scenario } from '../scenario.ts';

// More than all buffers between the two.
const large = 24 << 20;

/** How the callback of a write was called. */
export function outcome(error: NodeJS.ErrnoException | null | undefined): string {
  return error === null || error === undefined ? 'ok' : String(error.code);
}

/** When writes are done, and how their callbacks are called. */
export const writing: readonly Scenario[] = [
  {
    name: 'a write that is done at once calls back in a tick',
    async run({ socket, peer, log }) {
      peer.resume();
      process.nextTick(() => log('tick before'));
      log(socket.write('a', (error) => log(`written ${outcome(error)}`)));
      process.nextTick(() => log('tick after'));
      queueMicrotask(() => log('promise'));
      await settled();
    },
  },
  {
    name: 'writes call back in order',
    async run({ socket, peer, log }) {
      peer.resume();
      for (const piece of ['a', 'b', 'c']) socket.write(piece, (error) => log(`${piece} ${outcome(error)}`));
      log('returned');
      await settled();
    },
  },
  {
    name: 'a write in the callback of a write',
    async run({ socket, peer, log, finished }) {
      const all = text(peer);
      socket.write('a', () => {
        log('first');
        socket.write('b', () => {
          log('second');
          socket.end('c', () => log('end'));
        });
      });
      log(await all);
      await finished;
    },
  },
  {
    name: 'a large write says that it is enough, and drains',
    async run({ socket, peer, log }) {
      socket.on('drain', () => log('drain'));
      log(socket.write(Buffer.alloc(large), (error) => log(`written ${outcome(error)}`)));
      log([socket.writableNeedDrain, socket.writableLength]);
      await settled();
      log('peer reads');
      peer.resume();
      await happens(socket, 'drain');
      log([socket.writableNeedDrain, socket.writableLength]);
    },
  },
  {
    name: 'a large write, a small one, the end, and a peer that reads late',
    async run({ socket, peer, log, finished }) {
      socket.write(Buffer.alloc(large), (error) => log(`large ${outcome(error)}`));
      socket.write('small', (error) => log(`small ${outcome(error)}`));
      socket.end(() => log('end'));
      await settled();
      log((await buffer(peer)).length);
      await finished;
    },
  },
  {
    name: "a write in 'drain'",
    async run({ socket, peer, log }) {
      const all = buffer(peer);
      socket.once('drain', () => log(socket.write('more', () => socket.end())));
      socket.write(Buffer.alloc(large));
      log((await all).length);
    },
  },
  {
    name: 'end() is finished behind ticks and promises',
    async run({ socket, log }) {
      socket.end(() => log('end'));
      process.nextTick(() => log('tick'));
      queueMicrotask(() => log('promise'));
      log([socket.writable, socket.writableEnded, socket.writableFinished]);
      await happens(socket, 'finish');
    },
  },
  {
    name: 'end() with data calls back in order',
    async run({ socket, peer, log, finished }) {
      socket.write('a', () => log('a'));
      socket.end('b', 'latin1', () => log('end'));
      log(await text(peer));
      await finished;
    },
  },
  {
    name: 'end() twice',
    async run({ socket, log }) {
      socket.end(() => log('first'));
      socket.end((error?: Error) => log(`second ${outcome(error)}`));
      await happens(socket, 'finish');
      socket.end((error?: Error) => log(`third ${outcome(error)}`));
      await settled();
    },
  },
  {
    name: 'a write after end()',
    async run({ socket, peer, log }) {
      socket.resume();
      const received = text(peer);
      socket.end('a');
      log(socket.write('b', (error) => log(`written ${outcome(error)}`)));
      await happens(socket, 'close');
      log(await received);
    },
  },
  {
    name: 'a write after destroy()',
    async run({ socket, log }) {
      socket.destroy();
      log(socket.write('a', (error) => log(`written ${outcome(error)}`)));
      await happens(socket, 'close');
    },
  },
  {
    name: 'end() after destroy()',
    async run({ socket, log }) {
      socket.destroy();
      socket.end((error?: Error) => log(`end ${outcome(error)}`));
      await happens(socket, 'close');
      await settled();
    },
  },
  {
    name: "a write in 'end' still goes out",
    async run({ socket, peer, log, closed }) {
      socket.resume().on('end', () => log(socket.write('bye', (error) => log(`written ${outcome(error)}`))));
      const received = text(peer);
      peer.end();
      await closed;
      log(`peer ${await received}`);
    },
  },
  {
    name: 'a write when the end of the peer has ended both directions',
    async run({ socket, peer, log }) {
      socket.resume();
      peer.end();
      await happens(socket, 'end');
      await happens(socket, 'finish');
      log(socket.write('late', (error) => log(`written ${outcome(error)}`)));
      await settled();
      log(socket.destroyed);
    },
  },
  {
    name: 'a write some turns after the end of the peer',
    async run({ socket, peer, log, closed }) {
      socket.resume();
      peer.end();
      await happens(socket, 'end');
      await settled();
      log(socket.write('late', (error) => log(`written ${outcome(error)}`)));
      await closed;
    },
  },
  {
    name: 'what can not be written is refused at once',
    async run({ socket, log }) {
      for (const wrong of [5, null, undefined, {}, [1], true]) {
        try {
          log(socket.write(wrong as never));
        } catch (error) {
          log((error as NodeJS.ErrnoException).code);
        }
      }
    },
  },
  {
    name: 'bytes, strings and nothing can be written',
    async run({ socket, peer, log }) {
      const received = text(peer);
      for (const piece of [new Uint8Array([0x61]), Buffer.from('b'), 'c', '']) {
        socket.write(piece, (error) => log(`${piece.length} ${outcome(error)}`));
      }
      socket.end();
      log(await received);
    },
  },
  {
    name: 'strings in other encodings',
    async run({ socket, peer, log }) {
      const received = buffer(peer);
      socket.write('é', 'latin1');
      socket.write('6869', 'hex');
      socket.setDefaultEncoding('base64');
      socket.write('aGk=');
      socket.end('ä', 'utf8');
      log((await received).toString('hex'));
    },
  },
  {
    name: 'an unknown encoding',
    async run({ socket, log }) {
      try {
        socket.write('a', 'klingon' as never);
      } catch (error) {
        log((error as NodeJS.ErrnoException).code);
      }
    },
  },
  {
    name: 'cork() keeps writes back, uncork() sends them at once',
    async run({ socket, peer, log }) {
      const chunks: string[] = [];
      peer.on('data', (chunk) => chunks.push(String(chunk)));
      socket.cork();
      for (const piece of ['a', 'b', 'c']) socket.write(piece, (error) => log(`${piece} ${outcome(error)}`));
      log([socket.writableLength, socket.writableCorked]);
      await settled();
      log(chunks);
      socket.uncork();
      await once(peer, 'data');
      await settled();
      log(chunks);
      log([socket.writableLength, socket.writableCorked]);
    },
  },
  {
    name: 'cork() twice needs uncork() twice',
    async run({ socket, peer, log }) {
      socket.cork();
      socket.cork();
      socket.write('a', () => log('written'));
      socket.uncork();
      await settled();
      log('once');
      socket.uncork();
      log(String((await once(peer, 'data'))[0]));
    },
  },
  {
    name: 'end() sends what is corked',
    async run({ socket, peer, log }) {
      const received = text(peer);
      socket.cork();
      socket.write('a');
      socket.write('b');
      socket.end('c');
      log(await received);
    },
  },
  {
    name: 'thousands of corked writes of many kinds arrive in order',
    async run({ socket, peer, log }) {
      const received = buffer(peer);
      socket.cork();
      let expected = '';
      for (let index = 0; index < 3000; index++) {
        socket.write(index % 2 === 0 ? `${index}` : 'ff', index % 2 === 0 ? 'utf8' : 'hex');
        expected += index % 2 === 0 ? `${index}` : '\xff';
      }
      socket.uncork();
      socket.end();
      log((await received).toString('latin1') === expected);
    },
  },
  {
    name: 'a write to a peer that has closed',
    options: { allowHalfOpen: true },
    only: 'tcp',
    async run({ socket, peer, log }) {
      socket.resume();
      peer.destroy();
      await happens(socket, 'end');
      socket.write('first', (error) => log(`first ${outcome(error)}`));
      await settled();
      socket.write('second', (error) => log(`second ${outcome(error)}`));
      await happens(socket, 'close');
    },
  },
  {
    name: 'a write to a local peer that has closed',
    options: { allowHalfOpen: true },
    only: 'unix',
    async run({ socket, peer, log }) {
      socket.resume();
      peer.destroy();
      await happens(socket, 'end');
      socket.write('first', (error) => log(`first ${outcome(error)}`));
      await happens(socket, 'close');
    },
  },
  {
    name: 'a write after a reset was told',
    only: 'tcp',
    async run({ socket, peer, log }) {
      socket.resume();
      peer.resetAndDestroy();
      await happens(socket, 'close');
      log(socket.write('late', (error) => log(`written ${outcome(error)}`)));
      await settled();
    },
  },
  {
    name: 'values of the writing side, from write() to close',
    async run({ socket, peer, log }) {
      const state = (): void => log([socket.writable, socket.writableEnded, socket.writableFinished]);
      state();
      socket.write('a');
      state();
      socket.end();
      state();
      peer.resume();
      await happens(socket, 'finish');
      state();
      socket.destroy();
      state();
    },
  },
];
