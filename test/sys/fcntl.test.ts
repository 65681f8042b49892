import assert from 'node:assert/strict';
import { closeSync, fstatSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import * as sys from 'epoll-ts/sys';
import { opened, openedPair } from '../support/opened.ts';

const { F_DUPFD, F_DUPFD_CLOEXEC, F_GETFD, F_GETFL, F_SETFD, F_SETFL, FD_CLOEXEC, fcntl, O_NONBLOCK } = sys;

test('fcntl gets and sets the flags of a descriptor and of its file', (t) => {
  const fd = opened(t, sys.eventfd(0, 0));
  const copy = opened(t, sys.dup(fd));
  assert.equal(fcntl(fd, F_SETFD, FD_CLOEXEC), 0);
  assert.deepEqual(
    [fcntl(fd, F_GETFD), fcntl(copy, F_GETFD)],
    [FD_CLOEXEC, 0],
    'close-on-exec is the descriptor’s own',
  );
  assert.equal(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
  assert.equal(fcntl(copy, F_GETFL) & O_NONBLOCK, O_NONBLOCK, 'the status belongs to the open file');
  assert.equal(fcntl(-1, F_GETFD), -sys.EBADF);
});

test('fcntl refuses commands that take a pointer, and those that it does not know', (t) => {
  const fd = opened(t, sys.eventfd(0, 0));
  const pointer = [5, 6, 7, 12, 13, 14, 15, 16, 17, 36, 37, 38, 1035, 1036, 1037, 1038, 1039, 1040];
  for (const cmd of [...pointer, 12345, -1, 1029]) {
    assert.throws(() => fcntl(fd, cmd), {
      name: 'RangeError',
      message: `Cannot call fcntl as 'cmd' must be a command that is known to take a number: current value is ${cmd}`,
    });
  }
});

test('F_DUPFD gives the lowest free number from its argument on', (t) => {
  const fd = opened(t, sys.eventfd(0, 0));
  const high = opened(t, fcntl(fd, F_DUPFD, 500));
  const closing = opened(t, fcntl(fd, F_DUPFD_CLOEXEC, 500));
  assert.ok(high >= 500 && closing > high, `${high}, ${closing}`);
  assert.deepEqual([fcntl(high, F_GETFD), fcntl(closing, F_GETFD)], [0, FD_CLOEXEC]);
  assert.equal(fcntl(fd, F_DUPFD, -1), -sys.EINVAL);
  assert.throws(() => fcntl(fd, F_DUPFD, 2 ** 40), RangeError, 'the kernel itself takes it for 0');
});

test('dup and dup3 copy, and dup3 takes the number that it is told', (t) => {
  const fd = opened(t, sys.eventfd(3, sys.EFD_NONBLOCK));
  const target = opened(t, sys.eventfd(5, sys.EFD_NONBLOCK));
  assert.equal(sys.dup3(fd, target, sys.O_CLOEXEC), target);
  assert.equal(fcntl(target, F_GETFD), FD_CLOEXEC);
  assert.equal(sys.eventfd_read(target), 3n);
  assert.equal(sys.eventfd_read(fd), -sys.EAGAIN);
  assert.equal(sys.dup3(fd, fd, 0), -sys.EINVAL);
  assert.equal(sys.dup3(fd, -1, 0), -sys.EBADF);
  assert.equal(sys.dup3(fd, target, 1), -sys.EINVAL);
  assert.equal(sys.dup(-1), -sys.EBADF);
});

test('a negative answer that is no error stays what it is', (t) => {
  const [setOwn, getOwn] = [8, 9];
  const group = Number(readFileSync('/proc/self/stat', 'utf8').split(') ')[1]?.split(' ')[2]);
  if (group <= 1) return t.skip(`the process group is ${group}, whose negative looks like an error in C too`);
  const fd = opened(t, sys.socket(sys.AF_UNIX, sys.SOCK_STREAM, 0));
  assert.equal(fcntl(fd, setOwn, -group), 0);
  assert.equal(fcntl(fd, getOwn), -group, 'fcntl(2): a process group is given as a negative number');
});

test('descriptors are those of Node’s fs', () => {
  const fd = sys.open('/dev/null', sys.O_RDONLY);
  assert.ok(fstatSync(fd).isCharacterDevice());
  closeSync(fd);
  assert.equal(sys.close(fd), -sys.EBADF);
});

test('open makes a file with its mode, and refuses an existing one when told', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'epoll-ts-open-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'ä');
  const fd = opened(t, sys.open(path, sys.O_RDWR | sys.O_CREAT | sys.O_EXCL, 0o600));
  assert.equal(fstatSync(fd).mode & 0o777, 0o600);
  assert.equal(sys.open(path, sys.O_RDWR | sys.O_CREAT | sys.O_EXCL, 0o600), -sys.EEXIST);
  assert.equal(sys.write(fd, Buffer.from('abc')), 3);
  const appending = opened(t, sys.open(path, sys.O_WRONLY | sys.O_APPEND));
  assert.equal(sys.write(appending, Buffer.from('d')), 1);
  assert.equal(fstatSync(fd).size, 4);
  assert.equal(fstatSync(opened(t, sys.open(path, sys.O_WRONLY | sys.O_TRUNC))).size, 0);
});

test('ioctl fills what it was given, and no byte beyond it', (t) => {
  const [reader, writer] = openedPair(t, sys.pipe2(0));
  sys.write(writer, new Uint8Array(0x1234));
  for (const length of [4, 8, 0x4000, 0x8000]) {
    const answer = Buffer.alloc(length + 8, 0xee);
    assert.equal(sys.ioctl(reader, sys.FIONREAD, answer.subarray(4, 4 + length)), 0);
    assert.equal(answer.readInt32LE(4), 0x1234);
    assert.equal(answer.readUInt32LE(0), 0xeeee_eeee);
    assert.equal(answer.readUInt32LE(length + 4), 0xeeee_eeee);
  }
  const short = Uint8Array.of(0xee, 0xee, 0xee);
  assert.equal(sys.ioctl(reader, sys.FIONREAD, short.subarray(1, 2)), 0);
  assert.deepEqual([...short], [0xee, 0x34, 0xee]);
  assert.equal(sys.ioctl(reader, 0x5401 /* TCGETS */, new Uint8Array(64)), -sys.ENOTTY);
});

test('a struct that is larger than the caller’s memory harms nothing', (t) => {
  const terminal = sys.open('/dev/ptmx', sys.O_RDWR | sys.O_NOCTTY);
  if (terminal < 0) return t.skip(`/dev/ptmx can't be opened: ${sys.errnoName(terminal)}`);
  opened(t, terminal);
  const whole = new Uint8Array(64);
  assert.equal(sys.ioctl(terminal, 0x5401 /* TCGETS: 36 bytes, no size in its number */, whole), 0);
  const neighbours = Buffer.alloc(64, 0xee);
  assert.equal(sys.ioctl(terminal, 0x5401, neighbours.subarray(8, 12)), 0);
  assert.deepEqual([...neighbours.subarray(8, 12)], [...whole.subarray(0, 4)]);
  assert.ok(neighbours.every((byte, index) => (index >= 8 && index < 12) || byte === 0xee));
});
