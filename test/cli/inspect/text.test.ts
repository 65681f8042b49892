// How reports are written: tables, rows, trees, colours.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EpollInstance, Target } from 'epoll-ts/inspect';
import { EPOLLERR, EPOLLEXCLUSIVE, EPOLLHUP, EPOLLIN, EPOLLONESHOT, EPOLLRDHUP } from 'epoll-ts/sys';
import { entryRow } from '#epoll/cli/inspect/entryRow.js';
import { nestingTree } from '#epoll/cli/inspect/nestingTree.js';
import { paintWith } from '#epoll/cli/inspect/paint.js';
import { reportLines } from '#epoll/cli/inspect/reportText.js';
import { textTable } from '#epoll/cli/inspect/textTable.js';
import { targetText } from '#epoll/inspect/findings/targetText.js';
import { madeEntry, madeInstance, madeSnapshot } from '../../inspect/findings/madeSnapshot.ts';

test('a table is as wide as its cells, and a wide column gives way to the terminal', () => {
  const columns = [{ title: 'FD', align: 'right' as const }, { title: 'WHAT', shrinks: true }, { title: 'X' }];
  const rows = [
    ['5', 'short', 'a'],
    ['10', 'a text that is longer than others', 'b'],
  ];
  assert.deepEqual(textTable(columns, rows, Infinity), [
    'FD  WHAT                               X',
    ' 5  short                              a',
    '10  a text that is longer than others  b',
  ]);
  assert.deepEqual(textTable(columns, rows, 30)[2], '10  a text that is longer …  b');
  assert.deepEqual(textTable(columns, rows, 5)[2], '10  a text that is long…  b', 'but never below 20 characters');
  assert.deepEqual(textTable(columns, [], 80), ['FD  WHAT  X']);
});

test('a row has short names, the trigger apart, and data without its zeros', () => {
  assert.deepEqual(
    entryRow(madeEntry({ events: EPOLLIN | EPOLLRDHUP | EPOLLEXCLUSIVE | EPOLLERR | EPOLLHUP, ready: EPOLLIN })),
    ['5', 'pipe:[100] read end', 'IN|RDHUP', 'level exclusive', '0x5', 'armed', 'IN'],
  );
  assert.deepEqual(
    entryRow(
      madeEntry({ events: EPOLLONESHOT, armed: false, ready: 0, condition: EPOLLIN, data: '0x0000000000000000' }),
    ).slice(2),
    ['-', 'oneshot', '0x0', 'disarmed', '- (IN)'],
  );
  assert.deepEqual(entryRow(madeEntry({ ghost: true })).slice(5, 6), ['ghost (fd closed)']);
  assert.deepEqual(entryRow(madeEntry({ ghost: true, now: { kind: 'epoll' } })).slice(5, 6), ['ghost (fd reused)']);
  assert.deepEqual(entryRow(madeEntry({ ghost: null, ready: null, notPolled: 'permission' })).slice(5), [
    'armed, ghost?',
    '?',
  ]);
  assert.deepEqual(entryRow(madeEntry({ ready: null, notPolled: 'consumes' })).slice(6), ['? (consumes)']);
});

