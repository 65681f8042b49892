// @ts-check
// What the emulation breaks (qemu-user 7.2): not the library, and not arm64.

/**
 * Folders of tests that are not run, with the reason.
 *
 * @type {ReadonlyMap<string, string>}
 */
export const emulatedLayers = new Map([['house', 'reads source text, which is the same on every CPU']]);

/**
 * Strict entries of the catalogue that are not run, with the reason.
 *
 * @type {ReadonlyMap<string, string>}
 */
export const emulatedEntries = new Map([
  ...['k-efd-ioctl', 'k-busy-notepoll', 'k-busy-set-invalid', 'k-busy-roundtrip', 'k-busy-badioctl'].map(
    (id) => /** @type {const} */ ([id, 'qemu-user answers ENOSYS to an ioctl that it does not know']),
  ),
  ...['l-pwait05-sec-neg', 'l-pwait05-nsec-neg'].map(
    (id) => /** @type {const} */ ([id, 'qemu-user answers ENOSYS to epoll_pwait2']),
  ),
  ...['g-sfd-basic-rtmax', 'g-sfd-mask-rtmax', 'g-sfd-poll-rtmax'].map(
    (id) => /** @type {const} */ ([id, 'qemu-user keeps signal 64 for itself']),
  ),
  ['x-closewait-event', 'qemu-user ends a wait with EBADF when another thread closes the descriptor'],
  ['l-ctl06-fanotify', 'qemu-user does not pass on the descriptor of fanotify: EBADF'],
  ['x-err-sfd-masksize', 'qemu-user accepts a signal mask of 4 bytes'],
]);

/**
 * Test files that are not run unless they are named as here, with the reason.
 *
 * @type {ReadonlyMap<string, string>}
 */
export const emulatedOut = new Map([
  ['sys/epollParams', 'qemu-user does not know the ioctl EPIOCSPARAMS: ENOSYS'],
  ['reactor/keepAlive', 'starts 28 processes, each of which takes seconds to start: 8 minutes beside other work'],
  ['reactor/lifecycles', 'starts some 80 threads and processes, which takes more than 10 minutes'],
  ['reactor/spin', 'counts turns by the ten thousand, in processes of their own: more than 10 minutes'],
  ['reactor/workers', 'starts some 200 threads and processes, which takes more than 10 minutes'],
  ['cli/inspect/scale', 'asserts CPU time and memory, which are the emulator’s: 4.8 s for the 2 s of a real CPU'],
  [
    'stress/fuzz/fuzz',
    'qemu-user fails an assertion of its own (cpu == current_cpu) in sendmsg with hostile control data',
  ],
  ['conformance/areas', 'the whole catalogue is run instead, less the entries above'],
  ['property/falsified', 'runs the properties a dozen times in copies of the package for this CPU'],
]);

/**
 * Tests that are not run, by file: a pattern of their names, with the reason.
 *
 * @type {ReadonlyMap<string, Readonly<Record<string, string>>>}
 */
export const emulatedTests = new Map([
  [
    'sys/signals',
    { '^pthread_sigmask adds, takes out and sets': 'qemu-user keeps signal 64, which it blocks, for itself' },
  ],
  [
    'sys/socket',
    {
      '^options are read and set as numbers': 'qemu-user answers EFAULT to getsockopt with a length of 0',
      '^what the kernel refuses$': 'qemu-user answers EPROTONOSUPPORT to flags that the kernel answers EINVAL to',
    },
  ],
  [
    'sys/sendmsg',
    {
      '^descriptors for which there is no room':
        'qemu-user copies control messages itself: of one that is cut off, it gives none of the descriptors that fit',
      '^what the kernel refuses$': 'qemu-user answers EINVAL to a sendmsg that the kernel answers ENOTSOCK to',
    },
  ],
  [
    'reactor/scale',
    {
      '^200,000 registrations one after another': 'takes more than the minute that a script has',
      '^20,000 waits, given up and served': 'takes more than the minute that a script has',
    },
  ],
  [
    'reactor/allocation',
    { '^three million one-shot events': 'three million times epoll_ctl take more than the minute that a script has' },
  ],
  [
    'conformance/main',
    {
      '^the runner exits 0 and closes with the counts when a selection passes$':
        'it selects the area eventfd, in which is k-efd-ioctl (see above)',
    },
  ],
  [
    'cli/inspect/misbehaviorNode',
    {
      '^node: level-triggered data that is left unread':
        'asks which share of its time a program that spins has in the kernel: the emulator has its own share',
    },
  ],
  ['conformance/prose/pidfdRights', { '^g-pid-clone3efault': 'qemu-user answers ENOSYS to clone3' }],
  [
    'conformance/prose/throughput',
    { '^x-submilli-': 'qemu-user answers ENOSYS to epoll_pwait2: the wait is rounded up to a millisecond' },
  ],
  [
    'inspect/inspectProcess',
    {
      '^every kind of descriptor is told by what it is$':
        'qemu-user does not pass on sock_diag: the peer of a unix socket is not told',
      '^what is ready now is told without taking it$': 'qemu-user does not pass on TCP_INFO',
      '^findProcesses\\(\\) finds by the name in comm':
        'a title does not change the command line of an emulated process',
    },
  ],
  [
    'inspect/untouched',
    {
      '^a process that is looked into gets no event by it':
        'a signalfd of an emulated process reports an event twice, also when nobody looks',
    },
  ],
  [
    'net/udpSocket',
    { '^a multicast group is joined and left$': 'qemu-user answers ENOPROTOOPT to an option of the group' },
  ],
  [
    'fd/inotifyLimits',
    { '^watch\\(\\) names the limit of watches$': 'with qemu-user -L the folder / has 3 entries: too few' },
  ],
]);
