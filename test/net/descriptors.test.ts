// What every constructor, attach and pair of epoll-ts/net does to its descriptors, and what a call that fails leaves.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { test, type TestContext } from 'node:test';
import { Pipe } from 'epoll-ts';
import { fdReadable, fdWritable, TcpListener, TcpStream, UdpSocket, UnixListener, UnixStream } from 'epoll-ts/net';
import { F_GETFD, F_GETFL, F_SETFD, F_SETFL, fcntl, FD_CLOEXEC, O_NONBLOCK } from 'epoll-ts/sys';
import { runScript } from '../support/childScript.ts';
import { closing, pathIn } from '../support/closing.ts';
import { heldPort } from '../support/heldPort.ts';
import { loopTurns } from '../support/loopTurns.ts';
import { made, netObjects } from '../support/netObjects.ts';
import { nothingLeftOpen, openDescriptors } from '../support/openDescriptors.ts';

/** The thread's reactor is made, and what attaching it to the loop opens for a moment is closed. */
async function settledReactor(): Promise<void> {
  const listener = new TcpListener({ address: '127.0.0.1' });
  await assert.rejects(listener.accept({ timeoutMs: 1 }), { code: 'ETIMEDOUT' });
  listener.close();
  await loopTurns(8);
}

for (const [name, make] of Object.entries(netObjects)) {
  test(`${name}: its descriptors are close-on-exec, its sockets do not block, and closing leaves nothing`, async () => {
    await settledReactor();
    const before = openDescriptors();
    const close = await made(make);
    const mine = openDescriptors().filter((line) => !before.includes(line));
    assert.ok(mine.length > 0);
    for (const line of mine) {
      const fd = Number.parseInt(line, 10);
      const flags = fcntl(fd, F_GETFD);
      // One that another thread has closed meanwhile is none of ours.
      if (flags < 0) continue;
      assert.equal(flags & FD_CLOEXEC, FD_CLOEXEC, `${line} is inherited by children`);
      if (line.includes('socket:')) assert.equal(fcntl(fd, F_GETFL) & O_NONBLOCK, O_NONBLOCK, `${line} blocks`);
    }
    close();
    await loopTurns(8);
    nothingLeftOpen(before);
  });
}

test('where descriptors run out, what can not be made leaves nothing, wherever it fails', () => {
  const { lines, stderr } = runScript(
    `import { readdirSync } from 'node:fs';
     import { dup, close } from 'epoll-ts/sys';
     import { made, netObjects } from './build/test/support/netObjects.js';
     const open = () => readdirSync('/proc/self/fd').length;
     const turns = async () => { for (let count = 0; count < 8; count++) await new Promise(setImmediate); };
     process.on('warning', ({ name, message }) => console.log(name, message));
     for (const make of Object.values(netObjects)) (await made(make))(); // what is made once is there now
     await turns();
     for (const [name, make] of Object.entries(netObjects)) {
       let failed = 0;
       for (let free = 0; ; free++) {
         const before = open();
         const filling = [];
         for (let fd; (fd = dup(0)) >= 0;) filling.push(fd);
         for (const fd of filling.splice(0, free)) close(fd);
         let code, closeAll;
         try { closeAll = await made(make); } catch (error) { code = error.code ?? error.message; }
         for (const fd of filling) close(fd);
         closeAll?.(); // a StreamSet looks in /proc for what it has to close
         await turns();
         if (open() !== before) console.log(name, free, 'left open:', open() - before);
         if (code === undefined) break;
         if (code !== 'EMFILE') console.log(name, free, code);
         if (free > 12) throw new Error(name + ' is never made');
         failed++;
       }
       if (failed === 0) console.log(name, 'never failed');
     }
     console.log('done');
     process.exit();`,
    { through: ['sh', '-c', 'ulimit -n 64; exec "$@"', 'sh'], flags: ['--expose-gc'] },
  );
  assert.deepEqual([lines, stderr], [['done'], '']);
});

