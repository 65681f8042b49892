// O_NONBLOCK belongs to the open file: a child that has it as its stdin, or any other process that shares it, can clear
// it.
import { test } from 'node:test';
import { expectScript } from '../support/childScript.ts';

const blocking = `
import { readdirSync, readlinkSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { Pipe } from 'epoll-ts';
import { fcntl, F_GETFL, F_SETFL, O_NONBLOCK } from 'epoll-ts/sys';
import { fdReadable, fdWritable, TcpListener, UdpSocket } from 'epoll-ts/net';
const made = (object) => {
  fcntl(object.fd, F_SETFL, fcntl(object.fd, F_GETFL) & ~O_NONBLOCK);
  return object;
};
const pipes = () => readdirSync('/proc/self/fd').filter((fd) => {
  try { return readlinkSync('/proc/self/fd/' + fd).startsWith('pipe:'); } catch { return false; }
});
/** The pipe's ends that the stream has opened for itself. */
const ofStream = (make) => {
  const before = pipes();
  const stream = make();
  for (const fd of pipes()) if (!before.includes(fd)) made({ fd: Number(fd) });
  return stream;
};
`;

/** What runs in a process of its own, as it would never end where it blocks. */
const cases: Readonly<Record<string, string>> = {
  'tryAccept()': `console.log(made(new TcpListener({ address: '127.0.0.1' })).tryAccept());`,
  'accept()': `const accept = made(new TcpListener({ address: '127.0.0.1' })).accept({ timeoutMs: 1 });
    console.log(await accept.catch(({ name }) => name === 'TimeoutError' ? null : name));`,
  'UdpSocket.tryReceive()': `console.log(made(new UdpSocket()).tryReceive(new Uint8Array(8)));`,
  'fdReadable()': `ofStream(() => fdReadable(new Pipe().reader)).on('data', console.log);
    console.log(await delay(10, null));`,
  'fdWritable()': `ofStream(() => fdWritable(new Pipe().writer)).write(Buffer.alloc(1 << 20));
    console.log(await delay(10, null));`,
};

for (const [name, source] of Object.entries(cases)) {
  test(`${name} does not block on a file that someone has made blocking`, () => {
    expectScript(`${blocking}${source}\nprocess.exit();`, ['null']);
  });
}

test('UdpSocket sends with MSG_DONTWAIT: the loopback never has a full queue to see it by', () => {
  expectScript(
    `import { backend } from '#epoll/sys/ffi/backend.js';
     import { MSG_DONTWAIT } from 'epoll-ts/sys';
     const real = backend();
     const { bind } = real;
     real.bind = (symbol, ...types) => {
       const call = bind.call(real, symbol, ...types);
       return (...args) => {
         if (/^send/.test(symbol)) console.log(symbol, (args[3] & MSG_DONTWAIT) !== 0);
         return call(...args);
       };
     };
     ${blocking}
     const [a, b] = [made(new UdpSocket({ address: '127.0.0.1' })), made(new UdpSocket({ address: '127.0.0.1' }))];
     a.trySend(Buffer.from('x'), b.localAddress);
     await a.connect(b.localAddress);
     a.trySend(Buffer.from('x'));
     for (const socket of [a, b]) socket.close();`,
    ['sendto true', 'send true'],
  );
});
