import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runNode } from '../support/runNode.ts';

test('send and recv do not keep large memory alive, however small the part of it that they had', () => {
  const program = `
    import { AF_UNIX, MSG_DONTWAIT, recv, send, SOCK_STREAM, socketpair } from 'epoll-ts/sys';
    import { setImmediate as nextTurn } from 'node:timers/promises';
    const [a, b] = socketpair(AF_UNIX, SOCK_STREAM, 0);
    for (const use of [(view) => send(a, view, MSG_DONTWAIT), (view) => recv(b, view, MSG_DONTWAIT)]) {
      let memory;
      (() => {
        const large = new Uint8Array(1 << 20);
        memory = new WeakRef(large.buffer);
        const part = large.subarray(0, 16);
        if (use(part) !== 16 || use(part) === 0) throw new Error('16 bytes should have gone');
      })();
      await nextTurn();
      gc();
      await nextTurn();
      console.log(memory.deref() === undefined ? 'freed' : 'kept');
    }`;
  const { stdout, stderr } = runNode('--expose-gc', '--input-type=module', '--eval', program);
  assert.deepEqual([stdout.trim().split('\n'), stderr], [['freed', 'freed'], '']);
});
