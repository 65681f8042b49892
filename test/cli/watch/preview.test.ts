import assert from 'node:assert/strict';
import { test } from 'node:test';
import { preview } from '#epoll/cli/watch/preview.js';

test('preview() shows UTF-8 as text', () => {
  assert.deepEqual(preview(Buffer.from('zoë\n'), 5), { bytes: 5, text: 'zoë\n' });
});

test('preview() leaves out a character that the end of the preview cuts', () => {
  assert.deepEqual(preview(Buffer.from('aé').subarray(0, 2), 300), { bytes: 300, text: 'a' });
});

test('preview() keeps a byte order mark', () => {
  assert.deepEqual(preview(Buffer.from('\ufeffa'), 4), { bytes: 4, text: '\ufeffa' });
});

test('preview() shows anything else, and what has a NUL, as hex', () => {
  assert.deepEqual(preview(Buffer.from([0xff, 0x41]), 2), { bytes: 2, hex: 'ff41' });
  assert.deepEqual(preview(Buffer.from('a\0'), 2), { bytes: 2, hex: '6100' });
});
