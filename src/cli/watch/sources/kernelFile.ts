import { readSync } from 'node:fs';
import { basename } from 'node:path';
import { fdOf } from '../../../fd/fdLike.ts';
import { fileSystemType } from '../../../fd/fileSystemType.ts';
import type { FdLike } from '../../../index.ts';
import { EPOLLERR, EPOLLPRI } from '../../../sys/index.ts';
import type { Detail } from '../event.ts';
import type { Host } from '../host.ts';
import type { OpenedSource } from '../opened.ts';
import type { Outcome } from '../outcome.ts';
import { preview, previewBytes } from '../preview.ts';

const kernelFileSystems: ReadonlySet<string | undefined> = new Set(['proc', 'sysfs', 'cgroup', 'cgroup2']);
// Streams, although they are in procfs: reading takes what is read.
const streams: ReadonlySet<string> = new Set(['kmsg']);

/**
 * Whether a file is made by the kernel as it is read, and reports changes as EPOLLPRI: procfs, sysfs, cgroupfs.
 *
 * @param path its path
 */
export function isKernelFile(fd: number, path: string): boolean {
  return kernelFileSystems.has(fileSystemType(fd)) && !streams.has(basename(path));
}

/** How to watch such a file: it is read from its beginning after each event. */
export function kernelFile(host: Host, target: FdLike): OpenedSource {
  const fd = fdOf(target);
  // A sysfs attribute reports a change until it has been read on this descriptor.
  readFromStart(fd);
  return {
    events: host.options.events ?? EPOLLPRI | EPOLLERR,
    // Some of these files report EPOLLPRI always (PSI without a trigger), so every event is followed by a rest. A
    // change meanwhile is not lost: the kernel remembers it for the descriptor.
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
