import { fstatSync } from 'node:fs';
import {
  EACCES,
  EPOLLIN,
  EPOLLRDHUP,
  ENOENT,
  ENXIO,
  O_CLOEXEC,
  O_NOCTTY,
  O_NONBLOCK,
  O_RDONLY,
  open,
  read,
} from '../../../sys/index.ts';
import { answered, Descriptor } from '../descriptor.ts';
import { failureText } from '../failure.ts';
import type { Host, Source } from '../host.ts';
import { openedSource } from '../opened.ts';
import type { Outcome } from '../outcome.ts';
import { readingDetail, nextAfter, readReady } from '../reading.ts';
import type { PathSpec } from '../sourceSpec.ts';
import { isKernelFile, kernelFile } from './kernelFile.ts';

/** `path:PATH`: a device, a FIFO, or a file of procfs, sysfs or cgroupfs. */
export function openPath(spec: PathSpec, host: Host): Source {
  const descriptor = openFile(spec.path);
  if (descriptor.guard(() => isKernelFile(descriptor.fd, spec.path))) {
    return openedSource(spec, host, descriptor, () => kernelFile(host, descriptor));
  }
  if (descriptor.guard(() => fstatSync(descriptor.fd).isFIFO())) return openFifo(spec, host, descriptor);
  return openedSource(spec, host, descriptor, () => ({
    events: host.options.events ?? EPOLLIN | EPOLLRDHUP,
    ready: (mask) => {
      const reading = readReady((buffer) => read(descriptor.fd, buffer), { mask, trigger: host.options.trigger });
      return { detail: readingDetail(reading), next: nextAfter(reading, mask) };
    },
  }));
}

// A FIFO whose last writer has left reports EPOLLHUP for ever to who was there, so it is opened again: the new
// descriptor is silent until a writer comes. (Holding a writer's end open would hide the hang-up, and need permission
// to write.)
function openFifo(spec: PathSpec, host: Host, first: Descriptor): Source {
  let descriptor = first;
  const ready = (mask: number): Outcome => {
    const reading = readReady((buffer) => read(descriptor.fd, buffer), { mask, trigger: host.options.trigger });
    const detail = readingDetail(reading);
    if (!reading.end) return { detail, next: nextAfter(reading, mask) };
    // The new one first: a writer that comes in between finds a reader, and nothing of its data is lost.
    const next = openAgain(spec, host);
    if (next === null) return { detail, next: 'end' };
    watch.change({ target: next });
    descriptor.close();
    descriptor = next;
    return { detail, next: 'drained' };
  };
  const events = host.options.events ?? EPOLLIN;
  const watch = first.guard(() => host.watch({ spec, target: first, events, ready, ended: () => host.finish(spec) }));
  return {
    watch,
    close: () => {
      watch.close();
      descriptor.close();
    },
  };
}

// What was read last is shown also where the FIFO has gone, or another file has its path.
function openAgain(spec: PathSpec, host: Host): Descriptor | null {
  try {
    const next = openFile(spec.path);
    if (next.guard(() => fstatSync(next.fd).isFIFO())) return next;
    next.close();
    host.note(spec, 'another file has this path now');
  } catch (error) {
    host.note(spec, failureText(spec, error));
  }
  return null;
}

function openFile(path: string): Descriptor {
  const answer = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  return new Descriptor(answered(answer, 'open', { path }, advice(answer)));
}

function advice(answer: number): string {
  switch (-answer) {
    case ENOENT:
      return 'no such file';
    case EACCES:
      return 'not readable for this user';
    case ENXIO:
      return 'a socket, or a device that is not there';
    default:
      return '';
  }
}
