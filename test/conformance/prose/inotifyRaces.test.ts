// inotify while other threads change what is watched: a full queue, order, and no deadlock.
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { test, type TestContext } from 'node:test';
import type { Worker } from 'node:worker_threads';
import { Inotify } from 'epoll-ts';
import {
  close,
  decodeInotifyEvents,
  EINVAL,
  ENOENT,
  errnoName,
  IN_ALL_EVENTS,
  IN_CLOEXEC,
  IN_DELETE,
  IN_NONBLOCK,
  IN_Q_OVERFLOW,
  inotify_add_watch,
  inotify_init1,
  inotify_rm_watch,
  O_CLOEXEC,
  O_RDWR,
  open,
  read,
  write,
} from 'epoll-ts/sys';
import { drainInotify, temporaryFolder } from '../../support/inotifyFolder.ts';
import { opened } from '../../support/opened.ts';
import { endOf, messageOf, startThread } from '../../support/threadScript.ts';

const fiveFiles = ['a', 'b', 'c', 'd', 'e'];

/** A thread that works until it is told to end; ended with the test at the latest. */
async function endlessly(t: TestContext, work: string, data: unknown): Promise<Worker> {
  const worker = startThread(
    `const fs = await import('node:fs');
     const [folder, ...names] = workerData;
     let on = true;
     parentPort.once('message', () => { on = false; });
     const begun = () => parentPort.postMessage('begun');
     let round = 0;
     const turn = () => {
       ${work}
       if (++round === 1) begun();
       if (on) setImmediate(turn); else parentPort.close();
     };
     turn();`,
    data,
  );
  t.after(async () => void (await worker.terminate()));
  await messageOf(worker);
  return worker;
}

async function stop(worker: Worker): Promise<void> {
  const end = endOf(worker);
  worker.postMessage('end');
  assert.equal(await end, 0);
}

