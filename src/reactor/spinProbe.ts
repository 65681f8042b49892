import { readFileSync, readlinkSync } from 'node:fs';
import {
  close,
  EPOLL_CLOEXEC,
  EPOLL_CTL_ADD,
  epoll_create1,
  epoll_ctl,
  epoll_wait,
  EPOLLET,
  EpollEventBuffer,
  EPOLLOUT,
  FIONREAD,
  getsockopt,
  ioctl,
  IPPROTO_TCP,
  SOL_SOCKET,
  TIOCOUTQ,
} from '../sys/index.ts';

/**
 * Evidence that a descriptor which reports over and over is really not being drained, so that a busy one is never
 * accused: between two looks nothing arrived (an edge-triggered watch of the same file stays silent), nothing was taken
 * (what the kernel shows of the file is the same), and, where it does not show enough, this process moved less than a
 * byte a turn.
 */
export class SpinProbe {
  readonly #fd: number;
  readonly #events: number;
  readonly #epfd: number;
  readonly #watching: boolean;
  readonly #first: Look;

  /** Takes the first look. `events` is what the descriptor is watched for. */
  constructor(fd: number, events: number) {
    this.#fd = fd;
    this.#events = events;
    this.#epfd = epoll_create1(EPOLL_CLOEXEC);
    this.#watching = epoll_ctl(this.#epfd, EPOLL_CTL_ADD, fd, (events & readinessBits) | EPOLLET) === 0;
    // The readiness that is there already is reported once; what comes after it is news.
    epoll_wait(this.#epfd, edges, 1, 0);
    this.#first = look(fd, events);
  }

  /** Takes the second look: whether nothing at all has happened in the turns since. */
  unchanged(turns: number): boolean {
    if (!this.#watching || epoll_wait(this.#epfd, edges, 1, 0) !== 0) return false;
    const second = look(this.#fd, this.#events);
    return second.state === this.#first.state && second.moved - this.#first.moved < turns;
  }

  /** Must be called in the end. */
  close(): void {
    if (this.#epfd >= 0) close(this.#epfd);
  }
}

interface Look {
  /** What the kernel shows of the file. */
  readonly state: string;
  /** The bytes that this process has read or written, where the state alone proves nothing; 0 elsewhere. */
  readonly moved: number;
}

const readinessBits = 0xffff;
const edges = new EpollEventBuffer(1);
const int = new Uint8Array(4);
const info = new Uint8Array(256);

// asm-generic/socket.h, linux/tcp.h
const SO_MEMINFO = 55;
const TCP_INFO = 11;

function look(fd: number, events: number): Look {
  const readable = ioctl(fd, FIONREAD, int) >= 0;
  const state = [readable ? int.join('.') : '-', ioctl(fd, TIOCOUTQ, int) < 0 ? '-' : int.join('.')];
  // fdinfo shows an eventfd's count, a timerfd's ticks, an inner epoll's list.
  state.push(textOf(`/proc/self/fdinfo/${fd}`), ...socketState(fd));
  const file = fileOf(fd);
  // A pipe that is written and read in the same turn shows nothing of it (and its times stand still since Linux 6.15);
  // a device may show nothing at all. Sockets wake a writer's watch, or count.
  const silent = /^(?:pipe:|\/)/.test(file) && ((events & EPOLLOUT) !== 0 || !readable);
  return { state: state.join('|'), moved: silent ? bytesMoved(events) : 0 };
}

function socketState(fd: number): string[] {
  if (getsockopt(fd, SOL_SOCKET, SO_MEMINFO, info) < 0) return [];
  const memory = info.subarray(0, 36).join('.');
  if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, info) < 144) return [memory];
  // tcpi_unacked (the backlog, of a listener), tcpi_bytes_acked and tcpi_bytes_received; other fields change with the
  // time.
  return [memory, info.subarray(24, 28).join('.'), info.subarray(120, 136).join('.')];
}

function bytesMoved(events: number): number {
  const text = textOf('/proc/self/io');
  const counter = (events & EPOLLOUT) === 0 ? /^rchar: (\d+)/m : /^wchar: (\d+)/m;
  return Number(counter.exec(text)?.[1] ?? 0);
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** What `fd` is, as the kernel names it. */
export function fileOf(fd: number): string {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return 'closed';
  }
}
