import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeControlMessages } from '#epoll/sys/abi/cmsg.js';
import { ControlBuffer, encodeControl, SCM_RIGHTS, SOL_SOCKET } from 'epoll-ts/sys';

const message = (...data: number[]) => ({ level: SOL_SOCKET, type: SCM_RIGHTS, data: Uint8Array.from(data) });

test('control messages are written one after another, each at a multiple of 8, and read back', () => {
  const all = [
    message(1, 2, 3, 4),
    message(),
    { level: -1, type: 77, data: Uint8Array.from([9, 8, 7, 6, 5, 4, 3, 2, 1]) },
  ];
  const bytes = encodeControl(all);
  assert.equal(bytes.byteLength, 24 + 16 + 32);
  assert.deepEqual(
    [...bytes.subarray(0, 24)],
    [20, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 2, 3, 4, 0, 0, 0, 0],
  );
  assert.deepEqual(decodeControlMessages(bytes), all);
  assert.equal(encodeControl([]).byteLength, 0);
});

test('a message that was cut off has what is there of it, and nonsense ends the list', () => {
  const bytes = encodeControl([message(1, 2, 3, 4, 5, 6, 7, 8)]);
  assert.deepEqual(decodeControlMessages(bytes.subarray(0, 20)), [message(1, 2, 3, 4)]);
  assert.deepEqual(decodeControlMessages(bytes.subarray(0, 15)), []);
  bytes[0] = 15;
  assert.deepEqual(decodeControlMessages(bytes), [], 'shorter than its own header');
});

test('a getter that answers twice is asked once, and data that lies about its length is not believed', () => {
  let asked = 0;
  const sly = {
    type: 1,
    data: Object.defineProperty(new Uint8Array(4), 'byteLength', { value: 4096 }),
    get level() {
      return asked++ === 0 ? 1 : 2 ** 40;
    },
  };
  assert.equal(encodeControl([sly]).byteLength, 24);
  assert.equal(asked, 1);
});

test('a ControlBuffer is empty before the first call, and known by its brand', () => {
  const buffer = new ControlBuffer(64);
  assert.deepEqual([buffer.messages(), buffer.flags], [[], 0]);
  assert.ok(ControlBuffer.isControlBuffer(buffer));
  assert.ok(!ControlBuffer.isControlBuffer(Object.create(ControlBuffer.prototype)));
});
