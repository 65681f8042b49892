// findings() is pure: what it makes of data, and above all what it does not.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  findings,
  type InetSocketTarget,
  type InspectedEntry,
  type ProcessSnapshot,
  type Target,
} from 'epoll-ts/inspect';
import {
  EPOLLERR,
  EPOLLET,
  EPOLLEXCLUSIVE,
  EPOLLHUP,
  EPOLLIN,
  EPOLLONESHOT,
  EPOLLOUT,
  EPOLLPRI,
  EPOLLRDHUP,
} from 'epoll-ts/sys';
import { madeEntry, madeInstance, madeLooks, madeSnapshot } from './madeSnapshot.ts';

const codes = (samples: ProcessSnapshot | readonly ProcessSnapshot[]): string[] =>
  findings(samples).map(({ code }) => code);
const always = EPOLLERR | EPOLLHUP;
const thrice = (look: Partial<InspectedEntry>): Partial<InspectedEntry>[] => [look, look, look];
const busy = { runMs: 190, systemMs: 100 };

const tcp = (change: Partial<InetSocketTarget> = {}): InetSocketTarget => ({
  kind: 'tcp',
  inode: '200',
  local: { address: '127.0.0.1', port: 80 },
  peer: { address: '127.0.0.1', port: 4711 },
  state: 'ESTABLISHED',
  ...change,
});
const listener = tcp({ peer: null, state: 'LISTEN' });

test('nothing is wrong with no samples, no instances, and idle entries', () => {
  assert.deepEqual(codes([]), []);
  assert.deepEqual(codes(madeSnapshot([])), []);
  assert.deepEqual(codes(madeLooks(thrice({}), busy)), []);
});

test('oneshot-disarmed: at every look, not at one of them', () => {
  const disarmed = { armed: false, events: EPOLLONESHOT, ready: 0, condition: EPOLLIN };
  const armed = { events: EPOLLIN | EPOLLONESHOT | always };
  assert.deepEqual(codes(madeSnapshot([madeInstance([madeEntry(disarmed)])])), ['oneshot-disarmed']);
  assert.deepEqual(codes(madeLooks(thrice(disarmed))), ['oneshot-disarmed']);
  assert.deepEqual(codes(madeLooks([disarmed, armed, disarmed])), [], 'a handler was at work');
  assert.match(
    findings(madeLooks(thrice(disarmed)))[0]?.evidence ?? '',
    /at 3 looks in 200 ms, and there is something to read now/,
  );
});

test('ghost and ghost-reused: what is told of the number, and nothing else of the entry', () => {
  const held = [{ pid: 42, name: 'made', fd: 9 }];
  const ghost = { ghost: true, heldBy: held, ready: EPOLLIN, condition: EPOLLIN };
  assert.deepEqual(codes(madeLooks(thrice(ghost), busy)), ['ghost']);
  assert.match(
    findings(madeLooks(thrice(ghost)))[0]?.evidence ?? '',
    /^fd 5 is closed, but the entry watches pipe:\[100\] read end, kept open as fd 9 of made\(42\)$/,
  );
  assert.deepEqual(codes(madeLooks(thrice({ ...ghost, now: { kind: 'epoll' } }))), ['ghost-reused']);
  assert.deepEqual(codes(madeLooks(thrice({ ghost: null }))), [], 'what can not be told is no finding');
});

