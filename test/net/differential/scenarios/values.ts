import { Duplex } from 'node:stream';
import { happens } from '../meeting.ts';
import type { Scenario } from '../scenario.ts';

/** What it says of itself. */
export const values: readonly Scenario[] = [
  {
    name: 'addresses, from both ends',
    async run({ socket, peer, log }) {
      log([
        socket.remoteAddress === peer.localAddress,
        socket.remotePort === peer.localPort,
        socket.remoteFamily,
        socket.localAddress === peer.remoteAddress,
        socket.localPort === peer.remotePort,
        socket.localFamily,
        Object.keys(socket.address()),
        (socket.address() as { family?: string }).family,
      ]);
    },
  },
  {
    name: 'addresses after destroy()',
    async run({ socket, log }) {
      const known = [socket.remoteAddress, socket.remotePort, socket.remoteFamily];
      log([typeof socket.localAddress, typeof socket.localPort]);
      socket.destroy();
      log(JSON.stringify(known) === JSON.stringify([socket.remoteAddress, socket.remotePort, socket.remoteFamily]));
      log([socket.localAddress, socket.localPort, socket.localFamily, socket.address()]);
      await happens(socket, 'close');
      log([socket.localAddress, socket.address()]);
    },
  },
  {
    name: 'remoteAddress after destroy(), when nobody has asked before',
    async run({ socket, log }) {
      socket.destroy();
      await happens(socket, 'close');
      log(typeof socket.remoteAddress);
    },
  },
  {
    name: 'it is connected',
    async run({ socket, log }) {
      log([socket.connecting, socket.pending, socket.readyState, socket.destroyed, socket.allowHalfOpen]);
      log([typeof socket.timeout, socket.bytesRead, socket.bytesWritten]);
      log([socket.readableObjectMode, socket.writableObjectMode, socket instanceof Duplex]);
    },
  },
  {
    name: 'it is half-open where that is asked for',
    options: { allowHalfOpen: true },
    async run({ socket, log }) {
      log(socket.allowHalfOpen);
    },
  },
  {
    name: 'it can no longer connect after destroy()',
    async run({ socket, log }) {
      socket.destroy();
      log([socket.connecting, socket.pending]);
      await happens(socket, 'close');
      log([socket.connecting, socket.pending]);
    },
  },
  {
    name: 'bytes are counted',
    async run({ socket, peer, log }) {
      socket.resume();
      peer.write('four');
      await happens(socket, 'data');
      socket.write('seven b');
      await happens(peer.resume(), 'data');
      log([socket.bytesRead, socket.bytesWritten]);
      socket.destroy();
      await happens(socket, 'close');
      log([socket.bytesRead, socket.bytesWritten]);
    },
  },
  {
    name: 'bytesWritten while a write is under way',
    async run({ socket, log }) {
      socket.write(Buffer.alloc(24 << 20));
      log(socket.bytesWritten === 24 << 20);
    },
  },
  {
    name: 'ref() and unref() answer with the socket',
    async run({ socket, log }) {
      log([socket.unref() === socket, socket.ref() === socket, socket.setNoDelay(true) === socket]);
      log([socket.setKeepAlive(true, 1000) === socket, socket.setKeepAlive(false) === socket]);
    },
  },
  {
    name: 'high-water marks that were asked for',
    options: { highWaterMark: 10 },
    async run({ socket, peer, log }) {
      peer.resume();
      log([socket.readableHighWaterMark, socket.writableHighWaterMark]);
      log([socket.write('x'.repeat(9)), socket.write('x'.repeat(10))]);
    },
  },
];