test('l-ino05: a full queue ends with one overflow record that belongs to no watch', (t) => {
  using folder = temporaryFolder();
  const path = folder.file('f');
  const most = Number(readFileSync('/proc/sys/fs/inotify/max_queued_events', 'utf8'));
  if (most > 100_000) return t.skip(`max_queued_events is ${most}: too many to fill`);
  // So long that no read comes to its end, where it would be no access. Two that are alike in a row would be merged.
  writeFileSync(path, new Uint8Array(2 * most));
  const fd = opened(t, open(path, O_RDWR | O_CLOEXEC));
  const queue = opened(t, inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
  assert.ok(inotify_add_watch(queue, path, IN_ALL_EVENTS) > 0);
  const byte = new Uint8Array(1);
  for (let round = 0; round < most; round++) {
    read(fd, byte);
    write(fd, byte);
  }
  const buffer = new Uint8Array(65_536);
  const records = [];
  for (let count; (count = read(queue, buffer)) > 0;) records.push(...decodeInotifyEvents(buffer.slice(0, count)));
  assert.equal(records.length, most + 1);
  const { wd, mask, cookie, name } = records.at(-1) ?? {};
  assert.deepEqual({ wd, mask, cookie, length: name?.length }, { wd: -1, mask: IN_Q_OVERFLOW, cookie: 0, length: 0 });
});

test('l-ino06: instances can be closed while the watched files come and go', async (t) => {
  using folder = temporaryFolder();
  const paths = fiveFiles.map((name) => folder.file(name));
  const worker = await endlessly(t, `for (const name of names) { fs.writeFileSync(name, ''); fs.unlinkSync(name); }`, [
    folder.path,
    ...paths,
  ]);
  for (let round = 0; round < 400; round++) {
    const queue = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    assert.ok(queue >= 0);
    for (const path of paths) {
      const wd = inotify_add_watch(queue, path, IN_ALL_EVENTS);
      assert.ok(wd > 0 || wd === -ENOENT, errnoName(wd));
    }
    assert.equal(close(queue), 0);
  }
  await stop(worker);
});

test('l-ino11: a file is gone when its IN_DELETE can be read', async () => {
  using folder = temporaryFolder();
  using inotify = new Inotify();
  inotify.watch(folder.path, IN_DELETE);
  const count = 9999;
  const worker = startThread(
    `const fs = await import('node:fs');
     for (let number = 0; number < ${count}; number++) {
       const path = workerData + '/' + number;
       fs.writeFileSync(path, '');
       fs.unlinkSync(path);
     }
     parentPort.postMessage('done');`,
    folder.path,
  );
  let running = true;
  const done = messageOf(worker).then(() => (running = false));
  let seen = 0;
  for (let last = false; !last;) {
    last = !running;
    for (const { name, overflow } of drainInotify(inotify)) {
      assert.equal(overflow, false);
      assert.equal(open(folder.file(name), O_RDWR), -ENOENT);
      seen++;
    }
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
  await done;
  assert.equal(seen, count);
});

test('g-ino-conc-rm: adding and removing a watch of a file that comes and goes fails with ENOENT and EINVAL only', async (t) => {
  using folder = temporaryFolder();
  const path = folder.file('f');
  const worker = await endlessly(t, `fs.writeFileSync(names[0], ''); fs.unlinkSync(names[0]);`, [folder.path, path]);
  const queue = opened(t, inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
  for (let round = 0; round < 1000; round++) {
    const wd = inotify_add_watch(queue, path, IN_ALL_EVENTS);
    assert.ok(wd > 0 || wd === -ENOENT, errnoName(wd));
    if (wd < 0) continue;
    const removed = inotify_rm_watch(queue, wd);
    assert.ok(removed === 0 || removed === -EINVAL, errnoName(removed));
  }
  await stop(worker);
});

test('g-ino-epollload: epoll instances come and go on a busy inotify instance, and each wait tells of an event', async () => {
  using folder = temporaryFolder();
  using inotify = new Inotify();
  const folders = Array.from({ length: 1000 }, (_, index) => folder.file(String(index)));
  for (const path of folders) {
    mkdirSync(path);
    inotify.watch(path, IN_ALL_EVENTS);
  }
  const worker = startThread(
    `const events = new sys.EpollEventBuffer(1);
     const answers = new Set();
     for (let round = 0; round < 500; round++) {
       const ep = sys.epoll_create1(sys.EPOLL_CLOEXEC);
       sys.epoll_ctl(ep, sys.EPOLL_CTL_ADD, workerData, sys.EPOLLIN | sys.EPOLLOUT | sys.EPOLLET);
       answers.add(sys.epoll_wait(ep, events, 1, -1));
       sys.close(ep);
     }
     parentPort.postMessage([...answers]);`,
    inotify.fd,
  );
  let answers: unknown;
  const done = messageOf(worker).then((message) => (answers = message));
  // Nothing is read, so that the queue stays ready; listing makes more of it all the time.
  while (answers === undefined) {
    for (const path of folders) readdirSync(path);
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
  await done;
  assert.deepEqual(answers, [1]);
});

test('g-ino-deadlocks: threads that replace instances, watches and their targets all come to an end', async (t) => {
  using folder = temporaryFolder();
  const paths = fiveFiles.map((name) => folder.file(name));
  const data = [folder.path, ...paths];
  const targets = `for (const name of names) {
      try {
        fs.writeFileSync(name, '');
        fs.chmodSync(name, 0o600);
        fs.renameSync(name, name + 'x');
        fs.unlinkSync(name + 'x');
      } catch (error) { if (error.code !== 'ENOENT') throw error; }
    }`;
  const watches = `const queue = sys.inotify_init1(sys.IN_NONBLOCK | sys.IN_CLOEXEC);
    sys.inotify_add_watch(queue, folder, sys.IN_ALL_EVENTS);
    for (const name of names) {
      const wd = sys.inotify_add_watch(queue, name, sys.IN_ALL_EVENTS);
      if (wd > 0 && round % 2) sys.inotify_rm_watch(queue, wd);
    }
    sys.close(queue);`;
  const workers = await Promise.all([targets, targets, watches, watches].map((work) => endlessly(t, work, data)));
  const queue = opened(t, inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
  const buffer = new Uint8Array(4096);
  for (let round = 0; round < 1000; round++) {
    const wd = inotify_add_watch(queue, folder.path, IN_ALL_EVENTS);
    assert.ok(wd > 0);
    read(queue, buffer);
    assert.equal(inotify_rm_watch(queue, wd), 0);
  }
  for (const worker of workers) await stop(worker);
});
