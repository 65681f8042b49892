// What the commands do when stdout has no reader, or takes nothing.
import assert from 'node:assert/strict';
import { closeSync, openSync } from 'node:fs';
import { test } from 'node:test';
import { WatchProcess, type WatchStart } from './watchProcess.ts';

const self = String(process.pid);
/** Each prints and ends by itself; and the status with which it ends when nobody reads that. */
const commands: readonly (readonly string[])[] = [
  ['--help'],
  ['--version'],
  ['watch', '--help'],
  ['inspect', '--help'],
  ['inspect', self],
  ['inspect', '--json', self],
  ['inspect', '--watch', '--json', '--for', '100ms', self],
];

for (const args of commands) {
  const name = `epoll ${args.join(' ').replace(self, 'PID')}`;

  test(`${name} ends quietly when nobody reads it`, async () => {
    using command = new WatchProcess(args);
    command.child.stdout?.destroy();
    const { code, stderr } = await command.end();
    assert.doesNotMatch(stderr, /EPIPE|Error|\n {4}at /);
    assert.ok(code === 0 || (code === 3 && args.includes(self)), `status ${code}: ${stderr}`);
  });

  // A healthy process has no change to be told.
  if (args.includes('--watch')) continue;
  test(`${name} says in one line that it can't be written, status 1`, async () => {
    const { code, stderr } = await toFullDevice(args);
    assert.match(stderr, /^epoll: Cannot write to stdout: ENOSPC.*\n$/);
    assert.equal(code, 1);
  });
}

test('epoll watch > /dev/full says in one line that it can not be written, status 1', async () => {
  const { code, stderr } = await toFullDevice(['watch', 'timer:1ms']);
  assert.match(stderr, /^watching .*\nepoll watch: Cannot write to stdout: ENOSPC.*\n$/);
  assert.equal(code, 1);
});

async function toFullDevice(args: readonly string[]): Promise<{ code: number | null; stderr: string }> {
  const full = openSync('/dev/full', 'w');
  const start: WatchStart = { stdio: ['ignore', full, 'pipe'] };
  try {
    using command = new WatchProcess(args, start);
    return await command.end();
  } finally {
    closeSync(full);
  }
}
