import assert from 'node:assert/strict';
import { chmodSync, existsSync, lstatSync, mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { SystemError } from 'epoll-ts';
import { UnixListener, type UnixListenOptions, UnixStream } from 'epoll-ts/net';
import { AF_UNIX, bind, encodeSockaddr, listen, SOCK_DGRAM, SOCK_STREAM, socket } from 'epoll-ts/sys';
import { closing, pathIn } from '../support/closing.ts';
import { opened } from '../support/opened.ts';
import { expectScript } from '../support/childScript.ts';

const modeOf = (path: string): number => lstatSync(path).mode & 0o777;

test('a listener at a path accepts connections, and both ends know their names', async (t) => {
  const path = pathIn(t, 'socket');
  const listener = closing(t, new UnixListener({ path }));
  assert.equal(listener.tryAccept(), null);
  assert.equal(listener.localPath, path);
  const client = closing(t, await UnixStream.connect({ path }));
  const server = closing(t, await listener.accept());
  assert.deepEqual([client.localPath, client.remotePath], [null, path]);
  assert.deepEqual([server.localPath, server.remotePath], [path, null]);
  await client.write(Buffer.from('hello'));
  const into = Buffer.alloc(8);
  assert.equal(await server.read(into), 5);
  assert.equal(into.toString('utf8', 0, 5), 'hello');
});

test('an abstract name starts with NUL, and makes no file; @name is a file', async (t) => {
  const path = `\0epoll-ts ${process.pid} ${process.hrtime.bigint()}`;
  const listener = closing(t, new UnixListener({ path }));
  assert.equal(listener.localPath, path);
  const client = closing(t, await UnixStream.connect({ path }));
  assert.equal(client.remotePath, path);
  closing(t, await listener.accept());
  const printed = path.replace('\0', '@');
  assert.throws(() => new UnixListener({ path }), {
    code: 'EADDRINUSE',
    path: printed,
    message: `EADDRINUSE: bind ${printed}: another socket has this name: choose another one`,
  });
  const file = pathIn(t, '@name');
  closing(t, new UnixListener({ path: file }));
  assert.ok(lstatSync(file).isSocket());
});

test('close() removes the file that it made, also when it was given as a relative path and the directory changed', (t) => {
  const path = pathIn(t, 'socket');
  const before = process.cwd();
  t.after(() => process.chdir(before));
  process.chdir(dirname(path));
  const listener = new UnixListener({ path: basename(path) });
  process.chdir('/');
  assert.ok(lstatSync(path).isSocket());
  listener.close();
  assert.ok(!existsSync(path));
  listener.close();
});

test('close() leaves what someone else put in the place of its file', (t) => {
  const path = pathIn(t, 'socket');
  const first = closing(t, new UnixListener({ path }));
  renameSync(path, `${path}.moved`);
  const second = closing(t, new UnixListener({ path }));
  first.close();
  assert.ok(existsSync(path), 'the other listener’s file');
  assert.ok(existsSync(`${path}.moved`), 'a file that was moved away is no longer looked for');
  second.close();
  assert.ok(!existsSync(path));

  const third = new UnixListener({ path });
  renameSync(path, `${path}.moved`);
  third.close();
  assert.ok(!existsSync(path));
});

test('a listener that is given away leaves its file, and one that takes over does not remove it', async (t) => {
  const path = pathIn(t, 'socket');
  const taken = closing(t, UnixListener.attach(new UnixListener({ path, type: 'seqpacket' }).detach()));
  assert.deepEqual([taken.type, taken.localPath], ['seqpacket', path]);
  const client = closing(t, await UnixStream.connect({ path, type: 'seqpacket' }));
  closing(t, await taken.accept());
  assert.equal(client.type, 'seqpacket');
  taken.close();
  assert.ok(existsSync(path));
});

test('mode is that of the file, whatever the umask, and never wider on the way', (t) => {
  const path = pathIn(t, 'socket');
  const umask = process.umask(0o027);
  t.after(() => process.umask(umask));
  for (const mode of [0o600, 0o666, 0o000, 0o777]) {
    const listener = new UnixListener({ path, mode });
    assert.equal(modeOf(path).toString(8), mode.toString(8));
    listener.close();
  }
  const listener = new UnixListener({ path });
  assert.equal(modeOf(path), 0o750);
  listener.close();
});

test('a file that is left over says how to get rid of it, and replaceStale does', async (t) => {
  const path = pathIn(t, 'socket');
  const left = opened(t, socket(AF_UNIX, SOCK_STREAM, 0));
  assert.equal(bind(left, encodeSockaddr({ family: AF_UNIX, path })), 0);
  const inUse = {
    code: 'EADDRINUSE',
    path,
    message: `EADDRINUSE: bind ${path}: another socket has this path: choose another one`,
  };
  // Bound and not yet listening: its program is about to listen.
  assert.throws(() => new UnixListener({ path, replaceStale: true }), inUse);
  assert.equal(listen(left, 1), 0);
  assert.throws(() => new UnixListener({ path, replaceStale: true }), inUse);

  leaveStale(path, t);
  const stale = `${path}.stale`;
  assert.throws(() => new UnixListener({ path: stale }), {
    code: 'EADDRINUSE',
    message:
      `EADDRINUSE: bind ${stale}: it is left over from a program that has ended: ` + 'remove it, or give replaceStale',
  });
  await assert.rejects(UnixStream.connect({ path: stale }), {
    code: 'ECONNREFUSED',
    path: stale,
    message:
      `ECONNREFUSED: connect ${stale}: nobody listens there: ` +
      'the program that made it has ended, or it is no socket',
  });
  const listener = closing(t, new UnixListener({ path: stale, replaceStale: true }));
  closing(t, await UnixStream.connect({ path: stale }));
  listener.close();
  assert.ok(!existsSync(stale));
});

test('looking whether a file is left over leaves no trace at its listener', (t) => {
  const path = pathIn(t, 'socket');
  const listener = closing(t, new UnixListener({ path }));
  for (const options of [{ path }, { path, replaceStale: true }] satisfies UnixListenOptions[]) {
    assert.throws(() => new UnixListener(options), { code: 'EADDRINUSE' });
  }
  assert.equal(listener.tryAccept(), null, 'no connection came');
});

test('replaceStale never removes what is no socket, what has another type, and what a link points at', (t) => {
  const path = pathIn(t, 'file');
  writeFileSync(path, 'precious');
  const noSocket = `EADDRINUSE: bind ${path}: it exists and is no socket: choose another path`;
  assert.throws(() => new UnixListener({ path, replaceStale: true }), { code: 'EADDRINUSE', message: noSocket });

  const datagrams = `${path}.dgram`;
  const other = opened(t, socket(AF_UNIX, SOCK_DGRAM, 0));
  assert.equal(bind(other, encodeSockaddr({ family: AF_UNIX, path: datagrams })), 0);
  assert.throws(() => new UnixListener({ path: datagrams, replaceStale: true }), { code: 'EADDRINUSE' });

  leaveStale(path, t);
  symlinkSync(`${path}.stale`, `${path}.link`);
  assert.throws(() => new UnixListener({ path: `${path}.link`, replaceStale: true }), { code: 'EADDRINUSE' });
  mkdirSync(`${path}.folder`);
  assert.throws(() => new UnixListener({ path: `${path}.folder`, replaceStale: true }), { code: 'EADDRINUSE' });
  for (const kept of [path, datagrams, `${path}.stale`, `${path}.link`, `${path}.folder`]) {
    assert.ok(lstatSync(kept), kept);
  }
});

test('errors of a path say what is wrong with it, and nothing is left behind', (t) => {
  const path = pathIn(t, 'socket');
  const failing = (options: Partial<UnixListenOptions>, expected: object): void =>
    assert.throws(() => new UnixListener({ path, ...options }), expected);
  failing(
    { path: join(path, 'in', 'nothing') },
    { code: 'ENOENT', message: /: its directory does not exist: make it/ },
  );
  writeFileSync(path, '');
  failing({ path: join(path, 'below a file') }, { code: 'ENOTDIR', message: /: its directory does not exist/ });
  failing({ path: '' }, { name: 'RangeError', message: /must not be empty/ });
  failing({ path: 'x'.repeat(108) }, { name: 'RangeError', message: /at most 107 bytes: current length is 108/ });
  failing(
    { path: `\0${'x'.repeat(108)}` },
    { name: 'RangeError', message: /at most 108 bytes: current length is 109/ },
  );
  failing({ path: 'a\0b' }, { name: 'RangeError', message: /NUL/ });
  failing({ path: 7 as never }, { name: 'TypeError' });
  failing(
    { type: 'dgram' as never },
    { name: 'TypeError', message: /one of stream, seqpacket: current value is "dgram"/ },
  );
  failing({ type: 'toString' as never }, { name: 'TypeError' });
  failing({ backlog: -1 }, { name: 'RangeError', message: /'backlog'/ });
  failing({ mode: 0o1000 }, { name: 'RangeError', message: /'mode'/ });
  failing({ path: '\0name', mode: 0o600 }, { name: 'TypeError', message: /abstract name has no permissions/ });
  failing({ replaceStale: 1 as never }, { name: 'TypeError', message: /'replaceStale'/ });
});

test('a directory that may not be written to is EACCES', (t) => {
  const path = pathIn(t, 'socket');
  if (process.getuid?.() !== 0) {
    chmodSync(dirname(path), 0o500);
    assert.throws(() => new UnixListener({ path }), { code: 'EACCES', message: /not writable for this user$/ });
    return;
  }
  // root may write everywhere, so somebody else tries.
  expectScript(
    `import { UnixListener, UnixStream } from 'epoll-ts/net';
     const listener = new UnixListener({ path: ${JSON.stringify(path)}, mode: 0o600 });
     process.seteuid(65534);
     const line = ({ message }) => console.log(message.replace(${JSON.stringify(path)}, 'PATH'));
     try { new UnixListener({ path: ${JSON.stringify(`${path}2`)} }); } catch (error) { line(error); }
     await UnixStream.connect({ path: ${JSON.stringify(path)} }).catch(line);
     process.seteuid(0);
     listener.close();`,
    [
      'EACCES: bind PATH2: its directory is not writable for this user',
      'EACCES: connect PATH: connecting takes write permission on the socket file, ' +
        'and search permission on its directories',
    ],
  );
});

test('attach() refuses what is no listening unix socket, and leaves it open', (t) => {
  const [a] = UnixStream.pair();
  closing(t, a);
  assert.throws(() => UnixListener.attach(a), { name: 'TypeError', message: /must be listening/ });
  assert.ok(!a.closed);
  const datagrams = opened(t, socket(AF_UNIX, SOCK_DGRAM, 0));
  assert.throws(() => UnixListener.attach(datagrams), { name: 'TypeError', message: /family 1 and type 2/ });
  assert.throws(
    () => UnixListener.attach(1 << 20),
    (error) => error instanceof SystemError && error.code === 'EBADF',
  );
});

/** A socket file that no socket is bound to any more. */
function leaveStale(path: string, t: TestContext): void {
  new UnixListener({ path: `${path}.made` }).close();
  const listener = new UnixListener({ path: `${path}.made` });
  renameSync(`${path}.made`, `${path}.stale`);
  listener.close();
  t.after(() => undefined);
}

test('options of unix sockets are read once; an unknown one is refused with the nearest', async (t) => {
  const path = pathIn(t, 'socket');
  const refused = (run: () => unknown, message: RegExp): void => assert.throws(run, { name: 'TypeError', message });
  refused(
    () => new UnixListener({ path, mod: 0o600 } as never),
    /Cannot listen as 'mod' is unknown: did you mean 'mode'/,
  );
  refused(() => new UnixListener('/tmp/socket' as never), /'options' must be an object such as \{ path: /);
  refused(
    () => new UnixListener({} as never),
    /'path' as it must be a string or a Uint8Array: current value is undefined/,
  );
  refused(() => UnixStream.pair({ typ: 'seqpacket' } as never), /did you mean 'type'/);
  refused(() => UnixStream.pair('seqpacket' as never), /must be an object/);
  await assert.rejects(
    UnixStream.connect({ path, timeout: 5 } as never),
    /'timeout' is unknown: did you mean 'timeoutMs'/,
  );
  let asked = 0;
  const options = {
    get path() {
      return asked++ === 0 ? path : `${path}.other`;
    },
  };
  closing(t, new UnixListener(options));
  assert.equal(asked, 1);
  assert.ok(lstatSync(path).isSocket());
});
