import assert from 'node:assert/strict';
import { test } from 'node:test';
import { recv } from 'epoll-ts/sys';
import { backend } from '#epoll/sys/ffi/backend.js';
import { addressNumberOf, FixedMemory } from '#epoll/sys/ffi/foreign.js';

test('an address that no number holds exactly is refused: as another number it is other memory', () => {
  const real = backend();
  let address = 2n ** 53n - 1n;
  const { address: trueAddress } = real;
  real.address = () => address;
  const view = new Uint32Array(1);
  assert.equal(addressNumberOf(view), Number.MAX_SAFE_INTEGER);
  address += 1n;
  const refused = { name: 'RangeError', message: /above 2\^53 - 1: current address is 0x20000000000000$/ };
  assert.throws(() => addressNumberOf(view), refused);
  assert.throws(() => new FixedMemory(view).address, refused);
  // Used for the second time in a row, memory goes as a number.
  const into = new Uint8Array(8);
  assert.ok(recv(-1, into, 0) < 0);
  assert.throws(() => recv(-1, into, 0), refused);
  real.address = trueAddress;
  assert.ok(recv(-1, new Uint8Array(8), 0) < 0);
});
