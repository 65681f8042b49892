import { readFileSync } from 'node:fs';
import {
  close,
  dup3,
  eventfd,
  fcntl,
  F_DUPFD_CLOEXEC,
  F_GETFD,
  F_GETFL,
  F_SETFL,
  F_SETPIPE_SZ,
  FD_CLOEXEC,
  ioctl,
  O_CLOEXEC,
  O_NONBLOCK,
  errnoName,
  pipe2,
} from 'epoll-ts/sys';
import { answered, must, nameDescriptor, opened } from '../answer.ts';
import { descriptor, type Verbs } from '../rig.ts';
import { StepError } from '../stepResult.ts';
import { int32, parseFlags, parseInteger } from '../vocabulary.ts';

const accessModes = ['RDONLY', 'WRONLY', 'RDWR'];

/** Pipes and eventfds, and what any descriptor can. */
export const descriptorVerbs: Verbs = {
  pipe: (call, { names }) => {
    const ends = pipe2(O_CLOEXEC | (call.has('nonblock') ? O_NONBLOCK : 0));
    if (typeof ends === 'number') throw new StepError(`pipe2 gave ${errnoName(ends)}`);
    const size = call.option('size');
    if (size !== undefined) must(fcntl(ends[1], F_SETPIPE_SZ, int32(size)), 'fcntl');
    call.pair().forEach((name, index) => nameDescriptor(names, name, ends[index] ?? -1));
    return { ret: 0 };
  },
  eventfd: (call, { names }) => {
    const name = call.word(0);
    const fd = eventfd(int32(call.option('init') ?? '0') >>> 0, parseFlags(call.option('flags') ?? '0'));
    const result = opened(names, name, fd);
    if (fd >= 0) names.set('eventfd', name, fd);
    return result;
  },
  close: (call, { names }) => answered(close(descriptor(names, call.word(0)))),
  dup: (call, { names }) => {
    const fd = must(fcntl(descriptor(names, call.word(0)), F_DUPFD_CLOEXEC, 0), 'fcntl');
    nameDescriptor(names, call.word(1), fd);
    return { ret: 'fd' };
  },
  // The target keeps its number. dup2 of a descriptor onto itself does nothing, where dup3 says EINVAL.
  dup2: (call, { names }) => {
    const [from, to] = [descriptor(names, call.word(0)), descriptor(names, call.word(1))];
    if (from === to) must(fcntl(from, F_GETFD), 'fcntl');
    else must(dup3(from, to, 0), 'dup3');
    return { ret: 0 };
  },
  reuse: (call, { names }) => {
    const same = descriptor(names, call.word(0)) === descriptor(names, call.word(1));
    return { ret: 0, value: same ? 'same' : 'different' };
  },
  getfd: (call, { names }) => {
    const flags = fcntl(descriptor(names, call.word(0)), F_GETFD);
    return { ...answered(flags), value: flags > 0 && (flags & FD_CLOEXEC) !== 0 ? 'CLOEXEC' : '0' };
  },
  getfl: (call, { names }) => {
    const flags = fcntl(descriptor(names, call.word(0)), F_GETFL);
    if (flags < 0) return answered(flags);
    const words = [accessModes[flags & 3] ?? String(flags & 3), ...((flags & O_NONBLOCK) === 0 ? [] : ['NONBLOCK'])];
    return { ret: flags, value: words.join('|') };
  },
  setfl: (call, { names }) => {
    const fd = descriptor(names, call.word(0));
    return answered(fcntl(fd, F_SETFL, must(fcntl(fd, F_GETFL), 'fcntl') | O_NONBLOCK));
  },
  fdinfo: (call, { names }) => {
    const text = readFileSync(`/proc/self/fdinfo/${descriptor(names, call.word(0))}`, 'utf8');
    const line = text.split('\n').find((candidate) => candidate.startsWith(`${call.word(1)}:`));
    const [value] = /\S+/.exec(line?.slice(call.word(1).length + 1) ?? '') ?? [];
    return value === undefined ? { ret: 0 } : { ret: 0, value };
  },
  ioctl: (call, { names }) => {
    const request = Number(BigInt.asUintN(32, parseInteger(call.word(1))));
    return answered(ioctl(descriptor(names, call.word(0)), request, new Uint8Array(64)));
  },
  getproc: (call) => ({ ret: 0, value: readFileSync(call.word(0), 'utf8').trim() }),
};
