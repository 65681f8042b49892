import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { exampleLimitMs, outputOf, startExample } from '../support/exampleProcess.ts';

// Every example runs as its user would start it, in a process of its own, and says what its comment promises.

const source = join(import.meta.dirname, '../../../examples');

const tested = new Map<string, (context: TestContext) => Promise<void>>([
  [
    'eventfd-wake',
    async (context) => assert.match(await outputOf(context, 'eventfd-wake'), /woken: the worker has counted to 3\n$/),
  ],
  [
    'edge-triggered-drain',
    async (context) =>
      assert.match(await outputOf(context, 'edge-triggered-drain'), /^received 1048576 bytes in \d+ events\n$/),
  ],
  [
    'inotify-watch',
    async (context) =>
      assert.equal(
        await outputOf(context, 'inotify-watch'),
        'IN_CLOSE_WRITE draft cookie=none\nIN_MOVED_FROM draft cookie=yes\nIN_MOVED_TO final cookie=yes\n',
      ),
  ],
  [
    'pidfd-supervise',
    async (context) => {
      const attempts = [1, 2, 3].map((attempt) => `attempt ${attempt} started\nattempt ${attempt} ended: true\n`);
      assert.equal(await outputOf(context, 'pidfd-supervise'), `${attempts.join('')}giving up\n`);
    },
  ],
  [
    'pressure-stall',
    async (context) => {
      const output = await outputOf(context, 'pressure-stall');
      if (output.startsWith('no pressure-stall information here')) return context.skip(output.trim());
      assert.match(output, /^[\d.]+ ms of stall within [\d.]+ ms\n$/);
    },
  ],
  [
    'blocking-reactor',
    async (context) =>
      assert.equal(
        await outputOf(context, 'blocking-reactor'),
        'the worker handled 3 lines and came back from run()\n',
      ),
  ],
  ['echo-server', echoes],
]);

async function echoes(context: TestContext): Promise<void> {
  const server = startExample(context, 'echo-server', '0');
  assert.ok(server.stdout !== null);
  const [line] = await once(server.stdout, 'data');
  const port = Number(/:(\d+)\n$/.exec(String(line))?.[1]);
  // More than the sockets' buffers hold, so that the server has to wait for room to write and re-arm for it.
  const sent = Buffer.alloc(4 << 20, 'all the way and back ');
  const clients = Array.from({ length: 8 }, async () => {
    const client = connect(port, '127.0.0.1');
    client.end(sent);
    const received = await client.reduce((all: Buffer[], chunk: Buffer) => [...all, chunk], []);
    assert.ok(Buffer.concat(received).equals(sent), 'every byte comes back, in order');
  });
  await Promise.all(clients);
}

for (const [name, run] of tested) test(`the example ${name} does what it says`, { timeout: exampleLimitMs }, run);

test('every example is tested: here, or in a file of this folder with its name', () => {
  assert.ok(existsSync(source));
  const names = readdirSync(source)
    .filter((file) => file.endsWith('.ts'))
    .map((file) => file.slice(0, -3));
  const own = readdirSync(import.meta.dirname)
    .filter((file) => file.endsWith('.test.js') && file !== 'examples.test.js')
    .map((file) => file.slice(0, -'.test.js'.length));
  assert.deepEqual(names.toSorted(), [...tested.keys(), ...own].toSorted());
});
