import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import * as sys from 'epoll-ts/sys';
import { readEpollEntries } from '#epoll/fd/epollEntry.js';
import type { Coverage } from './coverage.ts';
import { ModelEpoll, type ModelEvent } from './modelEpoll.ts';
import { ModelEventfd } from './modelEventfd.ts';
import { ModelKernel } from './modelKernel.ts';
import { ModelPipe } from './modelPipe.ts';
import { ModelStream } from './modelStream.ts';
import type { DataFile, OpenFile } from './openFile.ts';

const pageSize = pageSizeOfKernel();
const room = 256;
const bytes = new Uint8Array(1 << 20);
const part = bytes.subarray(0, 1 << 14);

/**
 * The kernel and its model side by side: every call is made on both, and the answers are compared. The model is told
 * which numbers the kernel gave, and how many bytes filled a socket.
 */
export class KernelPair {
  readonly model: ModelKernel = new ModelKernel();
  readonly #coverage: Coverage;
  readonly #buffer = new sys.EpollEventBuffer(room);
  #serial = 0;

  constructor(coverage: Coverage) {
    this.#coverage = coverage;
    // So that the first step can already be any: two instances, and one file of each kind.
    this.epoll();
    this.eventfd(0, false);
    this.pipe();
    this.streams();
    this.epoll();
  }

