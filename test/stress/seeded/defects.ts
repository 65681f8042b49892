/** A defect to put into a copy of the built package, and the suite that must find it. */
export interface Defect {
  readonly name: string;
  /** Below dist. */
  readonly file: string;
  /** What stands there now; exactly once. */
  readonly anchor: string;
  readonly replacement: string;
  /** A test file below build/test. */
  readonly suite: string;
}

export const defects: readonly Defect[] = [
  {
    name: 'the layout of struct epoll_event is not packed on x86-64',
    file: 'sys/abi/epollEventLayout.js',
    anchor: "return arch === 'x64' ? packed : aligned;",
    replacement: 'return aligned;',
    suite: 'sys/epoll.test.js',
  },
  {
    name: 'the generation of a token is not looked at',
    file: 'reactor/reactor.js',
    anchor: 'registration === undefined || registration.generation !== (buffer.dataHigh(index) | 0)',
    replacement: 'registration === undefined',
    suite: 'reactor/batch.test.js',
  },
  {
    name: 'EINTR ends a wait',
    file: 'fd/slicedWait.js',
    anchor: 'wait(Math.min(remaining, sliceMs));\n        if (answer !== 0 && answer !== -EINTR)',
    replacement: 'wait(Math.min(remaining, sliceMs));\n        if (answer !== 0)',
    suite: 'fd/slicedWait.test.js',
  },
  {
    name: 'a registration is added again instead of modified',
    file: 'reactor/registration.js',
    anchor: 'this.#host.control(this, EPOLL_CTL_MOD, mask)',
    replacement: 'this.#host.control(this, EPOLL_CTL_ADD, mask)',
    suite: 'reactor/triggers.test.js',
  },
  {
    name: 'the last event of a full batch is lost',
    file: 'reactor/reactor.js',
    anchor: 'index < count; index++',
    replacement: 'index < (count === this.#maxevents ? count - 1 : count); index++',
    suite: 'reactor/batch.test.js',
  },
  {
    name: 'fractions of a millisecond are cut off',
    file: 'sys/epollPwait2.js',
    anchor: '(timeoutNs + nsPerMs - 1n) / nsPerMs',
    replacement: 'timeoutNs / nsPerMs',
    suite: 'sys/epollPwait2.test.js',
  },
  {
    name: "the loop's duplicate of the descriptor stays open",
    file: 'reactor/hostLoop.js',
    anchor: 'close(this.#watched);',
    replacement: '',
    suite: 'stress/fuzz/regressions.test.js',
  },
  {
    name: 'a closed registration stays in the table',
    file: 'reactor/reactor.js',
    anchor: 'this.#table[fd] = undefined;',
    replacement: '',
    suite: 'reactor/batch.test.js',
  },
  {
    name: 'an object is closed without leaving its epoll instances',
    file: 'fd/ownedFd.js',
    anchor: 'watcher.release(this, this.#fd);',
    replacement: '{}',
    suite: 'fd/epoll.test.js',
  },
  {
    name: 'a one-shot counts as armed after it fired',
    file: 'reactor/registration.js',
    anchor: 'if ((this.#mask & EPOLLONESHOT) !== 0)\n                this.#disarmed();',
    replacement: '',
    suite: 'reactor/triggers.test.js',
  },
  {
    name: 'a view is believed about its length',
    file: 'sys/argument.js',
    anchor: 'return trueByteLength?.get?.call(value);',
    replacement: 'return value.byteLength;',
    suite: 'sys/memory.test.js',
  },
  {
    name: 'any value may be a descriptor that an object owns',
    file: 'fd/ownedFd.js',
    anchor: 'this.#fd = fdOf(fd);',
    replacement: 'this.#fd = fd;',
    suite: 'stress/fuzz/regressions.test.js',
  },
  {
    name: 'the loop gets a descriptor that it can not watch',
    file: 'reactor/hostLoop.js',
    anchor: '            proveWatchable(watched);',
    replacement: '',
    suite: 'stress/fuzz/regressions.test.js',
  },
  {
    name: 'what waits for a socket that is closed waits for ever',
    file: 'reactor/waiters.js',
    anchor: 'for (const waiter of all)\n            waiter.fail(reason);',
    replacement: '',
    suite: 'stress/fuzz/fuzz.test.js',
  },
];
