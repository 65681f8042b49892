// O_NONBLOCK belongs to the open file: a child that has it as its stdin, or any other process that shares it, can clear it.
import { test } from 'node:test';
import { expectScript } from '../support/childScript.ts';

const blocking = `
import { fcntl, F_GETFL, F_SETFL, O_NONBLOCK } from 'epoll-ts/sys';
import { TcpListener, UdpSocket } from 'epoll-ts/net';
const made = (object) => {
  fcntl(object.fd, F_SETFL, fcntl(object.fd, F_GETFL) & ~O_NONBLOCK);
  return object;
};
`;

/** What runs in a process of its own, as it would never end where it blocks. */
const cases: Readonly<Record<string, string>> = {
  'tryAccept()': `console.log(made(new TcpListener({ address: '127.0.0.1' })).tryAccept());`,
  'accept()': `const accept = made(new TcpListener({ address: '127.0.0.1' })).accept({ timeoutMs: 1 });
    console.log(await accept.catch(({ name }) => name === 'TimeoutError' ? null : name));`,
  'UdpSocket.tryReceive()': `console.log(made(new UdpSocket()).tryReceive(new Uint8Array(8)));`,
};

for (const [name, source] of Object.entries(cases)) {
  test(`${name} does not block on a socket that someone has made blocking`, () => {
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
