import { readlinkSync } from 'node:fs';
import {
  EBADF,
  EEXIST,
  EINVAL,
  ELOOP,
  ENOENT,
  ENOMEM,
  ENOSPC,
  EPERM,
  EPOLL_CTL_ADD,
  EPOLL_CTL_MOD,
  EPOLLERR,
  EPOLLET,
  EPOLLEXCLUSIVE,
  EPOLLHUP,
  EPOLLIN,
  EPOLLOUT,
  EPOLLWAKEUP,
  F_GETFD,
  fcntl,
  formatEvents,
  KCMP_FILE,
  kcmp,
} from '../sys/index.ts';

// EPOLLEXCLUSIVE_OK_BITS in fs/eventpoll.c.
const exclusiveCompanions = EPOLLIN | EPOLLOUT | EPOLLERR | EPOLLHUP | EPOLLWAKEUP | EPOLLET | EPOLLEXCLUSIVE;

/** The epoll_ctl that failed. */
export interface EpollCtlCall {
  readonly epfd: number;
  readonly op: number;
  readonly fd: number;
  readonly events: number;
}

/** What the caller of a failed epoll_ctl can do, by the answer and the arguments. */
export function epollCtlAdvice(answer: number, call: EpollCtlCall): string {
  switch (-answer) {
    case EPERM:
      return (
        `${kindOf(call.fd)} has no readiness to wait for: regular files, directories and devices like /dev/null ` +
        'are always ready, so read it directly, and use Inotify to learn of changes'
      );
    case EEXIST:
      return 'it is in the interest list already: modify it, or delete it first';
    case ENOENT:
      return 'it is not in the interest list: add it first (a closed descriptor leaves the list by itself)';
    case EBADF:
      return notOpen(call);
    case ELOOP:
      return 'epoll instances may not watch each other in a circle, nor be nested more than 5 deep';
    case ENOSPC:
      return 'the limit of epoll watches per user is reached: raise the sysctl fs.epoll.max_user_watches';
    case ENOMEM:
      return 'the kernel has no memory for the entry';
    case EINVAL:
      return invalid(call);
    default:
      return '';
  }
}

function notOpen({ epfd, fd }: EpollCtlCall): string {
  if (fcntl(epfd, F_GETFD) < 0) return `the epoll descriptor itself (fd ${epfd}) was closed by someone else`;
  if (fcntl(fd, F_GETFD) < 0) return 'it is not open: it was closed, or never was a descriptor of this process';
  return 'it was opened with O_PATH, so there is no file behind it to wait for';
}

function invalid({ epfd, op, fd, events }: EpollCtlCall): string {
  if (epfd === fd || kcmp(process.pid, process.pid, KCMP_FILE, epfd, fd) === 0)
    return 'an epoll instance cannot watch itself';
  if ((events & EPOLLEXCLUSIVE) !== 0) {
    if (op === EPOLL_CTL_MOD) return 'EPOLLEXCLUSIVE can be given when adding only: delete the entry and add it again';
    const refused = (events & ~exclusiveCompanions) >>> 0;
    if (refused !== 0) return `EPOLLEXCLUSIVE cannot be combined with ${formatEvents(refused)}`;
    if (op === EPOLL_CTL_ADD) return 'EPOLLEXCLUSIVE cannot be used on an epoll descriptor';
  }
  if (op === EPOLL_CTL_MOD) {
    return 'an entry that was added with EPOLLEXCLUSIVE cannot be modified: delete it and add it again';
  }
  return 'too many epoll instances watch it through a common outer one (the kernel allows 500 paths at depth 2)';
}

function kindOf(fd: number): string {
  try {
    return `this file (${readlinkSync(`/proc/self/fd/${fd}`)})`;
  } catch {
    return 'this kind of file';
  }
}
