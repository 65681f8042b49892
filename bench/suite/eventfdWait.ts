import {
  EPOLL_CLOEXEC,
  EPOLL_CTL_ADD,
  epoll_create1,
  epoll_ctl,
  epoll_wait,
  EpollEventBuffer,
  EPOLLET,
  EPOLLIN,
} from 'epoll-ts/sys';

/**
 * What waits for a counter, edge-triggered: it need not be read. Without a timeout, as `Atomics.wait`: a timeout sets a
 * timer of the kernel.
 *
 * @param lifeline a descriptor that is readable, or hangs up, when the process is to end
 */
export function eventfdWait(fd: number, lifeline?: number): () => void {
  const epfd = epoll_create1(EPOLL_CLOEXEC);
  const buffer = new EpollEventBuffer(1);
  epoll_ctl(epfd, EPOLL_CTL_ADD, fd, EPOLLIN | EPOLLET);
  if (lifeline !== undefined) epoll_ctl(epfd, EPOLL_CTL_ADD, lifeline, EPOLLIN);
  return () => {
    while (epoll_wait(epfd, buffer, 1, -1) < 1);
    if (buffer.dataLow(0) !== fd) process.exit();
  };
}
