import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { runNode } from '../support/runNode.ts';
import { bin, WatchProcess } from './watchProcess.ts';

async function run(...args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  using command = new WatchProcess(args);
  const { code, stdout, stderr } = await command.end();
  return { code, stdout, stderr };
}

test('the command starts with the line that has npm run it with node', () => {
  assert.ok(readFileSync(bin, 'utf8').startsWith('#!/usr/bin/env node\n'));
});

test('epoll --help names the commands, on stdout', async () => {
  const { code, stdout, stderr } = await run('--help');
  assert.match(stdout, /^Usage: epoll COMMAND/);
  assert.match(stdout, /^ {2}watch /m);
  assert.deepEqual([code, stderr], [0, '']);
});

test('epoll says in one line that this runtime is not supported, status 1', async () => {
  for (const args of [
    ['inspect', String(process.pid)],
    ['watch', 'timer:1s', '--count', '1'],
  ]) {
    const { status, stderr } = runNode('--no-addons', bin, ...args);
    assert.match(stderr, /^[^\n]+\n(?:epoll watch: No source is left to watch\n)?$/, args.join(' '));
    assert.equal(status, 1, stderr);
  }
});

test('epoll ends with status 2 for a wrong command line also when nobody reads stderr', async () => {
  using command = new WatchProcess(['wach']);
  command.child.stderr?.destroy();
  assert.equal((await command.end()).code, 2);
});

test('epoll --version prints the version of the package', async () => {
  const { code, stdout } = await run('--version');
  assert.match(stdout, /^\d+\.\d+\.\d+\n$/);
  assert.equal(code, 0);
});

test('epoll without a command, or with an unknown one, ends with status 2 and one line that names the nearest', async () => {
  const cases = [
    [[], 'epoll: A command is missing: epoll watch SOURCE… (see epoll --help)\n'],
    [['wach'], "epoll: Unknown command 'wach': did you mean epoll watch? (see epoll --help)\n"],
    [['--versoin'], "epoll: Unknown option '--versoin': did you mean epoll --version? (see epoll --help)\n"],
    [['frobnicate'], "epoll: Unknown command 'frobnicate': use epoll watch SOURCE… (see epoll --help)\n"],
  ] as const;
  for (const [args, stderr] of cases) assert.deepEqual(await run(...args), { code: 2, stdout: '', stderr });
});

test('epoll watch --help explains every source and option, on stdout', async () => {
  const { code, stdout, stderr } = await run('watch', '--help', 'stdin');
  for (const word of [
    'stdin',
    'fd:N',
    'timer:',
    'inotify:',
    'pid:',
    'signal:',
    'psi:',
    'tcp:',
    'unix:',
    'udp:',
    'path:',
  ]) {
    assert.ok(stdout.includes(word), word);
  }
  for (const option of ['events', 'edge', 'oneshot', 'no-rearm', 'echo', 'for', 'count', 'json', 'help']) {
    assert.match(stdout, new RegExp(`^  --${option} `, 'm'));
  }
  assert.deepEqual([code, stderr], [0, '']);
});

test('epoll watch with a wrong command line ends with status 2, says one line, and watches nothing', async () => {
  const stderr = "epoll watch: Unknown source 'timr:1s': did you mean timer:1s? (see epoll watch --help)\n";
  assert.deepEqual(await run('watch', 'timer:1s', 'timr:1s'), { code: 2, stdout: '', stderr });
});

test('epoll shows what was typed without letting it steer the terminal', async () => {
  const { stderr } = await run('watch', 'x\x1b[31m:1');
  assert.match(stderr, /Unknown source 'x\\u001b\[31m:1'/);
});