test('spin: level-triggered, ready, untaken, and a thread that makes system calls without end', () => {
  const unread = {
    ready: EPOLLIN,
    condition: EPOLLIN,
    backlog: { unread: 7, unsent: 0, received: 100, acknowledged: 0 },
    target: tcp(),
  };
  assert.deepEqual(codes(madeLooks(thrice(unread), busy)), ['spin']);
  assert.deepEqual(
    codes(madeLooks(thrice(unread), { runMs: 20, systemMs: 20, waitMs: 170 })),
    ['spin'],
    'on a machine with no time for it',
  );
  assert.deepEqual(codes(madeLooks(thrice(unread))), [], 'a thread that sleeps');
  assert.deepEqual(codes(madeLooks(thrice(unread), { runMs: 199, systemMs: 0 })), [], 'a thread that computes');
  assert.deepEqual(
    codes(madeLooks([unread, { ...unread, ready: 0, condition: 0 }, unread], busy)),
    [],
    'it was taken in between',
  );
  const more = { ...unread, backlog: { ...unread.backlog, received: 107 } };
  assert.deepEqual(codes(madeLooks([unread, more, more], busy)), [], 'a busy server: the same length, other bytes');
  assert.deepEqual(codes(madeLooks(thrice({ ...unread, events: (EPOLLIN | EPOLLET | always) >>> 0 }), busy)), [
    'edge-stall',
  ]);
  assert.deepEqual(codes(madeSnapshot([madeInstance([madeEntry(unread)])])), [], 'one look');
});

const shares = [
  ['a fifth of the time busy', { runMs: 40, systemMs: 40 }, ['spin']],
  ['less than a fifth', { runMs: 39, systemMs: 39 }, []],
  ['a twentieth of it in the kernel', { runMs: 100, systemMs: 5 }, ['spin']],
  ['less than a twentieth', { runMs: 100, systemMs: 4 }, []],
] as const;

for (const [title, times, expected] of shares) {
  test(`spin: a thread that is ${title}`, () => {
    const unread = {
      ready: EPOLLIN,
      condition: EPOLLIN,
      backlog: { unread: 7, unsent: 0, received: 1, acknowledged: 0 },
    };
    assert.deepEqual(codes(madeLooks(thrice({ ...unread, target: tcp() }), times)), expected);
  });
}

test('spin: an end of file that is not taken, connections that are not accepted, a counter that is not read', () => {
  const end = {
    ready: EPOLLIN | EPOLLRDHUP,
    condition: EPOLLIN | EPOLLRDHUP,
    events: EPOLLIN | EPOLLRDHUP | always,
    target: tcp({ state: 'CLOSE_WAIT' }),
  };
  const [found] = findings(madeLooks(thrice(end), busy));
  assert.match(
    `${found?.code} ${found?.evidence}`,
    /^spin .*the end of file is not taken; thread 42 \(made\) was busy 95 %/,
  );
  const backlog = { unread: 3, unsent: 0, received: null, acknowledged: null };
  const [waiting] = findings(
    madeLooks(thrice({ ready: EPOLLIN, condition: EPOLLIN, target: listener, backlog }), busy),
  );
  assert.match(`${waiting?.code} ${waiting?.evidence}`, /^spin .*3 connections wait to be accepted/);
  const eventfd = (count: string): Partial<InspectedEntry> => ({
    ready: EPOLLIN,
    condition: EPOLLIN,
    backlog: null,
    target: { kind: 'eventfd', count, id: 1, semaphore: false },
  });
  assert.deepEqual(codes(madeLooks(thrice(eventfd('1')), busy)), ['spin']);
  assert.deepEqual(codes(madeLooks([eventfd('1'), eventfd('2'), eventfd('1')], busy)), [], 'it is read and written');
});

test('out-idle: writable with nothing to send, level-triggered', () => {
  const out = {
    events: EPOLLIN | EPOLLOUT | always,
    ready: EPOLLOUT,
    condition: EPOLLOUT,
    target: tcp(),
    backlog: { unread: 0, unsent: 0, received: 5, acknowledged: 9 },
  };
  assert.deepEqual(codes(madeLooks(thrice(out))), ['out-idle'], 'whether or not it burns CPU time');
  assert.deepEqual(codes(madeLooks(thrice(out), busy)), ['out-idle'], 'and that is the reason when it does');
  assert.deepEqual(codes(madeLooks(thrice({ ...out, events: (out.events | EPOLLET) >>> 0 }))), [], 'edge-triggered');
  assert.deepEqual(codes(madeLooks(thrice({ ...out, ready: 0 }))), [], 'its buffer is full');
  assert.deepEqual(codes(madeLooks(thrice({ ...out, backlog: { ...out.backlog, unsent: 100 } }))), [], 'it is sending');
  const sent = { ...out, backlog: { ...out.backlog, acknowledged: 10 } };
  assert.deepEqual(codes(madeLooks([out, sent, sent])), [], 'it has sent');
  const eventfd: Target = { kind: 'eventfd', count: '0', id: 1, semaphore: false };
  assert.deepEqual(
    codes(madeLooks(thrice({ ...out, target: eventfd, backlog: null }))),
    [],
    'an eventfd is always writable, and nobody asks for it by mistake',
  );
});

