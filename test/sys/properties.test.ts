import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeSockaddrBytes } from '#epoll/sys/abi/sockaddr.js';
import { decodeItimerspec, encodeItimerspec, maxTimespecNs } from '#epoll/sys/abi/timespec.js';
import * as sys from 'epoll-ts/sys';
import { interestList } from '../support/interestList.ts';
import { opened } from '../support/opened.ts';

const uint32 = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const port = fc.integer({ min: 0, max: 65535 });

test('any 64 bits of data come back from the kernel', (t) => {
  const epfd = opened(t, sys.epoll_create1(0));
  const fd = opened(t, sys.eventfd(1, 0));
  const buffer = new sys.EpollEventBuffer(2);
  assert.equal(sys.epoll_ctl(epfd, sys.EPOLL_CTL_ADD, fd, sys.EPOLLIN), 0);
  fc.assert(
    fc.property(fc.bigInt(0n, 2n ** 64n - 1n), (data) => {
      assert.equal(sys.epoll_ctl(epfd, sys.EPOLL_CTL_MOD, fd, sys.EPOLLIN, data), 0);
      assert.equal(sys.epoll_wait(epfd, buffer, 2, 0), 1);
      assert.equal(buffer.data(0), data);
      assert.equal((BigInt(buffer.dataHigh(0)) << 32n) | BigInt(buffer.dataLow(0)), data);
    }),
    { numRuns: 2000 },
  );
});

test('a safe integer as data is the bigint of the same value', (t) => {
  const epfd = opened(t, sys.epoll_create1(0));
  const fd = opened(t, sys.eventfd(1, 0));
  assert.equal(sys.epoll_ctl(epfd, sys.EPOLL_CTL_ADD, fd, sys.EPOLLIN), 0);
  fc.assert(
    fc.property(fc.maxSafeNat(), (data) => {
      assert.equal(sys.epoll_ctl(epfd, sys.EPOLL_CTL_MOD, fd, sys.EPOLLIN, data), 0);
      assert.equal(interestList(epfd)[0]?.data, BigInt(data));
    }),
  );
});

test('any mask that the kernel takes is in the interest list as it was given', (t) => {
  const epfd = opened(t, sys.epoll_create1(0));
  const fd = opened(t, sys.eventfd(0, 0));
  assert.equal(sys.epoll_ctl(epfd, sys.EPOLL_CTL_ADD, fd, 0), 0);
  // EPOLLEXCLUSIVE is for ADD only; EPOLLWAKEUP is stripped without CAP_BLOCK_SUSPEND.
  const aside = sys.EPOLLEXCLUSIVE | sys.EPOLLWAKEUP;
  const always = sys.EPOLLERR | sys.EPOLLHUP;
  fc.assert(
    fc.property(uint32, fc.boolean(), (bits, negative) => {
      const mask = negative ? bits & ~aside : (bits & ~aside) >>> 0;
      assert.equal(sys.epoll_ctl(epfd, sys.EPOLL_CTL_MOD, fd, mask), 0);
      assert.equal(interestList(epfd)[0]?.events, (mask | always) >>> 0);
    }),
    { numRuns: 500 },
  );
});

test('formatEvents names every bit of a mask once', () => {
  const known: ReadonlyMap<string, unknown> = new Map(Object.entries(sys));
  fc.assert(
    fc.property(uint32, (mask) => {
      const bits = sys.eventNames(mask).map((name) => Number(known.get(name) ?? name));
      assert.equal(
        bits.reduce((sum, bit) => sum + bit, 0),
        mask,
      );
      assert.deepEqual(sys.eventNames(mask | 0), sys.eventNames(mask));
      assert.equal(sys.formatEvents(mask), sys.eventNames(mask).join('|') || '0');
    }),
  );
});

test('any IPv4 address and port survive the encoding', () => {
  fc.assert(
    fc.property(fc.ipV4(), port, (address, number) => {
      const sockaddr = { family: sys.AF_INET, address, port: number } as const;
      assert.deepEqual(decodeSockaddrBytes(sys.encodeSockaddr(sockaddr)), sockaddr);
    }),
  );
});

