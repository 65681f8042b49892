import { AsyncLocalStorage } from 'node:async_hooks';
import { happens, settled } from '../meeting.ts';
import type { Scenario } from '../scenario.ts';

const large = 24 << 20;
const storage = new AsyncLocalStorage<string>();

/** In which asynchronous context what was given is called. The socket was made outside of any. */
export const contexts: readonly Scenario[] = [
  {
    name: 'the context of a write that is done at once',
    end: 'connected',
    async run({ socket, peer, log }) {
      peer.resume();
      await new Promise<void>((resolve) => {
        storage.run('write', () => {
          socket.write('x', () => {
            log(storage.getStore());
            resolve();
          });
        });
      });
    },
  },
  {
    name: 'the context of a write that had to wait',
    end: 'connected',
    async run({ socket, peer, log }) {
      storage.run('write', () => socket.write(Buffer.alloc(large), () => log(storage.getStore())));
      await settled();
      peer.resume();
      await happens(socket, 'drain');
    },
  },
  {
    name: 'the context of end()',
    end: 'connected',
    async run({ socket, log }) {
      storage.run('end', () => socket.end(() => log(storage.getStore())));
      await happens(socket, 'finish');
    },
  },
  {
    name: 'the context of bytes, their end and the close, whoever listens',
    end: 'connected',
    async run({ socket, peer, log }) {
      storage.run('listener', () => {
        for (const event of ['data', 'end', 'close']) socket.on(event, () => log(String(storage.getStore())));
      });
      storage.run('peer', () => peer.write('x'));
      await happens(socket, 'data');
      peer.end();
      await happens(socket, 'close');
    },
  },
  {
    name: 'the context of a timeout',
    end: 'connected',
    async run({ socket, log }) {
      storage.run('timeout', () => socket.setTimeout(10, () => log(storage.getStore())));
      await happens(socket, 'timeout');
    },
  },
  {
    name: "the context of destroy() is that of 'error', not that of 'close'",
    end: 'connected',
    async run({ socket, log }) {
      socket.on('error', () => log(storage.getStore()));
      socket.on('close', () => log(String(storage.getStore())));
      storage.run('destroy', () => socket.destroy(new Error('mine')));
      await happens(socket, 'close');
    },
  },
];
