import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import type { Entry } from './catalogue.ts';
import type { Outcome } from './outcome.ts';
import { strictEntry } from './runConformance.ts';
import { runEntry } from './runEntry.ts';

async function run(t: TestContext, entry: Entry, limitMs: number): Promise<{ outcome: Outcome; directory: string }> {
  const root = mkdtempSync(path.join(tmpdir(), 'epoll-ts-entry-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  const directory = path.join(root, 'D');
  return { outcome: await runEntry(entry, { directory, inWorker: false, limitMs }), directory };
}

function failureText(outcome: Outcome): string {
  assert.equal(outcome.kind, 'failed');
  return outcome.kind === 'failed' ? outcome.failures.map(({ text }) => text).join('\n') : '';
}

test('runEntry() fails an entry that is not done in time, although a thread is blocked in the kernel', async (t) => {
  const entry = strictEntry('hanging', ['epoll_create1 E', 'T1: wait E timeout=-1', 'wait E timeout=-1'], {
    step: 2,
    ret: 0,
  });
  const { outcome } = await run(t, entry, 1500);
  assert.equal(failureText(outcome), 'timeout: it was not done after 1.5 s');
});

test('runEntry() fails an entry whose process is killed, and names the signal', async (t) => {
  const { outcome } = await run(t, strictEntry('killed', ['signal main KILL'], { step: 0, ret: 0 }), 30_000);
  assert.equal(failureText(outcome), 'its process ended by signal SIGKILL');
});

test('runEntry() ends although a thread never does', async (t) => {
  const entry = strictEntry('stuck', ['eventfd V init=0', 'T1: read V u64', 'join T1 limit=0.05'], {
    step: 2,
    errno: 'STUCK',
  });
  const { outcome } = await run(t, entry, 30_000);
  assert.equal(failureText(outcome), 'thread T1 did not finish its steps');
});

test('runEntry() compares the result of a step that failed in a thread', async (t) => {
  const entry = strictEntry('threaded', ['T1: close V', 'join T1'], { step: 0, ret: 0 });
  const { outcome } = await run(t, entry, 30_000);
  assert.equal(failureText(outcome), 'could not be carried out: no step made the fd V');
});

test('runEntry() says whether a machine that is late may have made a failure: not of one wait that is too short', async (t) => {
  const tooShort = { elapsed_ms: [500, null] };
  const timed = ['timerfd T clock=MONOTONIC', 'settime T value=10ms', 'poll T IN timeout=2000'];
  const late = async (entry: Entry): Promise<unknown> => {
    const { outcome } = await run(t, entry, 30_000);
    return outcome.kind === 'failed' && outcome.failures.map((failure) => failure.late);
  };
  assert.deepEqual(await late(strictEntry('timed', timed, { step: 2, ...tooShort })), [true]);
  assert.deepEqual(
    await late(strictEntry('untimed', ['epoll_create1 E', 'wait E timeout=10'], { step: 1, ...tooShort })),
    [false],
  );
});

test('runEntry() gives an entry a fresh directory and removes it', async (t) => {
  const entry = strictEntry('files', ['touch D/f content=abc', 'openfile X D/f r', 'read X 9'], { step: 2, ret: 3 });
  const { outcome, directory } = await run(t, entry, 30_000);
  assert.deepEqual(outcome, { kind: 'passed' });
  assert.equal(existsSync(directory), false);
});

test('runEntry() gives a child process the descriptors of the scenario', async (t) => {
  const steps = [
    'pipe R,W nonblock',
    'spawn C sleep',
    'close W',
    'poll R IN timeout=0',
    'kill C KILL',
    'zombie C',
    'poll R IN timeout=9000',
  ];
  const { outcome } = await run(
    t,
    strictEntry('inherited', steps, { step: 3, ret: 0 }, { step: 6, events: [['R', 'HUP']] }),
    30_000,
  );
  assert.deepEqual(outcome, { kind: 'passed' });
});
