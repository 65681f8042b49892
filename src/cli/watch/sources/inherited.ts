import { isReadable, SystemError } from '../../../index.ts';
import { EBADF, EPOLLERR, EPOLLHUP, EPOLLIN, EPOLLRDHUP, F_GETFL, fcntl, O_WRONLY } from '../../../sys/index.ts';
import type { Host, Source } from '../host.ts';
import type { OpenedSource } from '../opened.ts';
import type { Outcome } from '../outcome.ts';
import { type ReadOnce, readingDetail, nextAfter, readReady } from '../reading.ts';
import { linkOf } from '../runtimeDescriptors.ts';
import type { FdSpec, StdinSpec } from '../sourceSpec.ts';
import { decoderOf } from './anonymous.ts';
import { isListening, isStream, readIfReady, receive } from './borrowedRead.ts';
import { isKernelFile, kernelFile } from './kernelFile.ts';

/**
 * `stdin` and `fd:N`: a descriptor that the shell passed. It is shared with other processes and may be blocking: its
 * flags stay as they are, and it is read only when poll(2) says that a read will not wait.
 */
export function openInherited(spec: StdinSpec | FdSpec, host: Host): Source {
  const fd = spec.kind === 'stdin' ? 0 : spec.fd;
  if (fcntl(fd, F_GETFL) < 0 || (fd > 2 && host.runtimeDescriptors.has(fd))) {
    throw new SystemError(
      EBADF,
      'fcntl',
      { fd },
      `the shell must pass it: for example epoll watch ${spec.name} ${fd}<FIFO`,
    );
  }
  const { events, ready } = readerOf(fd, host);
  const watch = host.watch({ spec, target: fd, events, ready, ended: () => host.finish(spec) });
  return { watch, close: () => watch.close() };
}

function readerOf(fd: number, host: Host): OpenedSource {
  const file = linkOf(fd) ?? '';
  const events = host.options.events ?? EPOLLIN | EPOLLRDHUP;
  if ((fcntl(fd, F_GETFL) & O_WRONLY) !== 0) return { events, ready: writeOnly };
  if (file.startsWith('/') && isKernelFile(fd, file)) return kernelFile(host, fd);
  if (file.startsWith('socket:'))
    return isListening(fd) ? { events, ready: untouched } : stream(host, receive(fd), isStream(fd));
  // Since Linux 6.9 a pidfd is a file of pidfs.
  if (file === 'anon_inode:[pidfd]' || file.startsWith('pidfd:')) return { events, ready: process };
  if (!file.startsWith('anon_inode:')) return stream(host, readIfReady(fd), true);
  const decoder = decoderOf(file);
  if (decoder === undefined) return { events, ready: untouched };
  const read = readIfReady(fd);
  return { events, ready: (mask) => (isReadable(mask) ? decoder(read) : untouched()) };
}

function stream(host: Host, read: ReadOnce, ends: boolean): OpenedSource {
  const { trigger } = host.options;
  return {
    events: host.options.events ?? EPOLLIN | EPOLLRDHUP,
    ready: (mask) => {
      const reading = readReady(read, { mask, trigger });
      // A datagram may be empty; only a stream ends by it.
      const seen = ends ? reading : { ...reading, end: false };
      return { detail: readingDetail(seen), next: nextAfter(seen, mask) };
    },
  };
}

// What is not ours to take: accepting, or waiting on another epoll instance.
function untouched(): Outcome {
  return { detail: {}, next: 'standing' };
}

function writeOnly(mask: number): Outcome {
  const gone = (mask & (EPOLLERR | EPOLLHUP)) !== 0;
  return gone ? { detail: { end: true }, next: 'end' } : untouched();
}

function process(mask: number): Outcome {
  return (mask & EPOLLIN) === 0 ? untouched() : { detail: { exited: true }, next: 'end' };
}
