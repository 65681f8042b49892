import assert from 'node:assert/strict';
import { once } from 'node:events';
import { get } from 'node:https';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { exampleLimitMs } from '../support/exampleProcess.ts';
import { servingExample } from '../support/servingExample.ts';
import { testCertificate } from '../support/testCertificate.ts';
import { toolRun } from '../support/toolRun.ts';

test('the example https answers, with a certificate that is for localhost', { timeout: exampleLimitMs }, async (t) => {
  const { port } = await servingExample(t, 'https');
  const request = get({
    host: '127.0.0.1',
    port,
    path: '/path',
    servername: 'localhost',
    ca: testCertificate.cert,
    agent: false,
  });
  const [response] = await once(request, 'response');
  assert.equal(await text(response), 'GET /path from 127.0.0.1, in secret\n');
});

test('the example https answers curl', { timeout: exampleLimitMs }, async (t) => {
  const { port } = await servingExample(t, 'https');
  const answer = await toolRun('curl', '-sk', `https://127.0.0.1:${port}/`);
  if (answer === undefined) return t.skip('curl is not installed');
  assert.equal(answer, 'GET / from 127.0.0.1, in secret\n');
});
