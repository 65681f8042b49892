import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  openSync,
  readdirSync,
  readlinkSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { test } from 'node:test';
import { TemporaryFolder } from '../temporaryFolder.ts';
import { restedBetween } from '../restedBetween.ts';
import { runWatch, startWatch } from '../watchProcess.ts';

/** How many descriptors a process has of a file, also of one that was unlinked. */
function openOf(pid: number, path: string): number {
  const links = readdirSync(`/proc/${pid}/fd`).map((fd) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${fd}`);
    } catch {
      return ''; // closed since it was listed
    }
  });
  return links.filter((link) => link === path || link === `${path} (deleted)`).length;
}

for (const args of [[], ['--edge'], ['--oneshot']]) {
  test(
    `epoll watch ${args.join(' ')} path of a FIFO reports writers that come, write and leave, ` + 'one after the other',
    async () => {
      using folder = new TemporaryFolder();
      const path = folder.file('fifo');
      assert.equal(spawnSync('mkfifo', [path]).status, 0);
      using watch = startWatch(['--json', ...args, `path:${path}`, 'timer:1m']);
      await watch.watching(2);
      for (const text of ['one', 'two', 'three']) {
        // Its reader is there: this does not wait.
        const writer = openSync(path, 'w');
        writeSync(writer, text);
        await watch.event(text, ({ detail }) => detail['text'] === text);
        closeSync(writer);
        const ends = (): number => watch.events.filter(({ detail }) => detail['end'] === true).length;
        const before = ['one', 'two', 'three'].indexOf(text);
        await watch.until(`the end of ${text}`, () => (ends() > before ? true : undefined));
      }
      assert.equal(openOf(watch.pid, path), 1, 'each is closed when the next is open');
      const { stdout } = await watch.stop();
      // Nothing but these: a FIFO that has hung up would be reported for ever.
      assert.equal(stdout.trimEnd().split('\n').length, 6);
    },
  );
}

test('epoll watch path of a FIFO reports the hang-up of a writer as EPOLLHUP', async () => {
  using folder = new TemporaryFolder();
  const path = folder.file('fifo');
  spawnSync('mkfifo', [path]);
  using watch = startWatch(['--json', '--count', '1', `path:${path}`]);
  await watch.watching();
  closeSync(openSync(path, 'w'));
  await watch.end();
  assert.deepEqual([watch.events[0]?.events, watch.events[0]?.detail], [['EPOLLHUP'], { end: true }]);
});

for (const [after, replace] of [
  ['is gone', () => {}],
  ['is another file', (path: string) => writeFileSync(path, 'other')],
] as const) {
  test(`epoll watch path of a FIFO shows what came last when its path ${after}, and ends`, async () => {
    using folder = new TemporaryFolder();
    const path = folder.file('fifo');
    spawnSync('mkfifo', [path]);
    using watch = startWatch(['--json', `path:${path}`, 'timer:20ms']);
    await watch.watching(2);
    const writer = openSync(path, 'w');
    unlinkSync(path);
    replace(path);
    writeSync(writer, 'last');
    closeSync(writer);
    await watch.says(after === 'is gone' ? /ENOENT: open \S+: no such file$/m : /another file has this path now$/m);
    await watch.event('what came last', ({ detail }) => detail['text'] === 'last');
    await watch.until('the descriptor is closed', () => openOf(watch.pid, path) === 0 || undefined);
    await watch.stop();
  });
}

test('epoll watch closes what it has opened of a source that can not be watched', async () => {
  using folder = new TemporaryFolder();
  const path = folder.file('text');
  writeFileSync(path, '');
  using watch = startWatch([`path:${path}`, 'timer:1m']);
  await watch.watching(1);
  await watch.says(/EPERM/);
  assert.equal(openOf(watch.pid, path), 0);
  await watch.stop();
});

test('epoll watch path of sysfs is silent until the attribute changes: it is read when it is opened', async (t) => {
  const path = '/sys/kernel/uevent_seqnum';
  if (!existsSync(path)) return t.skip(`no ${path} here`);
  using watch = startWatch(['--json', `path:${path}`, 'timer:10ms', '--count', '5']);
  await watch.end();
  assert.deepEqual([...new Set(watch.events.map(({ source }) => source))], ['timer:10ms']);
});

test('epoll watch path refuses a regular file, and says what to use', async () => {
  using folder = new TemporaryFolder();
  const path = folder.file('text');
  writeFileSync(path, '');
  const { code, stderr } = await runWatch([`path:${path}`]);
  assert.match(
    stderr,
    new RegExp(`^path:${path}: EPERM: ${path} can't be polled: .*inotify:${path} tells of changes$`, 'm'),
  );
  assert.equal(code, 1);
});

test('epoll watch path of a device reads it, at most 64 KiB at each event', async () => {
  const { code, stdout } = await runWatch(['--json', '--count', '2', 'path:/dev/random']);
  for (const line of stdout.trimEnd().split('\n')) {
    const { events, detail } = JSON.parse(line) as { events: string[]; detail: { bytes: number } };
    assert.deepEqual(events, ['EPOLLIN']);
    assert.ok(detail.bytes > 0 && detail.bytes <= 65_536);
  }
  assert.equal(code, 0);
});

test('epoll watch --edge path of a device that never runs dry lets the others have their turn', async () => {
  using watch = startWatch(['--json', '--edge', 'path:/dev/random', 'timer:10ms']);
  const times = (): number => watch.events.filter(({ source }) => source === 'path:/dev/random').length;
  await watch.until('the device, over and over', () => (times() > 2 ? true : undefined));
  await watch.event('the timer', ({ source }) => source === 'timer:10ms');
  const { code } = await watch.stop();
  assert.equal(code, 0);
});

test(
  'epoll watch path of procfs shows a condition that stands ten times a second and no more, ' +
    'read from the start each time',
  async () => {
    using watch = startWatch(['--json', '--events', 'IN', '--count', '4', 'path:/proc/self/mounts']);
    await watch.end();
    const [first, ...others] = watch.events;
    assert.ok(first !== undefined && Number(first.detail['bytes']) > 0);
    for (const { detail } of others) assert.deepEqual(detail, first.detail);
    assert.ok(restedBetween(watch.events), watch.stdout);
  },
);

test('epoll watch path of /proc/self/mounts reports EPOLLPRI when something is mounted', async (t) => {
  // In a mount namespace of its own: the mount happens when the test writes a line, and is gone with the namespace.
  const script = '"$@" & read -r line && mount -t tmpfs none /mnt && wait';
  const through = ['unshare', '-Urm', 'sh', '-c', script, 'sh'];
  if (spawnSync('unshare', ['-Urm', 'mount', '-t', 'tmpfs', 'none', '/mnt']).status !== 0) {
    return t.skip('mounting in a namespace is not allowed here');
  }
  using watch = startWatch(['--json', '--count', '1', 'path:/proc/self/mounts'], {
    through,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  await watch.watching();
  watch.child.stdin?.write('now\n');
  const { code } = await watch.end();
  assert.deepEqual(watch.events[0]?.events, ['EPOLLPRI', 'EPOLLERR']);
  assert.ok(Number(watch.events[0].detail['bytes']) > 0);
  assert.equal(code, 0);
});
