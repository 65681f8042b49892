import assert from 'node:assert/strict';
import { closeSync, openSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { fcntl, F_GETFL, O_CLOEXEC, O_NONBLOCK, pipe2, write } from 'epoll-ts/sys';
import { TemporaryFolder } from '../temporaryFolder.ts';
import { runWatch, startWatch } from '../watchProcess.ts';

test('epoll watch stdin reports /dev/null in one line that says what to do, and goes on with the others', async () => {
  const { code, stdout, stderr } = await runWatch(['--json', '--count', '1', 'stdin', 'timer:10ms']);
  assert.match(stderr, /^stdin: EPERM: \/dev\/null can't be polled: .*give it a terminal, a pipe or a socket$/m);
  assert.match(stdout, /"source":"timer:10ms"/);
  assert.equal(code, 0);
  assert.doesNotMatch(stderr, /^ {2}stdin/m, 'what is not watched is not in the summary');
});

test('epoll watch ends with status 1 when no source can be watched', async () => {
  const { code, stdout, stderr } = await runWatch(['stdin', 'path:/no/such/file']);
  assert.deepEqual([code, stdout], [1, '']);
  const lines = stderr.trimEnd().split('\n');
  assert.equal(lines.length, 3);
  assert.match(lines[1] ?? '', /^path:\/no\/such\/file: ENOENT: open \/no\/such\/file: no such file$/);
  assert.equal(lines[2], 'epoll watch: No source is left to watch');
});

test('epoll watch stdin refuses a regular file', async () => {
  using folder = new TemporaryFolder();
  writeFileSync(folder.file('text'), 'hello');
  const fd = openSync(folder.file('text'), 'r');
  const { code, stderr } = await runWatch(['stdin'], { stdio: [fd, 'pipe', 'pipe'] });
  closeSync(fd);
  assert.match(stderr, new RegExp(`^stdin: EPERM: ${folder.file('text')} can't be polled: regular files`));
  assert.equal(code, 1);
});

test('epoll watch stdin shows what a pipe brings and its end, and ends itself when no source is left', async () => {
  using watch = startWatch(['--json', 'stdin'], { stdio: ['pipe', 'pipe', 'pipe'] });
  await watch.watching();
  watch.child.stdin?.write('hello\n');
  await watch.event('the text', ({ detail }) => detail['text'] === 'hello\n');
  watch.child.stdin?.end();
  const { code, stderr } = await watch.end();
  const last = watch.events.at(-1);
  assert.equal(last?.detail['end'], true);
  assert.ok(last.events.some((name) => name === 'EPOLLHUP' || name === 'EPOLLRDHUP'));
  assert.match(stderr, /^Summary: /m);
  assert.equal(code, 0);
});

test('epoll watch goes on with the others after the end of stdin', async () => {
  using watch = startWatch(['--json', 'stdin', 'timer:20ms'], { stdio: ['pipe', 'pipe', 'pipe'] });
  await watch.watching(2);
  watch.child.stdin?.end();
  await watch.event('the end', ({ detail }) => detail['end'] === true);
  const seen = watch.events.length;
  await watch.until('more events', () => (watch.events.length > seen + 2 ? true : undefined));
  assert.equal(
    watch.events.slice(seen).some(({ source }) => source === 'stdin'),
    false,
  );
});

for (const args of [[], ['--edge'], ['--oneshot']]) {
  test(
    `epoll watch ${args.join(' ')} stdin takes all of a blocking pipe, never blocks on it, ` +
      'and leaves its flags as they are',
    async () => {
      const ends = pipe2(O_CLOEXEC);
      assert.ok(typeof ends !== 'number');
      const [reader, writer] = ends;
      using watch = startWatch(['--json', ...args, 'stdin', 'timer:10ms'], { stdio: [reader, 'pipe', 'pipe'] });
      await watch.watching(2);
      const total = 50_000;
      assert.equal(write(writer, Buffer.alloc(total, 'x')), total);
      const taken = (): number =>
        watch.events.reduce((sum, { source, detail }) => (source === 'stdin' ? sum + Number(detail['bytes']) : sum), 0);
      await watch.until('all bytes', () => (taken() === total ? true : undefined));
      // It would be stuck in a read now if it had tried to read once more: the timer shows that it is not.
      const seen = watch.events.length;
      await watch.until('more timer events', () => (watch.events.length > seen + 2 ? true : undefined));
      assert.equal(fcntl(reader, F_GETFL) & O_NONBLOCK, 0);
      closeSync(writer);
      await watch.event('the end', ({ detail }) => detail['end'] === true);
      closeSync(reader);
    },
  );
}

test('epoll watch stdin shows what steers a terminal as escapes', async () => {
  using watch = startWatch(['--count', '1', 'stdin'], { stdio: ['pipe', 'pipe', 'pipe'] });
  await watch.watching();
  watch.child.stdin?.write('\x1b[31mred');
  const { stdout } = await watch.end();
  assert.match(stdout, /7 bytes|8 bytes/);
  assert.match(stdout, /"\\u001b\[31mred"/);
});
