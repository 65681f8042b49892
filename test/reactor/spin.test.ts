// The warning for a loop that spins: given once for what nobody drains, never for what is busy.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { expectScript, runScript } from '../support/childScript.ts';

/** More turns than the watch takes to make up its mind, several times over. */
const manyTurns = 50_000;

const setUp = `
  import { EventFd, Pipe, Reactor, TimerFd } from 'epoll-ts';
  import * as sys from 'epoll-ts/sys';
  const warnings = [];
  process.on('warning', (warning) => warnings.push(warning));
  const reactor = new Reactor();
  const turns = async (until) => { while (!until()) await new Promise(setImmediate); };
  const report = async () => {
    await new Promise(setImmediate);
    for (const { name, code, message } of warnings) console.log(name, code, message);
    process.exit();
  };
`;
const quiet = { flags: ['--no-warnings'] };

/** Runs a script that spins, and answers what was warned of. */
function spinning(script: string): readonly string[] {
  const { lines, stderr, status } = runScript(`${setUp}${script} await report();`, quiet);
  assert.equal(stderr, '');
  assert.equal(status, 0);
  return lines;
}

const spinners = {
  'an eventfd that is never read': 'const target = new EventFd({ initial: 1n }); const interest = { readable: true };',
  'an idle socket that is watched for writing': `
    const [ours] = sys.socketpair(sys.AF_UNIX, sys.SOCK_STREAM | sys.SOCK_NONBLOCK, 0);
    const target = { fd: ours }; const interest = { readable: true, writable: true };`,
  'an idle pipe that is watched for writing':
    'const pipe = globalThis.kept = new Pipe(); const target = pipe.writer; const interest = { writable: true };',
  'a pipe whose end is not heeded': `
    const pipe = new Pipe(); pipe.writer.close();
    const target = pipe.reader; const interest = { readable: true };
    const into = new Uint8Array(8); var drain = () => pipe.reader.read(into);`,
  'an empty interest with a hangup':
    'const pipe = new Pipe(); pipe.writer.close(); const target = pipe.reader; const interest = {};',
  'a timer that is not read':
    'const target = new TimerFd(); target.set({ afterNs: 1n }); const interest = { readable: true };',
  'an epoll instance that nobody waits on': `
    const inner = new EventFd({ initial: 1n }); const nested = sys.epoll_create1(0);
    sys.epoll_ctl(nested, sys.EPOLL_CTL_ADD, inner.fd, sys.EPOLLIN);
    const target = { fd: nested }; const interest = { readable: true };`,
};

for (const [what, target] of Object.entries(spinners)) {
  test(`${what} warns once, and names the descriptor, its file and the way out`, () => {
    const lines = spinning(`
      ${target}
      let calls = 0;
      const act = typeof drain === 'function' ? drain : () => {};
      reactor.register(target, interest, () => { calls++; act(); });
      await turns(() => warnings.length > 0 || calls > 10 * ${manyTurns});
      const warned = calls;
      await turns(() => calls > warned + ${manyTurns});
      console.log(target.fd);`);
    const [fd, warning, ...more] = lines;
    assert.deepEqual(more, []);
    assert.match(warning ?? '', new RegExp(`^EpollSpinWarning EPOLL_TS_SPIN fd ${fd} \\((?:anon_inode|pipe|socket):`));
    assert.match(warning ?? '', /level-triggered.*Drain it.*'edge' or 'oneshot'$/);
  });
}

test('two that spin are both warned of', () => {
  const lines = spinning(`
    const counters = [new EventFd({ initial: 1n }), new EventFd({ initial: 1n })];
    let calls = 0;
    for (const counter of counters) reactor.register(counter, { readable: true }, () => void calls++);
    await turns(() => warnings.length > 1 || calls > 20 * ${manyTurns});`);
  assert.equal(lines.length, 2);
});

