// What the garbage collector may and may not take.
import { test } from 'node:test';
import { expectScript } from '../support/childScript.ts';

const flags = ['--expose-gc', '--no-warnings'];
// What a WeakRef was asked for stays until the job at hand is over: each turn begins with a new one.
const collect = `
  const turn = async () => { await new Promise(setImmediate); gc(); await new Promise(setImmediate); };
  const untilCollected = async () => {
    let told = false;
    process.once('warning', () => (told = true));
    while (!told) await turn();
    await turn();
  };`;

test('a SignalFd that is collected unblocks its signals, and those that are pending do nothing', () => {
  const source = `
    import { SignalFd } from 'epoll-ts';
    import { gettid, SIGHUP, SIGUSR2, tgkill } from 'epoll-ts/sys';
    import { blockedSignals } from './build/test/support/blockedSignals.js';
    ${collect}
    const before = blockedSignals().join();
    const kept = new SignalFd(['SIGUSR2'], { directed: 'thread' });
    (() => void new SignalFd(['SIGHUP', 'SIGUSR2'], { directed: 'thread' }))();
    tgkill(process.pid, gettid(), SIGHUP);
    await untilCollected();
    console.log(blockedSignals().includes(SIGHUP), blockedSignals().includes(SIGUSR2));
    kept.close();
    console.log(blockedSignals().join() === before);`;
  expectScript(source, ['false true', 'true'], { flags });
});

test('a FileHandle that is in the list of an Epoll is not collected, and not closed', () => {
  const source = `
    import { spawnSync } from 'node:child_process';
    import { mkdtempSync, rmSync } from 'node:fs';
    import { open } from 'node:fs/promises';
    import { Epoll } from 'epoll-ts';
    import { EPOLLIN } from 'epoll-ts/sys';
    ${collect}
    const folder = mkdtempSync('/tmp/epoll-collected-');
    spawnSync('mkfifo', [folder + '/fifo']);
    const ep = new Epoll();
    const add = async () => {
      const file = await open(folder + '/fifo', 'r+');
      ep.add(file, EPOLLIN);
      return new WeakRef(file);
    };
    const file = await add();
    for (let round = 0; round < 20; round++) await turn();
    console.log(file.deref() !== undefined, ep.entries().length);
    // Closed by hand: on Node 26 a FileHandle that the collector closes is an uncaught error.
    ep.delete(file.deref());
    await file.deref().close();
    ep.close();
    rmSync(folder, { recursive: true });`;
  expectScript(source, ['true 1'], { flags });
});

test('a descriptor that was given away by detach() is not closed by the collector', () => {
  const source = `
    import { EventFd } from 'epoll-ts';
    import { TcpListener } from 'epoll-ts/net';
    import { F_GETFD, fcntl } from 'epoll-ts/sys';
    ${collect}
    const numbers = [];
    (() => void numbers.push(new TcpListener({ address: '127.0.0.1', port: 0 }).detach()))();
    // Of one that was not detached the collector tells: it has come to the others as well.
    (() => void new EventFd())();
    await untilCollected();
    for (let round = 0; round < 20; round++) await turn();
    console.log(numbers.map((fd) => fcntl(fd, F_GETFD)).join());`;
  expectScript(source, ['1'], { flags });
});

const forgotten = [
  [
    'an Epoll forgets what was closed while it was in its list',
    `const ep = new Epoll();
     const made = () => { const it = new EventFd(); ep.add(it, EPOLLIN); it.close(); return new WeakRef(it); };
     const after = () => ep.close();`,
  ],
  [
    'a Reactor forgets what was closed while it was registered',
    `const reactor = new Reactor();
     const made = () => {
       const it = new EventFd();
       reactor.register(it, { readable: true }, () => {});
       it.close();
       return new WeakRef(it);
     };
     const after = () => reactor.close();`,
  ],
  [
    'an Inotify forgets a watch that has ended, once its IN_IGNORED was read',
    `const inotify = new Inotify();
     const made = () => {
       const it = inotify.watch('/tmp', IN_CREATE);
       inotify.unwatch(it);
       if (inotify.read()?.[0].mask !== IN_IGNORED) throw new Error('IN_IGNORED should have come');
       return new WeakRef(it);
     };
     const after = () => inotify.close();`,
  ],
] as const;

for (const [title, source] of forgotten) {
  test(title, () => {
    const program = `
      import { Epoll, EventFd, Inotify, Reactor } from 'epoll-ts';
      import { EPOLLIN, IN_CREATE, IN_IGNORED } from 'epoll-ts/sys';
      ${source}
      ${collect}
      const weak = made();
      for (let round = 0; round < 200 && weak.deref() !== undefined; round++) await turn();
      console.log(weak.deref() === undefined);
      after();`;
    expectScript(program, ['true'], { flags });
  });
}
