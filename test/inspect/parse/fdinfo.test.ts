// The text of /proc/PID/fdinfo/N and of the links in /proc/PID/fd, as several kernels print it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseEventfdFdinfo } from '#epoll/inspect/parse/eventfdFdinfo.js';
import { parseFdinfoHead } from '#epoll/inspect/parse/fdinfoHead.js';
import { parseFdLink } from '#epoll/inspect/parse/fdLink.js';
import { parseInotifyFdinfo } from '#epoll/inspect/parse/inotifyFdinfo.js';
import { parsePidfdFdinfo } from '#epoll/inspect/parse/pidfdFdinfo.js';
import { parseSignalfdFdinfo } from '#epoll/inspect/parse/signalfdFdinfo.js';
import { parseTimerfdFdinfo } from '#epoll/inspect/parse/timerfdFdinfo.js';

const head = 'pos:\t0\nflags:\t02000002\nmnt_id:\t17\nino:\t1038\n';

test('links: sockets and pipes have an inode, anonymous files a name, all else is a path', () => {
  assert.deepEqual(parseFdLink('socket:[29188]'), { type: 'socket', inode: '29188' });
  assert.deepEqual(parseFdLink('pipe:[29186]'), { type: 'pipe', inode: '29186' });
  assert.deepEqual(parseFdLink('anon_inode:[eventfd]'), { type: 'anonymous', name: '[eventfd]' });
  assert.deepEqual(parseFdLink('anon_inode:inotify'), { type: 'anonymous', name: 'inotify' });
  assert.deepEqual(parseFdLink('pidfd:[1234]'), { type: 'anonymous', name: '[pidfd]' }, 'the other form');
  for (const path of [
    '/dev/pts/3',
    '/tmp/x (deleted)',
    '/tmp/socket:[12]',
    '/tmp/anon_inode:[eventfd]',
    '/tmp/a\nb',
    '',
  ]) {
    assert.deepEqual(parseFdLink(path), { type: 'path', path });
  }
});

test('the head: position, flags in octal, mount and, since Linux 5.14, inode', () => {
  assert.deepEqual(parseFdinfoHead(head), { pos: 0, flags: 0o2000002, mountId: 17, inode: '1038' });
  assert.deepEqual(parseFdinfoHead('pos:\t12\nflags:\t0100001\nmnt_id:\t27\n'), {
    pos: 12,
    flags: 0o100001,
    mountId: 27,
    inode: null,
  });
  assert.deepEqual(
    parseFdinfoHead('pos:\t0\nflags:\t02\n'),
    { pos: 0, flags: 2, mountId: null, inode: null },
    'before mnt_id',
  );
  assert.equal(parseFdinfoHead(''), null);
});

test('eventfd: the counter is hexadecimal, its number and mode came later', () => {
  assert.deepEqual(
    parseEventfdFdinfo(`${head}eventfd-count:                3\neventfd-id: 1\neventfd-semaphore: 0\n`),
    {
      kind: 'eventfd',
      count: '3',
      id: 1,
      semaphore: false,
    },
  );
  assert.deepEqual(
    parseEventfdFdinfo(`${head}eventfd-count: fffffffffffffffe\neventfd-id: 12\neventfd-semaphore: 1\n`),
    {
      kind: 'eventfd',
      count: '18446744073709551614',
      id: 12,
      semaphore: true,
    },
  );
  assert.deepEqual(
    parseEventfdFdinfo('pos:\t0\nflags:\t04002\nmnt_id:\t10\neventfd-count:               1f\n'),
    { kind: 'eventfd', count: '31', id: null, semaphore: null },
    'before the number and the mode',
  );
  assert.deepEqual(parseEventfdFdinfo(''), { kind: 'eventfd', count: null, id: null, semaphore: null });
});

test('timerfd: clock, expirations, and the time that is left', () => {
  const text = `${head}clockid: 1\nticks: 2\nsettime flags: 01\nit_value: (999, 130035650)\nit_interval: (5, 0)\n`;
  assert.deepEqual(parseTimerfdFdinfo(text), {
    kind: 'timerfd',
    clock: 'CLOCK_MONOTONIC',
    ticks: '2',
    remainingNs: '999130035650',
    intervalNs: '5000000000',
  });
  assert.equal(parseTimerfdFdinfo('clockid: 7\n').clock, 'CLOCK_BOOTTIME');
  assert.equal(parseTimerfdFdinfo('clockid: 42\n').clock, 'clock 42');
  assert.equal(parseTimerfdFdinfo('it_value: (9223372036, 854775807)\n').remainingNs, '9223372036854775807');
  assert.deepEqual(parseTimerfdFdinfo(head), {
    kind: 'timerfd',
    clock: null,
    ticks: null,
    remainingNs: null,
    intervalNs: null,
  });
});

test('signalfd: bit 0 is signal 1', () => {
  assert.deepEqual(parseSignalfdFdinfo(`${head}sigmask:\t0000000000004001\n`).signals, ['SIGHUP', 'SIGTERM']);
  assert.deepEqual(parseSignalfdFdinfo('sigmask:\t8000000200000000\n').signals, ['SIGRTMIN', 'SIGRTMIN+30']);
  assert.deepEqual(parseSignalfdFdinfo('sigmask:\t0000000000000000\n').signals, []);
  assert.equal(parseSignalfdFdinfo(head).signals, null);
});

test('inotify: a line per watch, every number hexadecimal; the file handle is there where the file system has one', () => {
  const text = `${head}inotify wd:1a ino:224021 sdev:fe00000 mask:2 ignored_mask:0 fhandle-bytes:8 fhandle-type:1 f_handle:2140220026432932
inotify wd:1 ino:2145ec sdev:fe00000 mask:fff ignored_mask:0 \n`;
  assert.deepEqual(parseInotifyFdinfo(text), [
    {
      wd: 26,
      inode: String(0x224021),
      sdev: 0xfe0_0000,
      mask: 2,
      handle: { type: 1, bytes: Buffer.from('2140220026432932', 'hex') },
    },
    { wd: 1, inode: String(0x2145ec), sdev: 0xfe0_0000, mask: 0xfff, handle: null },
  ]);
  assert.deepEqual(parseInotifyFdinfo(head), []);
  const old =
    'inotify wd:2 ino:7ef82a sdev:800001 mask:800afff ignored_mask:0 fhandle-bytes:8 fhandle-type:1 ' +
    'f_handle:2af87e00220ffd73';
  assert.equal(parseInotifyFdinfo(old)[0]?.mask, 0x800_afff, 'the line in proc(5)');
});

test('pidfd: the process, or none when it is gone or outside', () => {
  assert.equal(parsePidfdFdinfo(`${head}Pid:\t15508\nNSpid:\t15508\n`), 15508);
  assert.equal(parsePidfdFdinfo('Pid:\t-1\nNSpid:\t-1\n'), null);
  assert.equal(parsePidfdFdinfo('Pid:\t0\nNSpid:\t0\n'), null);
  assert.equal(parsePidfdFdinfo(head), null);
});
