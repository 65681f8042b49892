import type { Patch } from '../../support/patchedPackage.ts';

/** A defect to put into a copy of the package, and the suite that must find it. */
export interface Defect extends Patch {
  readonly name: string;
  /** A test file below build/test. */
  readonly suite: string;
}

export const defects: readonly Defect[] = [
  {
    name: 'the layout of struct epoll_event is not packed on x86-64',
    file: 'sys/abi/epollEventLayout.ts',
    from: "return arch === 'x64' ? packed : aligned;",
    to: 'return aligned;',
    suite: 'sys/epoll.test.js',
  },
  {
    name: 'the generation of a token is not looked at',
    file: 'reactor/registrationTable.ts',
    from: 'row === undefined || row.generation !== words[at + dataHighAt]',
    to: 'row === undefined',
    suite: 'reactor/batch.test.js',
  },
  {
    name: 'EINTR ends a wait',
    file: 'fd/slicedWait.ts',
    from: 'wait(Math.min(remaining, sliceMs));\n    if (answer !== 0 && answer !== -EINTR)',
    to: 'wait(Math.min(remaining, sliceMs));\n    if (answer !== 0)',
    suite: 'fd/slicedWait.test.js',
  },
  {
    name: 'a registration is added again instead of modified',
    file: 'reactor/arming/handled.ts',
    from: 'control(this.row, EPOLL_CTL_MOD, this.row.mask)',
    to: 'control(this.row, EPOLL_CTL_ADD, this.row.mask)',
    suite: 'reactor/triggers.test.js',
  },
  {
    name: 'the last event of a full batch is lost',
    file: 'reactor/registrationTable.ts',
    from: 'index < count; index++',
    to: 'index < (count * stride === words.length ? count - 1 : count); index++',
    suite: 'reactor/batch.test.js',
  },
  {
    name: 'fractions of a millisecond are cut off',
    file: 'sys/epollPwait2.ts',
    from: '(timeoutNs + nsPerMs - 1n) / nsPerMs',
    to: 'timeoutNs / nsPerMs',
    suite: 'sys/epollPwait2.test.js',
  },
  {
    name: "the loop's duplicate of the descriptor stays open",
    file: 'reactor/hostLoop.ts',
    from: 'close(this.#watched);',
    to: '',
    suite: 'stress/fuzz/regressions.test.js',
  },
  {
    name: 'a closed registration stays in the table',
    file: 'reactor/registrationTable.ts',
    from: 'this.#slots[row.fd] = undefined;',
    to: '',
    suite: 'reactor/batch.test.js',
  },
  {
    name: 'an object is closed without leaving its epoll instances',
    file: 'fd/ownedFd.ts',
    from: 'watcher.release(this, this.#fd);',
    to: '{}',
    suite: 'fd/epoll.test.js',
  },
  {
    name: 'a one-shot counts as armed after it fired',
    file: 'reactor/arming/handled.ts',
    from: 'this.#armed = false;',
    to: '',
    suite: 'reactor/triggers.test.js',
  },
  {
    name: 'a view is believed about its length',
    file: 'sys/argument.ts',
    from: 'return trueByteLength.call(value);',
    to: 'return value.byteLength;',
    suite: 'sys/memory.test.js',
  },
  {
    name: 'any value may be a descriptor that an object owns',
    file: 'fd/ownedFd.ts',
    from: 'this.#fd = fdOf(fd);',
    to: 'this.#fd = fd;',
    suite: 'stress/fuzz/regressions.test.js',
  },
  {
    name: 'the loop gets a descriptor that it can not watch',
    file: 'reactor/hostLoop.ts',
    from: 'this.#proof = proveWatchable(watched, this.#fd);',
    to: '',
    suite: 'stress/fuzz/regressions.test.js',
  },
  {
    name: 'a short read is taken for the last one although the end came with it',
    file: 'net/core/cachedReadiness.ts',
    from: '(readiness & exceptionalBits) !== 0',
    to: '(readiness & exceptionalBits) < 0',
    suite: 'net/shortRead.test.js',
  },
  {
    name: 'what waits for a socket that is closed waits for ever',
    file: 'reactor/waiters.ts',
    from: 'for (const waiter of all) if (!waiter.gone) end(waiter).fail(reason);',
    to: '',
    suite: 'stress/fuzz/fuzz.test.js',
  },
];