test('one that spins is found beside a suspect that has fallen silent', () => {
  const lines = spinning(`
    const [first, second] = [new EventFd({ initial: 1n }), new EventFd()];
    let calls = 0;
    // Suspected at 10,000 turns, and read before the watch is sure.
    reactor.register(first, { readable: true }, () => { if (++calls === 10_010) { first.read(); second.write(); } });
    reactor.register(second, { readable: true }, () => void calls++);
    await turns(() => warnings.length > 0 || calls > 10 * ${manyTurns});
    console.log(second.fd);`);
  assert.equal(lines.length, 2);
  assert.match(lines[1] ?? '', new RegExp(`fd ${lines[0]} `));
});

test('in a blocking reactor the warning comes as well, when the thread is free to give it', () => {
  const lines = spinning(`
    const counter = new EventFd({ initial: 1n });
    let calls = 0;
    reactor.register(counter, { readable: true }, () => { if (++calls === 4 * ${manyTurns}) reactor.stop(); });
    reactor.run();
    await turns(() => warnings.length > 0);`);
  assert.equal(lines.length, 1);
});

/** Busy descriptors: each script registers, and ends when \`count\` has reached the many turns. */
const busy = {
  'a pipe that is written and read on each turn': `
    const { reader, writer } = new Pipe();
    const [one, into] = [Buffer.from('x'), new Uint8Array(8)];
    writer.write(one);
    reactor.register(reader, { readable: true }, () => { reader.read(into); writer.write(one); count++; });`,
  'a pipe that is drained in a promise': `
    const { reader, writer } = new Pipe();
    const [one, into] = [Buffer.from('x'), new Uint8Array(8)];
    writer.write(one);
    reactor.register(reader, { readable: true }, async () => { await null; reader.read(into); writer.write(one); count++; });`,
  'a pipe that is drained in an immediate': `
    const { reader, writer } = new Pipe();
    const [one, into] = [Buffer.from('x'), new Uint8Array(8)];
    writer.write(one);
    reactor.register(reader, { readable: true }, () => { count++; setImmediate(() => { reader.read(into); writer.write(one); }); });`,
  'a pipe that is always full, and read a byte at a time': `
    const { reader, writer } = new Pipe();
    const [much, into] = [new Uint8Array(1 << 16), new Uint8Array(1)];
    while (writer.write(much) !== false);
    reactor.register(reader, { readable: true }, () => { reader.read(into); count++; });`,
  'a pipe that is written and read, watched for writing': `
    const { reader, writer } = new Pipe();
    const [one, into] = [Buffer.from('x'), new Uint8Array(8)];
    reactor.register(writer, { writable: true }, () => { writer.write(one); count++; });
    reactor.register(reader, { readable: true }, () => { reader.read(into); });`,
  'a socket pair that is written and read, watched for writing': `
    const [a, b] = sys.socketpair(sys.AF_UNIX, sys.SOCK_STREAM | sys.SOCK_NONBLOCK, 0);
    const [one, into] = [Buffer.from('x'), Buffer.alloc(8)];
    reactor.register(a, { writable: true }, () => { sys.send(a, one, 0); count++; });
    reactor.register(b, { readable: true }, () => { sys.recv(b, into, 0); });`,
  'a TCP connection that is written and read, watched for writing': `
    const address = { family: sys.AF_INET, address: '127.0.0.1', port: 0 };
    const listener = sys.socket(sys.AF_INET, sys.SOCK_STREAM, 0);
    sys.bind(listener, sys.encodeSockaddr(address));
    sys.listen(listener, 1);
    const name = new sys.SockaddrBuffer();
    sys.getsockname(listener, name);
    const a = sys.socket(sys.AF_INET, sys.SOCK_STREAM, 0);
    sys.connect(a, sys.encodeSockaddr(name.decode()));
    const b = sys.accept4(listener, null, sys.SOCK_NONBLOCK);
    const [one, into] = [Buffer.from('x'), Buffer.alloc(8)];
    reactor.register(a, { writable: true }, () => { sys.send(a, one, 0); count++; });
    reactor.register(b, { readable: true }, () => { sys.recv(b, into, 0); });`,
  'a UDP socket that sends on each turn': `
    const to = sys.encodeSockaddr({ family: sys.AF_INET, address: '127.0.0.1', port: 9 });
    const a = sys.socket(sys.AF_INET, sys.SOCK_DGRAM | sys.SOCK_NONBLOCK, 0);
    const one = Buffer.from('x');
    reactor.register(a, { writable: true }, () => { sys.sendto(a, one, 0, to); count++; });`,
  'an eventfd that is written and read on each turn': `
    const counter = new EventFd({ initial: 1n });
    reactor.register(counter, { readable: true, writable: true }, () => { counter.read(); counter.write(); count++; });`,
  'a semaphore with much in it, taken one at a time': `
    const counter = new EventFd({ initial: 10n ** 9n, semaphore: true });
    reactor.register(counter, { readable: true }, () => { counter.read(); count++; });`,
  'a device that always has something, and is read': `
    const random = sys.open('/dev/random', sys.O_NONBLOCK);
    const into = new Uint8Array(16);
    reactor.register(random, { readable: true }, () => { sys.read(random, into); count++; });`,
  'edge- and one-shot-triggered registrations, however often they are armed': `
    const counter = new EventFd({ initial: 1n });
    reactor.register(counter, { readable: true, trigger: 'oneshot' }, (_, registration) => { registration.rearm(); count++; });
    const other = new EventFd({ initial: 1n });
    reactor.register(other, { readable: true, trigger: 'edge' }, (_, registration) => { registration.rearm(); });`,
};

