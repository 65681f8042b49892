import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exampleLimitMs } from '../support/exampleProcess.ts';
import { servingExample } from '../support/servingExample.ts';
import { toolRun } from '../support/toolRun.ts';

const timeout = exampleLimitMs;

test('the example http answers', { timeout }, async (t) => {
  const { port } = await servingExample(t, 'http');
  const response = await fetch(`http://127.0.0.1:${port}/path`);
  assert.equal(response.status, 200);
  assert.equal(await response.text(), 'GET /path from 127.0.0.1\n');
});

test('the example http answers curl', { timeout }, async (t) => {
  const { port } = await servingExample(t, 'http');
  const answer = await toolRun('curl', '-s', `http://127.0.0.1:${port}/`);
  if (answer === undefined) return t.skip('curl is not installed');
  assert.equal(answer, 'GET / from 127.0.0.1\n');
});

test('the example http serves 64 connections at once without an error', { timeout }, async (t) => {
  const { port } = await servingExample(t, 'http');
  // As long as it takes until one is answered: a second may be too short on a busy machine.
  for (let seconds = 1; ; seconds *= 2) {
    const report = await toolRun(
      'wrk',
      '-t1',
      '-c64',
      `-d${seconds}s`,
      '--timeout',
      '20s',
      `http://127.0.0.1:${port}/`,
    );
    if (report === undefined) return t.skip('wrk is not installed');
    assert.doesNotMatch(report, /Socket errors|Non-2xx/);
    if (/[1-9]\d* requests in /.test(report)) return;
    assert.ok(seconds < 16, report);
  }
});