test('every kind of target has its words', () => {
  const holder = { pid: 7, name: 'x', fd: 1 };
  const address = { address: '::1', port: 80 };
  const unix = {
    kind: 'unix',
    inode: '1',
    type: 'stream',
    local: '/run/x',
    peer: null,
    peerInode: '2',
    peerHolders: [holder, holder],
    state: 'ESTABLISHED',
  } as const;
  const watch = (inode: string, path: string | null): Record<string, unknown> => ({
    wd: 1,
    inode,
    sdev: 1,
    mask: 2,
    flags: ['IN_MODIFY'],
    path,
  });
  const cases: readonly (readonly [unknown, string])[] = [
    [
      { kind: 'tcp', inode: '1', local: address, peer: address, state: 'ESTABLISHED' },
      'tcp [::1]:80 ↔ [::1]:80 ESTABLISHED',
    ],
    [
      { kind: 'udp', inode: '1', local: { address: '0.0.0.0', port: 53 }, peer: null, state: 'UNCONNECTED' },
      'udp 0.0.0.0:53',
    ],
    [unix, 'unix stream /run/x ↔ socket:[2] ↔ x(7) fd 1 and 1 more ESTABLISHED'],
    [{ kind: 'netlink', inode: '9', detail: 'route' }, 'netlink route socket:[9]'],
    [{ kind: 'fifo', inode: '9', path: '/tmp/f', end: 'write', peerHolders: [] }, 'fifo /tmp/f write end'],
    [{ kind: 'eventfd', count: '3', id: 1, semaphore: true }, 'eventfd count 3 semaphore'],
    [
      { kind: 'timerfd', clock: 'CLOCK_MONOTONIC', ticks: '2', remainingNs: '1500000000', intervalNs: '5000000000' },
      'timerfd monotonic in 1.500 s every 5.000 s ticks 2',
    ],
    [
      { kind: 'timerfd', clock: 'CLOCK_REALTIME', ticks: '0', remainingNs: '0', intervalNs: '0' },
      'timerfd realtime not armed',
    ],
    [{ kind: 'signalfd', signals: ['SIGHUP', 'SIGINT'] }, 'signalfd SIGHUP SIGINT'],
    [
      { kind: 'inotify', watches: [watch('1', '/etc'), watch('2', null), watch('3', '/a'), watch('4', '/b')] },
      'inotify /etc inode 2 /a and 1 more',
    ],
    [{ kind: 'inotify', watches: [] }, 'inotify no watches'],
    [{ kind: 'pidfd', pid: 7, name: 'x' }, 'pidfd 7 (x)'],
    [{ kind: 'pidfd', pid: null, name: null }, 'pidfd of a process that is gone'],
    [{ kind: 'tty', path: '/dev/pts/0' }, 'tty /dev/pts/0'],
    [{ kind: 'anonymous', name: '[io_uring]' }, '[io_uring]'],
    [{ kind: 'unknown' }, 'unknown'],
  ];
  for (const [target, text] of cases) assert.equal(targetText(target as Target), text);
});

test('instances that watch instances are a tree', () => {
  const instance = (fd: number, depth: number, watchedBy: readonly number[]): EpollInstance =>
    madeInstance([], { fd, fds: [fd], depth, watchedBy });
  assert.deepEqual(nestingTree([instance(3, 1, []), instance(4, 1, [])]), []);
  assert.deepEqual(
    nestingTree([
      instance(3, 3, []),
      instance(4, 2, [3]),
      instance(5, 1, [4]),
      instance(6, 1, [3]),
      instance(7, 1, []),
    ]),
    ['epoll fd 3', '├─ epoll fd 4', '│  └─ epoll fd 5', '└─ epoll fd 6'],
  );
});

test('a report says what was found, and what could not be seen; colour only where it is wanted', () => {
  const snapshot = madeSnapshot([madeInstance([madeEntry({ armed: false })], { fds: [3, 9], closeOnExec: false })], {
    missing: [{ what: 'ready', text: 'No right' }],
  });
  const finding = { code: 'oneshot-disarmed' as const, epfd: 3, fd: 5, evidence: 'e\x1b', why: 'w', advice: 'a' };
  const lines = reportLines({ snapshot, findings: [finding] }, { paint: paintWith(false), width: 100 });
  assert.deepEqual(lines, [
    'made(42)  user 0  threads 1  made',
    '',
    '  epoll fd 3 = 9  1 entry, not close-on-exec',
    '    FD  WHAT                 EVENTS  TRIGGER  DATA  STATE     READY',
    '     5  pipe:[100] read end  IN      level    0x5   disarmed  -',
    '',
    '  1 finding',
    '    oneshot-disarmed  epoll fd 3, fd 5',
    '      seen: e\\u001b',
    '      why:  w',
    '      do:   a',
    '  not seen: No right',
  ]);
  assert.ok(
    reportLines({ snapshot, findings: [] }, { paint: paintWith(true), width: 100 })
      .join('')
      .includes('\x1b[33m'),
  );
});
