import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { pathIn } from '../../support/closing.ts';
import { runNode } from '../../support/runNode.ts';

const main = fileURLToPath(new URL('main.js', import.meta.url));

// A server that closes with its first connection, and what it says of the socket that it accepted.
const accepting = (check: string): string => `
  const net = require('net');
  const assert = require('assert');
  const server = net.createServer((socket) => {
    socket.end('hello');
    ${check}
    server.close();
  });
  server.listen(0, () => net.connect(server.address().port, '127.0.0.1').resume());`;

const programs = {
  'test-net-passes.js': accepting("assert.equal(socket.remoteAddress.replace('::ffff:', ''), '127.0.0.1');"),
  'test-http-fails-with-ours.js': accepting("assert.equal(socket.constructor.name, 'ControlDuplex');"),
  'test-tls-fails-with-both.js': accepting('assert.ok(socket instanceof net.Socket);'),
  'test-https-without-a-socket.js': '',
  'test-fs-is-no-network.js': 'process.exit(1)',
} as const;

function folderOf(t: TestContext, ...names: readonly (keyof typeof programs)[]): string {
  const folder = pathIn(t, 'test');
  mkdirSync(path.join(folder, 'parallel'), { recursive: true });
  for (const name of names) writeFileSync(path.join(folder, 'parallel', name), programs[name]);
  return folder;
}

test('a test that fails with ours and passes with the control fails the run; the others pass, or are skipped', (t) => {
  const folder = folderOf(t, ...(Object.keys(programs) as (keyof typeof programs)[]));
  const { status, stdout } = runNode(main, '--tests', folder, '--side', 'server');
  assert.match(stdout, /^not ok: server: test-http-fails-with-ours\.js: passes with the control, fails with ours$/m);
  assert.match(stdout, /^ {4}.*'SocketDuplex'/m, 'what it printed');
  assert.match(stdout, /^1 passed, 1 failed, 2 skipped\n$/m);
  assert.equal(status, 1);
});

test('sockets that connect are ours, too', (t) => {
  const folder = folderOf(t, 'test-net-passes.js');
  const { status, stdout } = runNode(main, '--tests', folder);
  assert.equal(stdout, '2 passed, 0 failed, 0 skipped\n');
  assert.equal(status, 0);
});

test('a run in which nothing was ours fails; one without a folder says what it needs', (t) => {
  assert.equal(runNode(main, '--tests', folderOf(t, 'test-https-without-a-socket.js')).status, 1);
  const { status, stderr } = runNode(main);
  assert.equal(status, 2);
  assert.match(stderr, /'--tests' must be the folder 'test' of a checkout/);
});
