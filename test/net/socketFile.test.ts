import assert from 'node:assert/strict';
import { existsSync, lstatSync } from 'node:fs';
import { test } from 'node:test';
import { UnixListener, UnixStream } from 'epoll-ts/net';
import { AF_UNIX, bind, close, encodeSockaddr, SOCK_CLOEXEC, SOCK_STREAM, socket } from 'epoll-ts/sys';
import { expectScript } from '../support/childScript.ts';
import { closing, pathIn } from '../support/closing.ts';
import { nothingLeftOpen, openDescriptors } from '../support/openDescriptors.ts';

/** Script text: `hooked(name, before)` runs `before(path, count)` in front of a function of node:fs. */
const hooks = `
  import fs from 'node:fs';
  import { syncBuiltinESMExports } from 'node:module';
  function hooked(name, before) {
    const real = fs[name];
    let [count, within] = [0, false];
    fs[name] = (...args) => {
      if (!within) {
        within = true;
        before(args[0], ++count);
        within = false;
      }
      return real(...args);
    };
    syncBuiltinESMExports();
  }`;

/** A socket file that no socket is bound to any more. */
function leaveStale(path: string): void {
  const fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  assert.equal(bind(fd, encodeSockaddr({ family: AF_UNIX, path })), 0);
  close(fd);
}

test('mode never goes through a link: who exchanges the fresh file changes no other one', (t) => {
  const path = pathIn(t, 'socket');
  for (const at of ['lstatSync', 'fstatSync']) {
    expectScript(
      `${hooks}
       import { UnixListener } from 'epoll-ts/net';
       process.umask(0o022);
       const path = ${JSON.stringify(path)};
       const secret = path + '.${at}';
       fs.writeFileSync(secret, 'secret', { mode: 0o600 });
       hooked(${JSON.stringify(at)}, () => {
         fs.rmSync(path, { force: true });
         fs.symlinkSync(secret, path);
       });
       try { new UnixListener({ path, mode: 0o666 }); } catch (error) { console.log(error.code); }
       console.log((fs.statSync(secret).mode & 0o777).toString(8));
       fs.rmSync(path, { force: true });
       process.exit();`,
      at === 'lstatSync' ? ['ENOENT', '600'] : ['600'],
    );
  }
});

test('a socket file with a mode is never wider on the way, whatever the umask', (t) => {
  const path = pathIn(t, 'socket');
  expectScript(
    `${hooks}
     import { UnixListener } from 'epoll-ts/net';
     const path = ${JSON.stringify(path)};
     const seen = [];
     const folder = ${JSON.stringify(path.slice(0, -7))};
     const look = () => { if (fs.readdirSync(folder).includes('socket')) seen.push(modeOf()); };
     const modeOf = () => fs.statSync(path).mode & 0o777;
     for (const name of ['lstatSync', 'fstatSync', 'chmodSync']) hooked(name, look);
     for (const umask of [0, 0o022, 0o077]) {
       for (const mode of [0o600, 0o640, 0o666]) {
         process.umask(umask);
         const listener = new UnixListener({ path, mode });
         look();
         const wider = seen.splice(0).filter((each) => (each & ~mode) !== 0);
         if (wider.length > 0 || modeOf() !== mode) console.log('umask', umask, 'mode', mode, wider);
         listener.close();
         seen.length = 0;
       }
     }
     console.log('looked');`,
    ['looked'],
  );
});

test('a live socket that was put in the place of the stale one behind the look is kept', (t) => {
  const path = pathIn(t, 'socket');
  leaveStale(path);
  expectScript(
    `${hooks}
     import { UnixListener, UnixStream } from 'epoll-ts/net';
     const path = ${JSON.stringify(path)};
     const other = new UnixListener({ path: path + '.other' });
     hooked('lstatSync', (asked, count) => {
       if (count === 2) fs.renameSync(path + '.other', path);
     });
     try { new UnixListener({ path, replaceStale: true }); } catch ({ code }) { console.log(code); }
     const client = await UnixStream.connect({ path });
     (await other.accept()).close();
     client.close();
     console.log('reached');
     process.exit();`,
    ['EADDRINUSE', 'reached'],
  );
});