for (const [what, script] of Object.entries(busy)) {
  test(`${what} is never warned of, in ${manyTurns} turns`, () => {
    expectScript(
      `${setUp} let count = 0; ${script} await turns(() => count >= ${manyTurns}); await report();`,
      [],
      quiet,
    );
  });
}

test('the watch leaves no descriptor behind', () => {
  const lines = spinning(`
    const { nothingLeftOpen, openDescriptors } = await import('./build/test/support/openDescriptors.js');
    const counters = [new EventFd({ initial: 1n }), new EventFd({ initial: 1n })];
    let calls = 0;
    const registrations = counters.map((counter) => reactor.register(counter, { readable: true }, () => void calls++));
    await turns(() => calls > 10);
    const before = openDescriptors();
    // At the first warning the other is under suspicion, or about to be.
    await turns(() => warnings.length > 0 && calls > 40_000);
    warnings.length = 0;
    for (const registration of registrations) registration.close();
    registrations[0] = reactor.register(counters[0], { readable: true }, () => {});
    nothingLeftOpen(before);
    console.log('nothing');`);
  assert.deepEqual(lines, ['nothing']);
});

test('a ghost that goes on to report warns once, and names the number', () => {
  const lines = spinning(`
    const fd = sys.eventfd(1, sys.EFD_CLOEXEC);
    const copy = sys.dup(fd);
    let calls = 0;
    const registration = reactor.register(fd, { readable: true }, () => void calls++);
    sys.close(fd);
    await turns(() => calls > 10);
    registration.close();
    const closed = calls;
    // The loop must turn for the ghost to be seen: another registration keeps the reactor attached.
    reactor.register(new EventFd(), { readable: true }, () => {});
    await turns(() => warnings.length > 0);
    await turns(() => reactor.snapshot().stale > 5_000);
    const { ghosts, stale } = reactor.snapshot();
    console.log(fd, calls === closed, ghosts.length, ghosts[0].fd === fd, ghosts[0].ghost !== false, stale > 1_000);`);
  const [facts, warning, ...more] = lines;
  const [fd, ...rest] = (facts ?? '').split(' ');
  assert.deepEqual(rest, ['true', '1', 'true', 'true', 'true']);
  assert.match(
    warning ?? '',
    new RegExp(`^EpollGhostWarning EPOLL_TS_GHOST Events keep arriving for fd ${fd}, whose registration`),
  );
  assert.deepEqual(more, []);
});
