import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { EventFd } from 'epoll-ts';
import { type ReceivedFds, UnixStream } from 'epoll-ts/net';
import {
  ControlBuffer,
  EAGAIN,
  F_GETFL,
  F_SETFL,
  fcntl,
  MSG_CMSG_CLOEXEC,
  MSG_DONTWAIT,
  O_NONBLOCK,
  recvmsg,
  setsockopt,
  SO_PASSCRED,
  SO_PASSPIDFD,
  SOL_SOCKET,
} from 'epoll-ts/sys';
import { expectScript } from '../support/childScript.ts';
import { closing } from '../support/closing.ts';
import { nothingLeftOpen, openDescriptors } from '../support/openDescriptors.ts';

const SO_PASSSEC = 34;
const SO_TIMESTAMP = 29;
const on = new Uint8Array(Int32Array.of(1).buffer);

for (const type of ['stream', 'seqpacket'] as const) {
  for (const [what, options] of [
    ['credentials', [SO_PASSCRED]],
    ['a pidfd', [SO_PASSPIDFD]],
    ['a security label, or none', [SO_PASSSEC]],
    ['a timestamp', [SO_TIMESTAMP]],
    ['all of these', [SO_PASSCRED, SO_PASSPIDFD, SO_PASSSEC, SO_TIMESTAMP]],
  ] as const) {
    test(`${what} beside the bytes of a ${type}: no byte and no descriptor is lost, none is left open`, async (t) => {
      const [a, b] = pair(t, type);
      for (const option of options) {
        // SO_PASSPIDFD is of Linux 6.5, the label of kernels with a security module.
        if (setsockopt(b.fd, SOL_SOCKET, option, on) < 0) return t.skip(`this kernel has no socket option ${option}`);
      }
      const counters = [1n, 2n, 3n].map((initial) => closing(t, new EventFd({ initial })));
      const before = openDescriptors();
      assert.equal(a.tryWrite(Buffer.from('alone')), 5);
      assert.deepEqual(receive(b, 5), ['alone', 0]);
      for (const count of [1, 2, 3]) {
        assert.equal(a.trySendFds(Buffer.from('with '), counters.slice(0, count)), 5);
        const into = Buffer.alloc(8);
        const received = b.tryReceiveFds(into);
        assert.equal(into.toString('utf8', 0, received?.bytes), 'with ');
        const values = received?.fds.map(({ fd }) => {
          const counter = EventFd.from(fd);
          const value = counter.read();
          counter.write(value ?? 0n);
          return value;
        });
        assert.deepEqual(values, [1n, 2n, 3n].slice(0, count));
        for (const one of received?.fds ?? []) one.close();
      }
      // A peek that is full exactly here shows the descriptors of what is behind.
      assert.equal(a.tryWrite(Buffer.from('plain')), 5);
      assert.equal(a.trySendFds(Buffer.from('fds'), counters), 3);
      assert.deepEqual(
        [receive(b, 5), receive(b, 8)],
        [
          ['plain', 0],
          ['fds', 3],
        ],
      );
      nothingLeftOpen(before);
      return undefined;
    });
  }
}

test('253 descriptors beside credentials and a pidfd are all received', (t) => {
  const [a, b] = pair(t);
  for (const option of [SO_PASSCRED, SO_PASSPIDFD]) setsockopt(b.fd, SOL_SOCKET, option, on);
  const counter = closing(t, new EventFd());
  assert.equal(
    a.trySendFds(
      Buffer.from('x'),
      Array.from({ length: 253 }, () => counter),
    ),
    1,
  );
  assert.deepEqual(receive(b, 1), ['x', 253]);
});

test('without room for descriptors beside credentials and a pidfd nothing is lost or left open', () => {
  expectScript(
    `import { readdirSync } from 'node:fs';
     import { EventFd } from 'epoll-ts';
     import { UnixStream } from 'epoll-ts/net';
     import { setsockopt, SO_PASSCRED, SO_PASSPIDFD, SOL_SOCKET } from 'epoll-ts/sys';
     const [a, b] = UnixStream.pair();
     const on = Uint8Array.of(1, 0, 0, 0);
     for (const option of [SO_PASSCRED, SO_PASSPIDFD]) setsockopt(b.fd, SOL_SOCKET, option, on);
     const counter = new EventFd({ initial: 7n });
     b.tryReceiveFds(new Uint8Array(16));
     await a.sendFds(Buffer.from('three'), [counter, counter, counter]);
     const filling = [];
     const fill = () => { try { for (;;) filling.push(new EventFd()); } catch {} };
     fill();
     for (const free of [0, 1, 2]) {
       for (const one of filling.splice(0, free)) one.close();
       const before = filling.length;
       try { b.tryReceiveFds(new Uint8Array(16)); } catch ({ code }) { console.log(code, b.bytesRead); }
       fill();
       console.log(filling.length - before === free);
     }
     for (const one of filling.splice(0, 3)) one.close();
     const { bytes, fds } = b.tryReceiveFds(new Uint8Array(16));
     console.log(bytes, fds.length, EventFd.from(fds[2].fd).read());`,
    ['EMFILE 0', 'true', 'EMFILE 0', 'true', 'EMFILE 0', 'true', '5 3 7n'],
    { through: ['sh', '-c', 'ulimit -n 128; exec "$@"', 'sh'] },
  );
});

test('a recvmsg that fails leaves no messages of the call before in the ControlBuffer', (t) => {
  const [a, b] = pair(t);
  a.trySendFds(Buffer.from('x'), [closing(t, new EventFd())]);
  const control = new ControlBuffer(64);
  const before = openDescriptors();
  assert.equal(recvmsg(b.fd, [new Uint8Array(1)], control, MSG_CMSG_CLOEXEC), 1);
  const [message] = control.messages();
  assert.ok(message !== undefined);
  closing(t, EventFd.from(new DataView(message.data.buffer).getInt32(0, true))).close();
  assert.equal(recvmsg(b.fd, [new Uint8Array(1)], control, MSG_DONTWAIT), -EAGAIN);
  assert.deepEqual([control.messages(), control.flags], [[], 0]);
  assert.equal(openDescriptors().length, before.length + 1, 'what came is still this program’s to close');
});

for (const type of ['stream', 'seqpacket'] as const) {
  test(`nothing blocks where a sharer has made a ${type} blocking: what finds nothing is null`, (t) => {
    const [a, b] = pair(t, type);
    a.sendBufferSize = 1;
    for (const { fd } of [a, b]) fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK);
    const into = new Uint8Array(64);
    assert.equal(b.tryReceiveFds(into), null);
    assert.equal(b.tryRead(into), null);
    assert.equal(b.tryReadv([into]), null);
    const counter = closing(t, new EventFd());
    const data = new Uint8Array(512);
    let sent = 0;
    while (a.trySendFds(data, [counter]) !== null) sent++;
    assert.ok(sent > 0);
    assert.equal(fcntl(a.fd, F_GETFL) & O_NONBLOCK, 0, 'the flag is the sharer’s');
  });
}

function pair(t: TestContext, type: 'stream' | 'seqpacket' = 'stream'): [UnixStream, UnixStream] {
  const [a, b] = UnixStream.pair({ type });
  return [closing(t, a), closing(t, b)];
}

/** What one receive gives: the text and the number of descriptors, which are closed. */
function receive(stream: UnixStream, room: number): [string, number] {
  const into = Buffer.alloc(room);
  const { bytes, fds } = stream.tryReceiveFds(into) as ReceivedFds;
  for (const one of fds) one.close();
  return [into.toString('utf8', 0, bytes), fds.length];
}
