// @ts-check
// What the emulation breaks (qemu-user 7.2): not the library, and not arm64.

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
    'fd/inotifyLimits',
    { '^watch\\(\\) names the limit of watches$': 'with qemu-user -L the folder / has 3 entries: too few' },
  ],
]);
