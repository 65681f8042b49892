import { once } from 'node:events';
import { PassThrough, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { buffer, text } from 'node:stream/consumers';
import { happens, settled, uncaught } from '../meeting.ts';
import type { Scenario } from '../scenario.ts';

const many = 600_000;

/** When bytes and their end are told, and how they can be asked for. */
export const reading: readonly Scenario[] = [
  {
    name: 'ticks and promises run between two chunks',
    async run({ socket, peer, log }) {
      let [left, missed, owed] = [many, 0, 0];
      socket.on('data', (chunk) => {
        missed += owed;
        owed = 2;
        process.nextTick(() => owed--);
        void Promise.resolve().then(() => owed--);
        left -= chunk.length;
      });
      peer.end(Buffer.alloc(many));
      await happens(socket, 'end');
      log({ left, missed, owed });
    },
  },
  {
    name: 'ticks and promises run between the last bytes and the end',
    options: { allowHalfOpen: true },
    async run({ socket, peer, log }) {
      socket.on('data', (chunk) => {
        log(`data ${String(chunk)}`);
        process.nextTick(() => log('tick'));
        void Promise.resolve()
          .then(() => null)
          .then(() => log('promise'));
      });
      peer.end('x');
      await happens(socket, 'end');
    },
  },
  {
    name: "await once(socket, 'data') in a loop loses nothing",
    async run({ socket, peer, log }) {
      peer.end(Buffer.alloc(many));
      let left = many;
      while (left > 0) {
        const [chunk] = (await once(socket, 'data')) as [Buffer];
        left -= chunk.length;
      }
      log(left);
    },
  },
  {
    name: 'a first chunk by a promise, the rest by a listener',
    async run({ socket, peer, log }) {
      peer.end(Buffer.alloc(many));
      let left = many;
      left -= ((await happens(socket, 'data')) as Buffer).length;
      socket.on('data', (chunk) => (left -= chunk.length));
      await happens(socket, 'end');
      log(left);
    },
  },
  {
    name: 'pause() in a promise after a chunk stops the next one',
    async run({ socket, peer, log }) {
      let chunks = 0;
      socket.on('data', () => {
        chunks++;
        void Promise.resolve().then(() => socket.pause());
      });
      peer.write(Buffer.alloc(many));
      await happens(socket, 'data');
      await settled();
      log(chunks);
    },
  },
  {
    name: 'pause() in a tick after a chunk stops the next one',
    async run({ socket, peer, log }) {
      let chunks = 0;
      socket.on('data', () => {
        chunks++;
        process.nextTick(() => socket.pause());
      });
      peer.write(Buffer.alloc(many));
      await happens(socket, 'data');
      await settled();
      log(chunks);
    },
  },
  {
    name: 'pause() in the listener stops, resume() goes on, nothing is lost',
    async run({ socket, peer, log }) {
      let left = many;
      let stops = 0;
      socket.on('data', (chunk) => {
        left -= chunk.length;
        socket.pause();
        stops++;
        setImmediate(() => socket.resume());
      });
      peer.end(Buffer.alloc(many));
      await happens(socket, 'end');
      log({ left, stopped: stops > 0 });
    },
  },
  {
    name: 'a listener that is added gets its bytes later, behind ticks and promises',
    async run({ socket, peer, log }) {
      peer.write('x');
      await settled();
      socket.on('data', (chunk) => log(`data ${String(chunk)}`));
      log('added');
      queueMicrotask(() => log('promise'));
      await happens(socket, 'data');
    },
  },
  {
    name: 'bytes that come while a listener waits are told in a turn of their own',
    async run({ socket, peer, log }) {
      socket.on('data', (chunk) => log(`data ${String(chunk)}`));
      await settled();
      peer.write('x');
      process.nextTick(() => log('tick'));
      queueMicrotask(() => log('promise'));
      await happens(socket, 'data');
    },
  },
  {
    name: 'the end comes in a later turn than the last bytes',
    options: { allowHalfOpen: true },
    async run({ socket, peer, log }) {
      socket.on('data', () => setImmediate(() => log('immediate')));
      peer.end('x');
      await happens(socket, 'end');
    },
  },
  {
    name: "'readable' and read(n) give what was asked for",
    async run({ socket, peer, log }) {
      const read = (): void => {
        for (let piece; (piece = socket.read(4)) !== null;) log(String(piece));
      };
      socket.on('readable', read);
      peer.write('abcdef');
      await happens(socket, 'readable');
      await settled();
      peer.write('gh');
      await settled();
      peer.end('ij');
      await happens(socket, 'end');
    },
  },
  {
    name: 'read() without a listener takes what was read ahead',
    async run({ socket, peer, log }) {
      peer.write('ahead');
      await settled();
      log([socket.readableLength, socket.readableDidRead, socket.bytesRead]);
      log(String(socket.read(2)));
      log(String(socket.read()));
      log(socket.read());
      log([socket.readableLength, socket.readableDidRead]);
    },
  },
  {
    name: 'setEncoding() joins a letter that came in two chunks',
    async run({ socket, peer, log }) {
      socket.setEncoding('utf8');
      let letters = '';
      socket.on('data', (piece: string) => (letters += piece));
      peer.write(Buffer.from([0x61, 0xe2, 0x82]));
      await happens(socket, 'data');
      peer.end(Buffer.from([0xac]));
      await happens(socket, 'end');
      log(letters);
    },
  },
  {
    name: 'setEncoding() tells half a letter at the end',
    async run({ socket, peer, log }) {
      socket.setEncoding('utf8');
      let letters = '';
      socket.on('data', (piece: string) => (letters += piece));
      peer.end(Buffer.from([0x61, 0xe2, 0x82]));
      await happens(socket, 'end');
      log(letters);
    },
  },
  {
    name: 'unshift() gives bytes back',
    async run({ socket, peer, log }) {
      peer.end('body');
      const [chunk] = (await once(socket, 'data')) as [Buffer];
      socket.pause();
      socket.unshift(Buffer.concat([Buffer.from('head '), chunk]));
      socket.resume();
      log(await text(socket));
    },
  },
  {
    name: 'async iteration gives all, and the end',
    async run({ socket, peer, log }) {
      peer.end(Buffer.alloc(many));
      let left = many;
      for await (const chunk of socket) left -= (chunk as Buffer).length;
      log({ left, destroyed: socket.destroyed });
    },
  },
  {
    name: 'leaving an async iteration destroys',
    async run({ socket, peer, log }) {
      peer.write('abc');
      for await (const chunk of socket) {
        log(`data ${String(chunk)}`);
        break;
      }
      log(socket.destroyed);
    },
  },
  {
    name: 'an iterator that does not destroy can be left and taken up again',
    async run({ socket, peer, log }) {
      peer.write('a');
      for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
        log(`data ${String(chunk)}`);
        break;
      }
      peer.end('b');
      log(await text(socket));
    },
  },
  {
    name: 'async iteration throws at a reset',
    only: 'tcp',
    async run({ socket, peer, log }) {
      peer.write('a');
      try {
        for await (const chunk of socket) {
          log(`data ${String(chunk)}`);
          peer.resetAndDestroy();
        }
      } catch (error) {
        log((error as NodeJS.ErrnoException).code);
      }
    },
  },
  {
    name: 'what a listener throws is reported, and the next bytes come',
    async run({ socket, peer, log }) {
      let chunks = 0;
      socket.on('data', () => {
        if (chunks++ === 0) throw new Error('mine');
      });
      const caught = uncaught();
      peer.write('a');
      log((await caught).message);
      await settled();
      peer.end('b');
      await happens(socket, 'end');
      log(chunks);
    },
  },
  {
    name: 'what the end listener throws is reported, and it is closed',
    async run({ socket, peer, log }) {
      socket.resume().on('end', () => {
        throw new Error('mine');
      });
      const caught = uncaught();
      peer.end();
      log((await caught).message);
      await settled();
      log(socket.readableEnded);
    },
  },
  {
    name: 'bytes and the end that nobody has read can be read later',
    options: { allowHalfOpen: true },
    async run({ socket, peer, log }) {
      peer.end('late');
      await settled();
      log([socket.readableLength, socket.readableEnded]);
      log(await text(socket));
    },
  },
  {
    name: 'a program that is behind stops the peer',
    options: { highWaterMark: 4096 },
    async run({ socket, peer, log }) {
      const size = 24 << 20;
      peer.end(Buffer.alloc(size));
      await settled();
      log([socket.readableLength >= 4096, socket.readableLength <= 4096 + 65_536, peer.writableFinished]);
      log((await buffer(socket)).length === size);
    },
  },
  {
    name: 'pipe() into what is slow gives all, and the end',
    async run({ socket, peer, log, closed }) {
      let left = many;
      const slow = new Writable({
        write(chunk: Buffer, _encoding, done) {
          left -= chunk.length;
          setImmediate(done);
        },
      });
      socket.pipe(slow);
      peer.end(Buffer.alloc(many));
      await Promise.all([once(slow, 'finish'), closed]);
      log(left);
    },
  },
  {
    name: 'unpipe() stops, and another pipe() goes on',
    async run({ socket, peer, log }) {
      const [first, second] = [new PassThrough(), new PassThrough()];
      socket.pipe(first);
      peer.write('one');
      log(String((await once(first, 'data'))[0]));
      socket.unpipe(first);
      log(socket.readableFlowing);
      peer.end('two');
      await settled();
      socket.pipe(second);
      log(await text(second));
      log(first.writableEnded);
    },
  },
  {
    name: 'a pipeline from and to itself echoes',
    options: { allowHalfOpen: true },
    async run({ socket, peer, log, closed }) {
      const echo = pipeline(socket, new PassThrough(), socket);
      const answer = buffer(peer);
      peer.end(Buffer.alloc(many, 'q'));
      await Promise.all([echo, closed]);
      log((await answer).length);
    },
  },
  {
    name: 'flowing and paused are told as they are',
    async run({ socket, log }) {
      const state = (): void => log([socket.readableFlowing, socket.isPaused()]);
      state();
      socket.pause();
      state();
      socket.resume();
      state();
      socket.on('data', () => {});
      state();
      socket.on('readable', () => {});
      state();
    },
  },
];
