import {
  chmodSync,
  constants,
  linkSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmdirSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
} from 'node:fs';
import { close, errnoName, O_CLOEXEC, O_CREAT, O_RDONLY, O_RDWR, O_TRUNC, O_WRONLY, open, write } from 'epoll-ts/sys';
import { answered, must, nameDescriptor } from '../answer.ts';
import { atWorkingDirectory, cString, syscall } from '../raw/syscall.ts';
import { descriptor, type Operands, pathOf, type Rig, type Verbs } from '../rig.ts';
import { StepError, type StepResult } from '../stepResult.ts';
import { int32 } from '../vocabulary.ts';

const { O_DIRECTORY } = constants;
const openModes: ReadonlyMap<string, number> = new Map([
  ['r', O_RDONLY],
  ['w', O_WRONLY],
  ['rw', O_RDWR],
  ['wt', O_WRONLY | O_TRUNC],
  ['wct', O_WRONLY | O_CREAT | O_TRUNC],
  ['d', O_RDONLY | O_DIRECTORY],
]);
const regularFile = 0o100000;

/**
 * The file system, which inotify watches. Node's functions serve where each makes exactly one system call on the path.
 */
export const fileVerbs: Verbs = {
  touch: (call, rig) => {
    const fd = must(open(pathOf(rig, call.word(0)), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666), 'open');
    const content = Buffer.from(call.option('content') ?? '');
    if (content.length > 0) must(write(fd, content), 'write');
    must(close(fd), 'close');
    return { ret: 0 };
  },
  mkdir: onPath((path) => mkdirSync(path)),
  rmdir: onPath((path) => rmdirSync(path)),
  unlink: onPath((path) => unlinkSync(path)),
  rename: onPath((path, call, rig) => renameSync(path, pathOf(rig, call.word(1)))),
  link: onPath((path, call, rig) => linkSync(path, pathOf(rig, call.word(1)))),
  symlink: onPath((path, call, rig) => symlinkSync(path, pathOf(rig, call.word(1)))),
  chmod: onPath((path, call) => chmodSync(path, octal(call.word(1)))),
  readdir: onPath((path) => void readdirSync(path)),
  utime: onPath((path) => utimesSync(path, 1, 2)),
  mknod: onPath(
    (path) => void must(syscall('mknodat', atWorkingDirectory, cString(path), regularFile | 0o600, 0), 'mknod'),
  ),
  // fs.truncateSync opens the file, and inotify would tell.
  truncate: (call, rig) => answered(syscall('truncate', cString(pathOf(rig, call.word(0))), int32(call.word(1)))),
  ftruncate: (call, { names }) => answered(syscall('ftruncate', descriptor(names, call.word(0)), int32(call.word(1)))),
  fchmod: (call, { names }) => {
    must(syscall('fchmod', descriptor(names, call.word(0)), octal(call.word(1))), 'fchmod');
    return { ret: 0 };
  },
  openfile: (call, rig) => {
    const mode = openModes.get(call.word(2));
    if (mode === undefined) throw new StepError(`${call.word(2)} is not a way to open a file`);
    nameDescriptor(rig.names, call.word(0), must(open(pathOf(rig, call.word(1)), mode | O_CLOEXEC, 0o644), 'open'));
    return { ret: 'fd' };
  },
};

function onPath(act: (path: string, call: Operands, rig: Rig) => void): (call: Operands, rig: Rig) => StepResult {
  return (call, rig) => {
    const path = pathOf(rig, call.word(0));
    try {
      act(path, call, rig);
    } catch (error) {
      const { errno } = error as NodeJS.ErrnoException;
      if (errno === undefined) throw error;
      throw new StepError(`it gave ${errnoName(errno)}`);
    }
    return { ret: 0 };
  };
}

function octal(text: string): number {
  if (!/^[0-7]+$/.test(text)) throw new StepError(`${text} is not an octal mode`);
  return Number.parseInt(text, 8);
}
