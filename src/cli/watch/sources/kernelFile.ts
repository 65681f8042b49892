import { readSync, statfsSync } from 'node:fs';
import { basename } from 'node:path';
import { fdOf } from '../../../fd/fdLike.ts';
import type { FdLike } from '../../../index.ts';
import { EPOLLERR, EPOLLPRI } from '../../../sys/index.ts';
import type { Detail } from '../event.ts';
import type { Host } from '../host.ts';
import type { OpenedSource } from '../opened.ts';
import type { Outcome } from '../outcome.ts';
import { preview, previewBytes } from '../preview.ts';

// linux/magic.h: procfs, sysfs, cgroup v1 and v2.
const kernelFileSystems: ReadonlySet<number> = new Set([0x9fa0, 0x62656572, 0x27e0eb, 0x63677270]);
// Streams, although they are in procfs: reading takes what is read.
const streams: ReadonlySet<string> = new Set(['kmsg']);

/**
 * Whether a file is made by the kernel as it is read, and reports changes as EPOLLPRI: procfs, sysfs, cgroupfs.
 *
 * @param path opens it; may be a link in `/proc/self/fd`
 * @param name its path
 */
export function isKernelFile(path: string, name: string = path): boolean {
  return kernelFileSystems.has(statfsSync(path).type) && !streams.has(basename(name));
}

/** How to watch such a file: it is read from its beginning after each event. */
export function kernelFile(host: Host, target: FdLike): OpenedSource {
  const fd = fdOf(target);
  // A sysfs attribute reports a change until it has been read on this descriptor.
  readFromStart(fd);
  return {
    events: host.options.events ?? EPOLLPRI | EPOLLERR,
    // Some of these files report EPOLLPRI always (PSI without a trigger), so every event is followed by a rest. A change
    // meanwhile is not lost: the kernel remembers it for the descriptor.
    ready: (): Outcome => ({ detail: readFromStart(fd), next: 'standing' }),
  };
}

function readFromStart(fd: number): Detail {
  const buffer = Buffer.alloc(65_536);
  try {
    const bytes = readSync(fd, buffer, 0, buffer.length, 0);
    return preview(buffer.subarray(0, Math.min(bytes, previewBytes)), bytes);
  } catch (error) {
    return { error: error instanceof Error && 'code' in error ? String(error.code) : String(error) };
  }
}