/** Calls that fail, and so must have closed what they had opened. */
const failing: Readonly<Record<string, (t: TestContext) => unknown>> = {
  'a port that is taken': (t) => {
    const { port } = closing(t, new TcpListener({ address: '127.0.0.1' })).localAddress;
    return () => new TcpListener({ address: '127.0.0.1', port });
  },
  'an address of another machine': () => () => new TcpListener({ address: '192.0.2.1' }),
  'a UDP port that is taken': (t) => {
    const { port } = closing(t, new UdpSocket({ address: '127.0.0.1' })).localAddress;
    return () => new UdpSocket({ address: '127.0.0.1', port });
  },
  'a path whose folder is not there': () => () => new UnixListener({ path: '/no/such/folder/socket' }),
  'a path that is no socket': (t) => {
    const path = pathIn(t, 'file');
    writeFileSync(path, '');
    return () => new UnixListener({ path });
  },
  'a connection that is refused': (t) => {
    const port = heldPort(t);
    return () => TcpStream.connect({ host: '127.0.0.1', port });
  },
  'a source address of another machine': (t) => {
    const port = heldPort(t);
    return () => TcpStream.connect({ host: '127.0.0.1', port, localAddress: '192.0.2.1' });
  },
  'a unix socket that is not there': () => () => UnixStream.connect({ path: '/no/such/socket' }),
  'a wrong type of pair': () => () => UnixStream.pair({ type: 'dgram' as never }),
  'fdReadable with a wrong signal': (t) => {
    const pipe = closing(t, new Pipe());
    return () => fdReadable(pipe.reader, { signal: 1 as never });
  },
  'fdWritable with a wrong signal': (t) => {
    const pipe = closing(t, new Pipe());
    return () => fdWritable(pipe.writer, { signal: {} as never });
  },
  'fdReadable of a writer': (t) => {
    const pipe = closing(t, new Pipe());
    return () => fdReadable(pipe.writer);
  },
};

for (const [name, prepare] of Object.entries(failing)) {
  test(`${name}: the call that fails leaves nothing open`, async (t) => {
    await settledReactor();
    const call = prepare(t) as () => unknown;
    const before = openDescriptors();
    await assert.rejects(async () => call());
    await loopTurns(8);
    nothingLeftOpen(before);
  });
}

test('attach() of what it does not take leaves the number open, and as it was', async (t) => {
  const pipe = closing(t, new Pipe());
  const listener = closing(t, new TcpListener({ address: '127.0.0.1' }));
  const { fd } = pipe.reader;
  for (const attach of [TcpListener, TcpStream, UdpSocket, UnixListener, UnixStream]) {
    assert.throws(() => attach.attach(fd), { name: 'TypeError', message: /current file is no socket/ });
  }
  for (const attach of [UdpSocket, UnixListener, UnixStream]) {
    assert.throws(() => attach.attach(listener.fd), {
      name: 'TypeError',
      message: /current file is a socket of family/,
    });
  }
  assert.ok(fcntl(fd, F_GETFD) >= 0);
  assert.equal(listener.tryAccept(), null);
});

test('TcpListener.from() leaves the flags of what it borrows alone, and does not block all the same', (t) => {
  const listener = closing(t, new TcpListener({ address: '127.0.0.1' }));
  const { fd } = listener;
  const flags = fcntl(fd, F_GETFL) & ~O_NONBLOCK;
  assert.equal(fcntl(fd, F_SETFL, flags), 0);
  assert.equal(fcntl(fd, F_SETFD, 0), 0);
  const borrower = closing(t, TcpListener.from(fd));
  assert.deepEqual([fcntl(fd, F_GETFL), fcntl(fd, F_GETFD)], [flags, 0]);
  assert.equal(borrower.tryAccept(), null);
});

test('TcpListener.from() borrows a net.Server, too: it goes on owning its socket', async (t) => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  closing(t, TcpListener.from(server)).close();
  assert.ok(server.listening);
});

test('an accepted connection of which no object can be made is closed', async (t) => {
  const listener = closing(t, new TcpListener({ address: '127.0.0.1' }));
  // Not declared: what makes the object is nothing of a user's.
  Object.defineProperty(listener, 'adopt', {
    value: (): never => {
      throw new Error('no object');
    },
  });
  const client = closing(t, await TcpStream.connect({ host: '127.0.0.1', port: listener.localAddress.port }));
  await listener.untilReadable();
  await loopTurns(8);
  const before = openDescriptors();
  assert.throws(() => listener.tryAccept(), { message: 'no object' });
  nothingLeftOpen(before);
  assert.equal(await client.read(new Uint8Array(8)).catch(({ code }: { code: string }) => code), 0);
});

test('a restart meets no EADDRINUSE of connections that were closed here: SO_REUSEADDR is set', async () => {
  const listener = new TcpListener({ address: '127.0.0.1' });
  const { port } = listener.localAddress;
  const client = await TcpStream.connect({ host: '127.0.0.1', port });
  const server = await listener.accept();
  // Who closes first is in TIME_WAIT.
  server.close();
  assert.equal(await client.read(new Uint8Array(8)), 0);
  for (const socket of [client, listener]) socket.close();
  new TcpListener({ address: '127.0.0.1', port }).close();
});