test('edge-stall: unread data that stays', () => {
  const left = {
    events: (EPOLLIN | EPOLLET | always) >>> 0,
    ready: EPOLLIN,
    condition: EPOLLIN,
    backlog: { unread: 2, unsent: null, received: null, acknowledged: null },
  };
  assert.deepEqual(codes(madeLooks(thrice(left))), ['edge-stall']);
  const less = { ...left, backlog: { ...left.backlog, unread: 1 } };
  assert.deepEqual(codes(madeLooks([left, less, less])), [], 'somebody reads');
  assert.deepEqual(
    codes(madeLooks(thrice({ ...left, backlog: { ...left.backlog, unread: 0 } }))),
    [],
    'an end of file, which may have been seen',
  );
  const eventfd: Target = { kind: 'eventfd', count: '1', id: 1, semaphore: false };
  assert.deepEqual(
    codes(madeLooks(thrice({ ...left, target: eventfd, backlog: null }))),
    [],
    'a wake-up that is never read',
  );
  assert.deepEqual(
    codes(madeLooks(thrice({ ...left, target: listener }))),
    ['edge-stall'],
    'connections left in the queue',
  );
});

test('hup-pending and err-pending: on what has two ends, armed, at every look', () => {
  const hup = { ready: EPOLLHUP, condition: EPOLLHUP };
  assert.deepEqual(codes(madeLooks(thrice(hup))), ['hup-pending']);
  assert.deepEqual(codes(madeLooks([{}, hup, hup])), [], 'it has just come');
  assert.deepEqual(
    codes(madeLooks(thrice({ ready: EPOLLIN | EPOLLHUP | EPOLLERR, condition: EPOLLIN | EPOLLHUP | EPOLLERR }))),
    ['err-pending'],
  );
  const pidfd: Target = { kind: 'pidfd', pid: null, name: null };
  assert.deepEqual(
    codes(madeLooks(thrice({ ready: EPOLLIN | EPOLLHUP, condition: EPOLLIN | EPOLLHUP, target: pidfd }))),
    ['hup-pending'],
  );
  const sysfs: Target = { kind: 'file', path: '/sys/class/gpio/gpio1/value' };
  assert.deepEqual(
    codes(
      madeLooks(
        thrice({
          ready: EPOLLPRI | EPOLLERR,
          condition: EPOLLPRI | EPOLLERR,
          events: EPOLLPRI | always,
          target: sysfs,
        }),
      ),
    ),
    [],
  );
  const unknown = { ready: null, condition: null, backlog: null, notPolled: 'permission' as const };
  assert.deepEqual(codes(madeLooks(thrice(unknown), busy)), [], 'readiness that may not be asked for');
});

test('herd: several instances without EPOLLEXCLUSIVE wait for input of one file', () => {
  const entry = (change: Partial<InspectedEntry> = {}): InspectedEntry => madeEntry({ target: listener, ...change });
  const two = (a: InspectedEntry, b: InspectedEntry): ProcessSnapshot =>
    madeSnapshot([madeInstance([a]), madeInstance([b], { fd: 4, fds: [4] })]);
  const exclusive = { events: EPOLLIN | EPOLLEXCLUSIVE | always };
  assert.deepEqual(codes(two(entry(), entry())), ['herd']);
  assert.deepEqual(codes(two(entry(), entry({ fd: 9 }))), ['herd'], 'under another number');
  assert.deepEqual(codes(two(entry(exclusive), entry(exclusive))), []);
  assert.deepEqual(codes(two(entry(), entry(exclusive))), [], 'one instance is no herd');
  assert.deepEqual(codes(two(entry(), entry({ events: EPOLLOUT | EPOLLET | always }))), [], 'one reads, one writes');
  assert.deepEqual(codes(two(entry(), entry({ target: tcp({ inode: '201' }) }))), [], 'two sockets');
  assert.deepEqual(codes(two(entry(), entry({ ghost: true, heldBy: [] }))), ['ghost']);
  assert.deepEqual(codes(madeSnapshot([madeInstance([entry(), entry({ fd: 6 })])])), [], 'twice in one instance');
  const eventfd = (semaphore: boolean): InspectedEntry =>
    entry({ target: { kind: 'eventfd', count: '0', id: 7, semaphore } });
  assert.deepEqual(codes(two(eventfd(false), eventfd(false))), [], 'a message to all');
  assert.deepEqual(codes(two(eventfd(true), eventfd(true))), ['herd'], 'one of them gets it');
});