  #opened(fd: number, file: OpenFile): void {
    assert.ok(fd >= 0, `a descriptor of ${file.kind}: ${sys.errnoName(fd)}`);
    this.model.open(fd, file);
  }

  epoll(): void {
    this.#opened(sys.epoll_create1(sys.EPOLL_CLOEXEC), new ModelEpoll());
  }

  eventfd(initial: number, semaphore: boolean): void {
    const flags = sys.EFD_CLOEXEC | sys.EFD_NONBLOCK | (semaphore ? sys.EFD_SEMAPHORE : 0);
    this.#opened(sys.eventfd(initial, flags), new ModelEventfd(initial, semaphore));
  }

  pipe(): void {
    const [reader, writer] = both(sys.pipe2(sys.O_CLOEXEC | sys.O_NONBLOCK));
    const slots = sys.fcntl(writer, sys.F_GETPIPE_SZ) / pageSize;
    const pipe = new ModelPipe({ page: pageSize, slots });
    this.#opened(reader, pipe.reader);
    this.#opened(writer, pipe.writer);
  }

  streams(): void {
    const fds = both(sys.socketpair(sys.AF_UNIX, sys.SOCK_STREAM | sys.SOCK_CLOEXEC | sys.SOCK_NONBLOCK, 0));
    const files = ModelStream.pair();
    for (const index of [0, 1] as const) this.#opened(fds[index], files[index]);
  }

  dup(fd: number): void {
    const file = this.model.fileOf(fd);
    if (file !== undefined) this.#opened(sys.fcntl(fd, sys.F_DUPFD_CLOEXEC, 0), file);
  }

  close(fd: number): void {
    assert.equal(sys.close(fd), 0);
    this.model.close(fd);
  }

  /** epoll_ctl with user data that no other call has. */
  control(epfd: number, op: number, fd: number, events: number): void {
    const serial = ++this.#serial;
    const data = (BigInt((serial ^ 0xdead_beef) >>> 0) << 32n) | BigInt(serial);
    const answer = sys.epoll_ctl(epfd, op, fd, events, data);
    const expected = this.model.control(epfd, op, fd, { events: events >>> 0, data });
    same('epoll_ctl', answer, expected);
    this.#coverage.answer(expected);
  }

  wait(epfd: number, maxevents: number): void {
    const instance = this.model.fileOf(epfd);
    assert.ok(instance instanceof ModelEpoll);
    const { candidates } = instance;
    const expected = instance.wait(maxevents);
    const count = sys.epoll_wait(epfd, this.#buffer, maxevents, 0);
    const events = Array.from({ length: Math.max(0, count) }, (_, index) => ({
      events: sys.formatEvents(this.#buffer.events(index)),
      data: this.#buffer.data(index),
    }));
    const shown = expected.map(({ events: mask, data }) => ({ events: sys.formatEvents(mask), data }));
    assert.deepEqual(events, shown, `epoll_wait answered ${count}`);
    this.#coverage.wait(expected, candidates, ({ entry }: ModelEvent) => this.model.fileOf(entry.fd) !== entry.file);
  }

  /** Compares the interest lists, with the ghosts that the library finds in them. */
  list(epfd: number): void {
    const instance = this.model.fileOf(epfd);
    assert.ok(instance instanceof ModelEpoll);
    const listed = readEpollEntries(epfd).map(({ fd, events, data, ghost }) => ({ fd, events, data, ghost }));
    const known = listed.every(({ ghost }) => ghost !== null);
    const expected = instance.entries.map(({ fd, file, events, data }) => ({
      fd,
      events,
      data,
      ghost: known ? this.model.fileOf(fd) !== file : null,
    }));
    const byData = (a: { data: bigint }, b: { data: bigint }): number => (a.data < b.data ? -1 : 1);
    assert.deepEqual(listed.sort(byData), expected.sort(byData), 'the interest list');
  }

  write(fd: number, size: number): void {
    const file = this.model.fileOf(fd);
    if (file instanceof ModelEventfd)
      same('eventfd_write', sys.eventfd_write(fd, BigInt(size)), file.add(BigInt(size)));
    else same('write', sys.write(fd, bytes.subarray(0, size)), (file as DataFile).write(size));
  }

  read(fd: number, size: number): void {
    const file = this.model.fileOf(fd);
    if (file instanceof ModelEventfd) same('eventfd_read', sys.eventfd_read(fd), file.take());
    else same('read', sys.read(fd, bytes.subarray(0, size)), (file as DataFile).read(size));
  }

  /** Writes until nothing more is taken. */
  fill(fd: number): void {
    const file = this.model.fileOf(fd);
    if (file instanceof ModelEventfd) {
      const { room: value } = file;
      same('eventfd_write', sys.eventfd_write(fd, value), file.add(value));
    } else if (file instanceof ModelStream) {
      const accepted = writeAll(fd);
      same('write', accepted, file.fill(Math.max(1, accepted)));
    } else {
      this.write(fd, bytes.length);
    }
  }

  shutdown(fd: number, how: number): void {
    same('shutdown', sys.shutdown(fd, how), (this.model.fileOf(fd) as ModelStream).shutdown(how));
  }

  /** Compares all that can still be seen, and closes everything. */
  end(): void {
    try {
      for (const epfd of this.model.numbers((file) => file instanceof ModelEpoll)) {
        this.list(epfd);
        this.wait(epfd, room);
      }
    } finally {
      this.dispose();
    }
  }

  dispose(): void {
    for (const fd of this.model.numbers()) {
      sys.close(fd);
      this.model.close(fd);
    }
  }
}

function same(call: string, answer: number | bigint, expected: number | bigint): void {
  if (answer === expected) return;
  const name = (value: number | bigint): string => (value < 0 ? sys.errnoName(Number(value)) : String(value));
  assert.fail(`${call} answered ${name(answer)}, the model says ${name(expected)}`);
}

function both(answer: readonly [number, number] | number): readonly [number, number] {
  if (typeof answer === 'number') assert.fail(`two descriptors: ${sys.errnoName(answer)}`);
  return answer;
}

/** In parts that a few small reads don't use up. */
function writeAll(fd: number): number {
  for (let total = 0; ;) {
    const answer = sys.write(fd, part);
    if (answer < 0) return total > 0 ? total : answer;
    total += answer;
  }
}

/** AT_PAGESZ of the auxiliary vector. */
function pageSizeOfKernel(): number {
  const vector = new BigUint64Array(new Uint8Array(readFileSync('/proc/self/auxv')).buffer);
  for (let index = 0; index + 1 < vector.length; index += 2) if (vector[index] === 6n) return Number(vector[index + 1]);
  return 4096;
}
