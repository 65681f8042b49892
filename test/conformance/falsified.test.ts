import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Entry, Expectation } from './catalogue.ts';
import { projectCatalogue, runCatalogue } from './runConformance.ts';

/** Members that take the place of the true ones in the expectation that stands at an index of an entry. */
interface Falsification {
  readonly what: string;
  readonly id: string;
  readonly at: number;
  readonly members: Expectation;
}

const falsifications: readonly Falsification[] = [
  { what: 'ret', id: 'k-epoll1', at: 0, members: { ret: 2 } },
  { what: 'ret of an error', id: 'l-wait03-ebadf', at: 0, members: { ret: 0 } },
  { what: 'errno', id: 'l-wait03-ebadf', at: 0, members: { errno: 'EINVAL' } },
  { what: 'event bits', id: 'k-epoll1', at: 0, members: { events: [['S0', 'IN|OUT']] } },
  { what: 'event name', id: 'k-epoll1', at: 0, members: { events: [['S1', 'IN']] } },
  { what: 'one event too few', id: 'k-epoll3', at: 0, members: { events: [['S0', 'IN']] } },
  {
    what: 'order',
    id: 'x-order-fifo',
    at: 0,
    members: {
      events: [
        ['A', 'IN'],
        ['B', 'IN'],
        ['C', 'IN'],
      ],
    },
  },
  { what: 'count', id: 'x-oneshot-oneset', at: 0, members: { count: 2 } },
  { what: 'others_ret', id: 'x-oneshot-oneset', at: 0, members: { others_ret: 1 } },
  { what: 'value', id: 'l-efd01', at: 0, members: { value: '11' } },
  { what: 'elapsed_ms, too short', id: 'l-wait02-25ms', at: 0, members: { elapsed_ms: [10_000, null] } },
  { what: 'elapsed_ms, too long', id: 'l-wait02-25ms', at: 0, members: { elapsed_ms: [0, 24] } },
  { what: 'each', id: 'x-lt-sem', at: 0, members: { each: { 1: { value: '2' } } } },
  { what: 'value_ms', id: 'g-tfd-initstop-monotonic', at: 0, members: { value_ms: [1, 2] } },
  { what: 'signals', id: 'g-sfd-nonblock-usr1', at: 1, members: { signals: ['USR2'] } },
  { what: 'inotify', id: 'g-ino-move', at: 0, members: { inotify: [['WR', 'MOVED_FROM', 'f']] } },
  { what: 'same_cookie', id: 'g-ino-move', at: 0, members: { same_cookie: [0, 2] } },
  { what: 'status', id: 'g-pid-waitsingle', at: 0, members: { status: 65 } },
];

function falsified({ what, id, at, members }: Falsification, catalogue: readonly Entry[]): Entry {
  const entry = catalogue.find((candidate) => candidate.id === id);
  assert.ok(entry?.expect[at], id);
  const expect = entry.expect.map((expectation, index) =>
    index === at ? { ...expectation, ...members } : expectation,
  );
  return { ...entry, id: `${id}/${what.replaceAll(/\W+/g, '-')}`, expect };
}

test('every falsified expectation fails, and is named with its step', async (t) => {
  const entries = falsifications.map((falsification) => falsified(falsification, projectCatalogue()));
  const { status, stdout, last } = await runCatalogue(entries);
  for (const [index, { id, setup, expect }] of entries.entries()) {
    const { what, at } = falsifications[index] ?? { what: '', at: 0 };
    await t.test(what, () => {
      const lines = stdout.split('\n').filter((line) => line.startsWith(`FAIL ${id}`));
      assert.ok(lines.length > 0, stdout);
      const step = expect[at]?.['step'];
      if (typeof step === 'number') {
        const where = `FAIL ${id} step ${step} \`${setup[step]}\`: `;
        assert.ok(
          lines.every((line) => line.startsWith(where) && /got .*wanted /.test(line)),
          lines.join('\n'),
        );
      }
    });
  }
  assert.equal(last, `0 passed, ${entries.length} failed, 0 skipped`);
  assert.equal(status, 1);
});

test('the same entries pass as they are', async () => {
  const ids = new Set(falsifications.map(({ id }) => id));
  const { status, last } = await runCatalogue(projectCatalogue().filter(({ id }) => ids.has(id)));
  assert.equal(last, `${ids.size} passed, 0 failed, 0 skipped`);
  assert.equal(status, 0);
});