test('herd: the other instances may be in other processes', () => {
  const snapshot = (events: number): ProcessSnapshot =>
    madeSnapshot([madeInstance([madeEntry({ target: listener })])], {
      otherWatchers: [{ inode: '200', pid: 43, name: 'worker', epfd: 8, events }],
    });
  const [found, ...others] = findings(snapshot(EPOLLIN | always));
  assert.match(`${found?.code} ${found?.evidence}`, /^herd .*by epoll fd 3, epoll fd 8 of worker\(43\)$/);
  assert.deepEqual(others, []);
  assert.deepEqual(codes(snapshot(EPOLLIN | EPOLLEXCLUSIVE | always)), []);
});

test('nesting: from three in a chain on, told at its outermost', () => {
  const chain = (length: number): ProcessSnapshot =>
    madeSnapshot(
      Array.from({ length }, (_, level) =>
        madeInstance([], {
          fd: 10 + level,
          fds: [10 + level],
          depth: length - level,
          watchedBy: level === 0 ? [] : [9 + level],
        }),
      ),
    );
  assert.deepEqual(codes(chain(1)), []);
  assert.deepEqual(codes(chain(2)), [], "a library's instance in the host's loop");
  assert.deepEqual(
    findings(chain(3)).map(({ code, epfd }) => [code, epfd]),
    [['nesting', 10]],
  );
  assert.deepEqual(codes(chain(5)), ['nesting']);
});

test('watches: from 80 % of the limit on', () => {
  const snapshot = (counted: number): ProcessSnapshot =>
    madeSnapshot([], { watchLimit: { max: 1000, counted, processes: 2 } });
  assert.deepEqual(codes(snapshot(799)), []);
  assert.deepEqual(codes(snapshot(800)), ['watches']);
  assert.deepEqual(codes(madeSnapshot([], { watchLimit: null })), []);
});

test('leaked: who has it at the last look, too', () => {
  const holder = { pid: 43, name: 'child', fd: 3, relation: 'child' as const, sameProgram: false };
  const shared = (sharedWith: (typeof holder)[] | null): ProcessSnapshot =>
    madeSnapshot([madeInstance([], { sharedWith, closeOnExec: false })]);
  assert.deepEqual(codes(shared([holder])), ['leaked']);
  assert.match(findings(shared([holder]))[0]?.advice ?? '', /EPOLL_CLOEXEC/);
  assert.match(findings(shared([{ ...holder, sameProgram: true }]))[0]?.advice ?? '', /after fork/);
  assert.deepEqual(codes([shared([holder]), shared(null), shared([holder])]), ['leaked']);
  assert.deepEqual(codes([shared([holder]), shared(null), shared([])]), [], 'a child between fork and exec');
  assert.deepEqual(codes(shared(null)), [], 'not known');
});

test('a finding says where, what was seen, why it matters and what to do', () => {
  for (const finding of findings(madeLooks(thrice({ ready: EPOLLHUP, condition: EPOLLHUP })))) {
    assert.deepEqual([finding.epfd, finding.fd], [3, 5]);
    for (const text of [finding.evidence, finding.why, finding.advice]) assert.ok(text.length > 20, text);
  }
});
