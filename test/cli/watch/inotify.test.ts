import assert from 'node:assert/strict';
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { TemporaryFolder } from '../temporaryFolder.ts';
import { runWatch, startWatch, type WatchProcess } from '../watchProcess.ts';

interface SeenFile {
  readonly name: string;
  readonly mask: readonly string[];
  readonly cookie?: number;
}

function files(watch: WatchProcess): SeenFile[] {
  return watch.events.flatMap(({ detail }) => detail['files'] as SeenFile[]);
}

async function seen(watch: WatchProcess, name: string, mask: string): Promise<SeenFile> {
  return watch.until(`${mask} of ${name}`, () =>
    files(watch).find((file) => file.name === name && file.mask.includes(mask)),
  );
}

for (const args of [[], ['--edge'], ['--oneshot']]) {
  test(`epoll watch ${args.join(' ')} inotify reports what is created, written, renamed and deleted in a folder`, async () => {
    using folder = new TemporaryFolder();
    using watch = startWatch(['--json', ...args, 'inotify:.'], { cwd: folder.path });
    await watch.watching();
    writeFileSync(folder.file('new'), 'x');
    await seen(watch, 'new', 'IN_CREATE');
    await seen(watch, 'new', 'IN_MODIFY');
    await seen(watch, 'new', 'IN_CLOSE_WRITE');
    mkdirSync(folder.file('folder'));
    await seen(watch, 'folder', 'IN_ISDIR');
    renameSync(folder.file('new'), folder.file('old'));
    const [from, to] = [await seen(watch, 'new', 'IN_MOVED_FROM'), await seen(watch, 'old', 'IN_MOVED_TO')];
    assert.equal(from.cookie, to.cookie);
    rmSync(folder.file('old'));
    await seen(watch, 'old', 'IN_DELETE');
    const { code, stderr } = await watch.stop();
    assert.match(stderr, /^ {2}inotify:\. +\d+ {2}EPOLLIN \d+$/m);
    assert.equal(code, 0);
  });
}

test('epoll watch inotify ends with the file that it watches', async () => {
  using folder = new TemporaryFolder();
  const path = folder.file('text');
  writeFileSync(path, '');
  using watch = startWatch(['--json', `inotify:${path}`]);
  await watch.watching();
  rmSync(path);
  const { code } = await watch.end();
  await seen(watch, '', 'IN_DELETE_SELF').catch(() =>
    assert.ok(files(watch).some(({ mask }) => mask.includes('IN_DELETE_SELF'))),
  );
  assert.equal(watch.events.at(-1)?.detail['end'], true);
  assert.equal(code, 0);
});

test('epoll watch inotify refuses a path that is not there', async () => {
  const { code, stderr } = await runWatch(['inotify:/no/such/file']);
  assert.match(
    stderr,
    /^inotify:\/no\/such\/file: ENOENT: inotify_add_watch \/no\/such\/file: no such file or directory$/m,
  );
  assert.equal(code, 1);
});
