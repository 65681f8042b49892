import { constants } from 'node:fs';
import { O_CLOEXEC, O_CREAT, O_NOCTTY, O_NONBLOCK, O_PATH, O_RDONLY, O_RDWR, open } from 'epoll-ts/sys';
import { must, nameDescriptor } from '../answer.ts';
import { atWorkingDirectory, cString, syscall } from '../raw/syscall.ts';
import type { Verbs } from '../rig.ts';
import { StepError, type StepResult } from '../stepResult.ts';

const fifo = 0o010000;

type Kind = (directory: string) => number;

// The files that a scenario needs are opened, or the step fails; the objects of newer system calls may be missing from
// a kernel, and the step says so with -1.
const files: Readonly<Record<string, Kind>> = {
  regular: (directory) => open(`${directory}/reg`, O_RDWR | O_CREAT | O_CLOEXEC, 0o600),
  dir: (directory) => open(directory, O_RDONLY | constants.O_DIRECTORY | O_CLOEXEC),
  devnull: () => open('/dev/null', O_RDWR | O_CLOEXEC),
  devzero: () => open('/dev/zero', O_RDWR | O_CLOEXEC),
  urandom: () => open('/dev/urandom', O_RDONLY | O_CLOEXEC),
  procmaps: () => open('/proc/self/maps', O_RDONLY | O_CLOEXEC),
  procmounts: () => open('/proc/self/mounts', O_RDONLY | O_CLOEXEC),
  memfd: () => syscall('memfd_create', cString('x'), 1),
  opath: (directory) => open(directory, O_PATH | O_CLOEXEC),
  fifo: (directory) => {
    const path = `${directory}/fifo`;
    must(syscall('mknodat', atWorkingDirectory, cString(path), fifo | 0o600, 0), 'mkfifo');
    return open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
  },
  ptmx: () => open('/dev/ptmx', O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC),
};
const objects: Readonly<Record<string, Kind>> = {
  fanotify: () => syscall('fanotify_init', 0, 0),
  io_uring: () => syscall('io_uring_setup', 1, new Uint8Array(120)),
  userfaultfd: () => syscall('userfaultfd', 0),
  fsopen: () => syscall('fsopen', cString('tmpfs'), 0),
  open_tree: () => syscall('open_tree', atWorkingDirectory, cString('/'), 0),
  memfd_secret: () => syscall('memfd_secret', 0),
};

/** Whether the rig can open files of a kind. */
export function isOpenKind(kind: string): boolean {
  return Object.hasOwn(files, kind) || Object.hasOwn(objects, kind);
}

/** Files and objects of every kind that may or may not be polled. */
export const openVerbs: Verbs = {
  open: (call, { names, directory }): StepResult => {
    const kind = call.word(1);
    const file = files[kind];
    const fd = file === undefined ? openObject(kind, directory) : must(file(directory), `opening a ${kind}`);
    nameDescriptor(names, call.word(0), fd);
    return { ret: fd >= 0 ? 0 : -1 };
  },
};

function openObject(kind: string, directory: string): number {
  const object = objects[kind];
  if (object === undefined) throw new StepError(`${kind} is not a kind of file`);
  return Math.max(object(directory), -1);
}
