// The live view: what is drawn, what keys do, what is a change, and rates.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { InspectedEntry, ProcessSnapshot } from 'epoll-ts/inspect';
import { EPOLLIN } from 'epoll-ts/sys';
import { changesBetween } from '#epoll/cli/inspect/changes.js';
import { entryRates, rateText } from '#epoll/cli/inspect/entryRates.js';
import { type LiveProcess, LiveState } from '#epoll/cli/inspect/liveState.js';
import { paintWith } from '#epoll/cli/inspect/paint.js';
import { madeEntry, madeInstance, madeSnapshot } from '../../inspect/findings/madeSnapshot.ts';

const entry = (fd: number, change: Partial<InspectedEntry> = {}): InspectedEntry =>
  madeEntry({ fd, data: `0x${String(fd).padStart(16, '0')}`, inode: String(fd), ...change });
const snapshot = (entries: readonly InspectedEntry[], change: Partial<ProcessSnapshot> = {}): ProcessSnapshot =>
  madeSnapshot([madeInstance(entries)], change);

const finding = { code: 'ghost' as const, epfd: 3, fd: 7, evidence: 'seen', why: '', advice: '' };
const process: LiveProcess = {
  snapshot: snapshot([
    entry(9, { target: { kind: 'epoll' } }),
    entry(7, { ghost: true, ready: EPOLLIN }),
    entry(8, { armed: false }),
  ]),
  findings: [finding],
  rates: new Map([['3 8 0x0000000000000008 8', { readyShare: 1, received: 2000, acknowledged: null }]]),
  ended: false,
};

const size = { width: 100, height: 20, paint: paintWith(false) };
const rows = (state: LiveState): string[] =>
  state.lines([process], size).flatMap((line) => /^\s+(\d+)  \S+/.exec(line)?.[1] ?? []);

test('the screen is exactly as high and at most as wide as the terminal', () => {
  for (const [width, height] of [
    [100, 20],
    [40, 8],
    [10, 3],
    [1, 1],
  ] as const) {
    const lines = new LiveState().lines([process], { ...size, width, height });
    assert.equal(lines.length, Math.max(3, height));
    for (const line of lines) assert.ok(Array.from(line).length <= width, `${line.length} in ${width}`);
  }
});

test('s sorts by fd, kind, readiness and rate; f shows all, ready, not armed, and found entries', () => {
  const state = new LiveState();
  assert.deepEqual(rows(state), ['7', '8', '9']);
  state.press('sort');
  assert.deepEqual(rows(state), ['9', '7', '8'], 'epoll before pipe');
  state.press('sort');
  assert.deepEqual(rows(state), ['8', '7', '9'], 'ready most often');
  state.press('sort');
  assert.deepEqual(rows(state), ['8', '7', '9'], 'most bytes');
  state.press('sort');
  state.press('filter');
  assert.deepEqual(rows(state), ['7']);
  state.press('filter');
  assert.deepEqual(rows(state), ['7', '8']);
  state.press('filter');
  assert.deepEqual(rows(state), ['7']);
  state.press('filter');
  assert.deepEqual(rows(state), ['7', '8', '9']);
});

test('j and k move, not beyond the ends', () => {
  const state = new LiveState();
  const small = { ...size, height: 5 };
  const first = state.lines([process], small);
  assert.match(first[0] ?? '', /lines 1 to 3 of 8/);
  state.press('up');
  assert.deepEqual(state.lines([process], small), first);
  state.press('down');
  assert.match(state.lines([process], small)[0] ?? '', /lines 2 to 4 of 8/);
  for (let index = 0; index < 20; index++) state.press('down');
  assert.match(state.lines([process], small)[0] ?? '', /lines 6 to 8 of 8/);
});

test('findings and an end are shown', () => {
  const text = new LiveState().lines([{ ...process, ended: true }], size).join('\n');
  assert.match(text, /made\(42\).*\(has ended\)/);
  assert.match(text, /! ghost epoll fd 3 fd 7: seen/);
});

test('rates: how often it was ready, and bytes a second', () => {
  const backlog = (received: number): InspectedEntry['backlog'] => ({
    unread: 0,
    unsent: 0,
    received,
    acknowledged: 10,
  });
  const looks = [
    snapshot([entry(5, { ready: EPOLLIN, backlog: backlog(0) })]),
    snapshot([entry(5, { ready: 0, backlog: backlog(3000) })], { monotonicMs: 2000 }),
  ];
  const [rate] = entryRates(looks).values();
  assert.deepEqual(rate, { readyShare: 0.5, received: 1500, acknowledged: 0 });
  assert.equal(rateText(rate ?? { readyShare: null, received: null, acknowledged: null }), '50 % in 1.5 kB/s');
  assert.equal(rateText({ readyShare: null, received: 12, acknowledged: 2_500_000 }), 'in 12 B/s out 2.5 MB/s');
  const [unknown] = entryRates([snapshot([entry(5, { ready: null, backlog: null })])]).values();
  assert.deepEqual(unknown, { readyShare: null, received: null, acknowledged: null });
  assert.equal(entryRates([]).size, 0);
});

test('changes: what came, went, or is otherwise', () => {
  const before = { snapshot: snapshot([entry(5), entry(6)]), findings: [finding] };
  const after = {
    snapshot: madeSnapshot([
      madeInstance([entry(5, { armed: false, events: 0x40000000, ready: 0, condition: EPOLLIN }), entry(7)]),
      madeInstance([entry(1)], { fd: 11 }),
    ]),
    findings: [{ ...finding, code: 'spin' as const }],
  };
  const lines = changesBetween(before, after).map(({ epfd, fd, what, detail }) => [epfd, fd, what, detail].join(' '));
  assert.deepEqual(lines, [
    '3 5 events EPOLLIN|EPOLLERR|EPOLLHUP → EPOLLONESHOT',
    '3 5 state armed → disarmed',
    '3 5 ready - → - (IN)',
    '3 7 added pipe:[100] read end EPOLLIN|EPOLLERR|EPOLLHUP',
    '3 6 removed pipe:[100] read end',
    '11  opened 1 entry',
    '11 1 added pipe:[100] read end EPOLLIN|EPOLLERR|EPOLLHUP',
    '3 7 finding spin: seen',
    '3 7 resolved ghost',
  ]);
  assert.deepEqual(changesBetween(after, after), []);
  assert.deepEqual(
    changesBetween(after, before)
      .map(({ what }) => what)
      .filter((what) => what === 'closed'),
    ['closed'],
  );
});