test('any IPv6 address in any spelling means the same after the encoding', () => {
  fc.assert(
    fc.property(fc.ipV6(), port, uint32, uint32, (spelling, number, flowinfo, scopeId) => {
      const sockaddr = { family: sys.AF_INET6, address: spelling, port: number, flowinfo, scopeId } as const;
      const bytes = sys.encodeSockaddr(sockaddr);
      const decoded = decodeSockaddrBytes(bytes);
      assert.ok(decoded?.family === sys.AF_INET6);
      const { address, ...rest } = decoded;
      assert.deepEqual(rest, { family: sys.AF_INET6, port: number, flowinfo, scopeId });
      assert.equal(address, new URL(`http://[${spelling}]`).hostname.slice(1, -1));
      assert.deepEqual(sys.encodeSockaddr(decoded), bytes);
    }),
    { numRuns: 1000 },
  );
});

test('any unix name survives the encoding, and what is too long is refused', () => {
  const path = fc.string({ unit: 'binary', maxLength: 120 }).filter((text) => !text.includes('\0'));
  const abstract = fc.string({ unit: 'binary', maxLength: 120 }).map((text) => `\0${text}`);
  fc.assert(
    fc.property(fc.oneof(path, abstract), (name) => {
      const sockaddr = { family: sys.AF_UNIX, path: name } as const;
      const room = name.startsWith('\0') ? 108 : 107;
      if (Buffer.byteLength(name) > room) assert.throws(() => sys.encodeSockaddr(sockaddr), RangeError);
      else assert.deepEqual(decodeSockaddrBytes(sys.encodeSockaddr(sockaddr)), sockaddr);
    }),
    { numRuns: 1000 },
  );
});

test('any timer setting survives the encoding, as seconds and nanoseconds', () => {
  const ns = fc.bigInt(0n, maxTimespecNs);
  fc.assert(
    fc.property(ns, ns, (valueNs, intervalNs) => {
      const view = new DataView(new ArrayBuffer(32));
      encodeItimerspec(view, { valueNs, intervalNs });
      assert.deepEqual(decodeItimerspec(view), { valueNs, intervalNs });
      for (const at of [8, 24]) {
        const rest = view.getBigInt64(at, true);
        assert.ok(rest >= 0n && rest < 1_000_000_000n);
      }
    }),
  );
});

test('any inotify records are decoded, and the names are copies', () => {
  const record = fc.record({
    wd: fc.integer({ min: -1, max: 2 ** 31 - 1 }),
    mask: uint32,
    cookie: uint32,
    name: fc.uint8Array({ min: 1, max: 255, maxLength: 255 }),
  });
  fc.assert(
    fc.property(fc.array(record, { maxLength: 20 }), fc.boolean(), (records, asBuffer) => {
      const encoded = Buffer.concat(records.map(inotifyBytes));
      const bytes = asBuffer ? encoded : Uint8Array.from(encoded);
      const decoded = sys.decodeInotifyEvents(bytes);
      bytes.fill(0xff);
      assert.deepEqual(
        decoded.map(({ name, ...rest }) => ({ ...rest, name: [...name] })),
        records.map(({ name, ...rest }) => ({ ...rest, name: [...name] })),
      );
    }),
  );
});

test('a SignalSet is a set of the numbers 1 to 64', () => {
  const signal = fc.integer({ min: 1, max: 64 });
  const step = fc.record({ add: fc.boolean(), signal });
  fc.assert(
    fc.property(fc.array(signal), fc.array(step), (initial, steps) => {
      const set = new sys.SignalSet(initial);
      const model = new Set(initial);
      for (const { add, signal: number } of steps) {
        assert.equal(add ? set.add(number) : set.delete(number), set);
        if (add) model.add(number);
        else model.delete(number);
        assert.equal(set.has(number), add);
      }
      assert.deepEqual(
        set.values(),
        [...model].sort((a, b) => a - b),
      );
    }),
  );
});

/** A record as the kernel writes it: the name padded with NULs to a multiple of 16 bytes, no bytes for no name. */
function inotifyBytes({ wd, mask, cookie, name }: sys.InotifyRecord): Buffer {
  const padded = name.length === 0 ? 0 : (Math.floor(name.length / 16) + 1) * 16;
  const bytes = Buffer.alloc(16 + padded);
  bytes.writeInt32LE(wd, 0);
  bytes.writeUInt32LE(mask, 4);
  bytes.writeUInt32LE(cookie, 8);
  bytes.writeUInt32LE(padded, 12);
  bytes.set(name, 16);
  return bytes;
}
