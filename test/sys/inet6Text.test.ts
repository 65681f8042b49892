import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AF_INET6, encodeSockaddr } from 'epoll-ts/sys';
import { decodeSockaddrBytes } from '#epoll/sys/abi/sockaddr.js';

/** An address as the kernel's struct has it, written again. */
function again(address: string): string {
  const decoded = decodeSockaddrBytes(encodeSockaddr({ family: AF_INET6, address, port: 1 }));
  assert.ok(decoded?.family === AF_INET6);
  return decoded.address;
}

for (const [address, text] of [
  ['2001:db8:0:0:1:0:0:0', '2001:db8:0:0:1::'],
  ['2001:0:0:0:1:0:0:1', '2001::1:0:0:1'],
  ['1:0:0:2:0:0:0:3', '1:0:0:2::3'],
  ['1:0:0:2:3:0:0:4', '1::2:3:0:0:4'],
  ['0:0:1:0:0:0:1:0', '0:0:1::1:0'],
  ['1:0:2:3:4:5:6:7', '1:0:2:3:4:5:6:7'],
  ['0:0:0:0:0:0:0:0', '::'],
  ['0:0:0:0:0:0:0:1', '::1'],
  ['1:0:0:0:0:0:0:0', '1::'],
  ['::ffff:1.2.3.4', '::ffff:1.2.3.4'],
  ['::1.2.3.4', '::102:304'],
  ['2001:DB8::ABCD', '2001:db8::abcd'],
] as const) {
  test(
    `IPv6: ${address} is written ${text}: '::' stands for the longest run of zeros, ` +
      'and the first of two (RFC 5952)',
    () => {
      assert.equal(again(address), text);
    },
  );
}