test('of many programs that replace one stale file at once, one has it, and it is reached', (t) => {
  const path = pathIn(t, 'socket');
  expectScript(
    `import { renameSync } from 'node:fs';
     import { Worker } from 'node:worker_threads';
     import { once } from 'node:events';
     import { UnixListener, UnixStream } from 'epoll-ts/net';
     const path = ${JSON.stringify(path)};
     const gate = new Int32Array(new SharedArrayBuffer(8));
     const code = \`
       const { parentPort, workerData: { gate, path } } = require('node:worker_threads');
       import('epoll-ts/net').then(({ UnixListener }) => {
         let mine;
         parentPort.on('message', (round) => {
           mine?.close();
           Atomics.add(gate, 1, 1);
           while (Atomics.load(gate, 0) < round);
           try {
             mine = new UnixListener({ path, replaceStale: true });
             parentPort.postMessage('has it');
           } catch ({ code }) { parentPort.postMessage(code); }
         });
         parentPort.postMessage('ready');
       });\`;
     const options = { eval: true, execArgv: [], workerData: { gate, path } };
     const workers = Array.from({ length: 3 }, () => new Worker(code, options));
     await Promise.all(workers.map((worker) => once(worker, 'message')));
     const told = [];
     for (let round = 1; round <= 100; round++) {
       // Stale: the file stays when its socket is closed.
       const made = new UnixListener({ path: path + '.made' });
       renameSync(path + '.made', path);
       made.close();
       Atomics.store(gate, 1, 0);
       const answers = workers.map(async (worker) => {
         const answer = once(worker, 'message');
         worker.postMessage(round);
         return (await answer)[0];
       });
       while (Atomics.load(gate, 1) < 3) await new Promise(setImmediate);
       Atomics.store(gate, 0, round);
       const all = (await Promise.all(answers)).toSorted().join();
       const client = await UnixStream.connect({ path }).catch(({ code }) => code);
       if (all !== 'EADDRINUSE,EADDRINUSE,has it') told.push(all);
       if (typeof client === 'string') told.push(client);
       else client.close();
     }
     console.log(told.length === 0 ? 'one each time' : told.join(' '));
     process.exit();`,
    ['one each time'],
  );
});

test('replacing and looking leave no descriptor', (t) => {
  const path = pathIn(t, 'socket');
  const live = closing(t, new UnixListener({ path }));
  leaveStale(`${path}.stale`);
  const before = openDescriptors();
  for (const options of [{ path }, { path, replaceStale: true }, { path: `${path}.stale` }]) {
    assert.throws(() => new UnixListener(options), { code: 'EADDRINUSE' });
  }
  new UnixListener({ path: `${path}.stale`, replaceStale: true, mode: 0o777 }).close();
  nothingLeftOpen(before);
  assert.equal(live.localPath, path);
});

test('detach() and then close(), as `using` does, leaves the new owner’s file', (t) => {
  const path = pathIn(t, 'socket');
  const first = new UnixListener({ path });
  const owner = closing(t, UnixListener.attach(first.detach()));
  first.close();
  first[Symbol.dispose]();
  assert.ok(existsSync(path));
  assert.equal(owner.localPath, path);
});

test('names that are not UTF-8 are bytes, abstract or files, and can be connected to', async (t) => {
  const name = Buffer.concat([Buffer.from([0, 0xff, 0xfe]), Buffer.from(` ${process.pid}`)]);
  const file = Buffer.concat([Buffer.from(pathIn(t, '')), Buffer.from([0x61, 0xff])]);
  for (const path of [name, file]) {
    const listener = closing(t, new UnixListener({ path, ...(path === file ? { mode: 0o600 } : {}) }));
    assert.deepEqual(Buffer.from(listener.localPath as Uint8Array), path);
    const client = closing(t, await UnixStream.connect({ path: listener.localPath ?? '' }));
    const server = closing(t, await listener.accept());
    assert.deepEqual(Buffer.from(client.remotePath as Uint8Array), path);
    assert.deepEqual(Buffer.from(server.localPath as Uint8Array), path);
    assert.throws(() => new UnixListener({ path }), { code: 'EADDRINUSE', message: /(?:@\\xff\\xfe|a\\xff)/ });
    if (path === file) assert.equal(lstatSync(path).mode & 0o777, 0o600);
    listener.close();
  }
  assert.ok(!existsSync(file));
  leaveStale(pathIn(t, 'unused'));
  const text = closing(t, new UnixListener({ path: Buffer.from(`\0text ${process.pid}`) }));
  assert.equal(text.localPath, `\0text ${process.pid}`, 'what is UTF-8 is a string');
});

test('bytes that are no name are refused as a string is', () => {
  const wrong: readonly [unknown, RegExp][] = [
    [new Uint8Array(0), /^RangeError: .*must not be empty/],
    [Uint8Array.of(0x61, 0, 0x62), /^RangeError: .*NUL byte/],
    [new Uint8Array(108).fill(0x61), /^RangeError: .*at most 107 bytes: current length is 108/],
    [new Uint8Array(109), /^RangeError: .*at most 108 bytes: current length is 109/],
    [[0x61], /^TypeError: .*a string or a Uint8Array: current value is an array/],
  ];
  for (const [path, message] of wrong) assert.throws(() => new UnixListener({ path: path as string }), message);
});
