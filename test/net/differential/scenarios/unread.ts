import { text } from 'node:stream/consumers';
import { happens, settled } from '../meeting.ts';
import type { Scenario } from '../scenario.ts';

/** What a socket that nobody reads from learns of its peer. */
export const unread: readonly Scenario[] = [
  {
    name: 'nobody reads, the peer ends',
    async run({ socket, peer }) {
      peer.end();
      await happens(socket, 'close');
    },
  },
  {
    name: 'nobody reads, the peer ends, half-open',
    options: { allowHalfOpen: true },
    async run({ socket, peer, log }) {
      peer.end();
      await happens(socket, 'end');
      await settled();
      log([socket.writable, socket.readyState]);
    },
  },
  {
    name: 'nobody reads, the peer resets',
    only: 'tcp',
    async run({ socket, peer }) {
      peer.resetAndDestroy();
      await happens(socket, 'close');
    },
  },
  {
    name: 'who only writes learns that the peer has ended',
    async run({ socket, peer }) {
      socket.write('tick');
      peer.resume().end();
      await happens(socket, 'close');
    },
  },
  {
    name: 'who only writes learns that the peer has reset',
    only: 'tcp',
    async run({ socket, peer }) {
      socket.write('tick');
      await happens(peer.resume(), 'data');
      peer.resetAndDestroy();
      await happens(socket, 'close');
    },
  },
  {
    name: 'an end behind bytes that nobody reads is not told',
    async run({ socket, peer, log }) {
      peer.end('unread');
      await settled();
      log([socket.readableLength, socket.readableEnded, socket.destroyed]);
    },
  },
  {
    name: 'a reset behind bytes that nobody reads is told, and takes them',
    only: 'tcp',
    async run({ socket, peer, log }) {
      peer.write('unread');
      await settled();
      peer.resetAndDestroy();
      await happens(socket, 'close');
      log(socket.read());
    },
  },
  {
    name: 'paused, the peer ends',
    async run({ socket, peer }) {
      socket.pause();
      peer.end();
      await happens(socket, 'close');
    },
  },
  {
    name: 'paused with bytes, the peer resets, resumed',
    only: 'tcp',
    async run({ socket, peer, log }) {
      socket.on('data', (chunk) => log(`data ${String(chunk)}`)).pause();
      peer.write('abc');
      await settled();
      peer.resetAndDestroy();
      await happens(socket, 'close');
      socket.resume();
      await settled();
    },
  },
  {
    name: 'paused with bytes, the peer ends, resumed',
    async run({ socket, peer, log }) {
      socket.on('data', (chunk) => log(`data ${String(chunk)}`)).pause();
      peer.end('abc');
      await settled();
      log('resumed');
      socket.resume();
      await happens(socket, 'close');
    },
  },
  {
    name: 'flowing, the peer resets',
    only: 'tcp',
    async run({ socket, peer }) {
      socket.resume();
      peer.resetAndDestroy();
      await happens(socket, 'close');
    },
  },
  {
    name: 'bytes just before a reset that were seen are kept',
    only: 'tcp',
    async run({ socket, peer, log }) {
      socket.on('data', (chunk) => log(`data ${String(chunk)}`));
      peer.write('abc');
      await happens(socket, 'data');
      peer.resetAndDestroy();
      await happens(socket, 'close');
    },
  },
  {
    name: 'read(0) begins nothing new and loses nothing',
    async run({ socket, peer, log }) {
      log(socket.read(0));
      peer.end('abc');
      await settled();
      log(socket.read(0));
      log(await text(socket));
    },
  },
];
