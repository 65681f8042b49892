import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { close, errnoName } from 'epoll-ts/sys';

/** The descriptor that a call answered, closed when the test ends. @throws {assert.AssertionError} for -errno. */
export function opened(t: TestContext, answer: number): number {
  assert.ok(answer >= 0, `the call gave ${errnoName(answer)}`);
  t.after(() => void close(answer));
  return answer;
}

/** Both descriptors of `pipe2` or `socketpair`, closed when the test ends. */
export function openedPair(t: TestContext, answer: readonly [number, number] | number): readonly [number, number] {
  if (typeof answer === 'number') assert.fail(`the call gave ${errnoName(answer)}`);
  for (const fd of answer) opened(t, fd);
  return answer;
}
