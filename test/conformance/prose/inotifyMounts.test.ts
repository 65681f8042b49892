// inotify and mounts, in a mount namespace of their own.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { temporaryFolder } from '../../support/inotifyFolder.ts';
import { unlessRoot, unlessUnshared } from './asRoot.ts';
import { printed } from './scriptProcess.ts';

const skip = unlessRoot() || unlessUnshared('--mount');
const through = ['unshare', '--mount'];

/** What the scripts begin with: `mount` and `umount` that throw, and `queued`, which takes all events. */
const mounting = `
  import { mkdirSync, writeFileSync, chmodSync } from 'node:fs';
  import { formatInotifyMask, Inotify } from 'epoll-ts';
  const must = (what, answer) => { if (answer < 0) throw new Error(what + ' gave ' + sys.errnoName(answer)); };
  const mount = (type, at, options) => must('mount', raw.syscall(
    'mount', raw.cString(type), raw.cString(at), raw.cString(type), 0, raw.cString(options)));
  const umount = (at) => must('umount', raw.syscall('umount2', raw.cString(at), 0));
  const inotify = new Inotify();
  const queued = () => { for (const { mask } of inotify.read() ?? []) say(formatInotifyMask(mask)); };
  const openAndClose = (path, flags) => { const fd = sys.open(path, flags); must('open', fd); sys.close(fd); };
`;

test('l-ino03: unmounting is reported and removes the watch, which does not keep the mount busy', { skip }, () => {
  using folder = temporaryFolder();
  const lines = printed(
    `${mounting}
    const at = ${JSON.stringify(folder.path)};
    mount('tmpfs', at, '');
    writeFileSync(at + '/f', '');
    const wd = sys.inotify_add_watch(inotify.fd, at + '/f', sys.IN_ALL_EVENTS);
    umount(at);
    const buffer = new Uint8Array(4096);
    for (const { mask } of sys.decodeInotifyEvents(buffer.subarray(0, sys.read(inotify.fd, buffer)))) say(formatInotifyMask(mask));
    say(sys.errnoName(sys.inotify_rm_watch(inotify.fd, wd)));`,
    { through },
  );
  assert.deepEqual(lines, ['IN_UNMOUNT', 'IN_IGNORED', 'EINVAL']);
});

// The original also empties the caches of the whole machine, to see that the watch keeps its inode; that is left out
// here.
test(
  'l-ino08: a watch on a file of an overlay survives its copy-up and is told nothing of the layers',
  { skip },
  (t) => {
    using folder = temporaryFolder();
    const lines = printed(
      `${mounting}
    const at = ${JSON.stringify(folder.path)};
    mount('tmpfs', at, '');
    for (const name of ['lower', 'upper', 'work', 'merged']) mkdirSync(at + '/' + name);
    writeFileSync(at + '/lower/f', 'text');
    try {
      mount('overlay', at + '/merged', 'lowerdir=' + at + '/lower,upperdir=' + at + '/upper,workdir=' + at + '/work');
      inotify.watch(at + '/merged/f', sys.IN_ATTRIB | sys.IN_OPEN | sys.IN_CLOSE_WRITE);
      chmodSync(at + '/merged/f', 0o600);
      openAndClose(at + '/merged/f', sys.O_WRONLY);
      openAndClose(at + '/lower/f', sys.O_WRONLY);
      openAndClose(at + '/upper/f', sys.O_WRONLY);
      queued();
      umount(at + '/merged');
    } catch (error) { say(error.message); }
    umount(at);`,
      { through },
    );
    if (lines[0]?.startsWith('mount gave')) return t.skip(`no overlay here: ${lines[0]}`);
    assert.deepEqual(lines, ['IN_ATTRIB', 'IN_OPEN', 'IN_CLOSE_WRITE']);
  },
);
