import fc from 'fast-check';
import * as sys from 'epoll-ts/sys';
import type { Step } from './step.ts';

const position = fc.nat(23);
const ep = fc.nat(2);

const reported = [
  sys.EPOLLIN,
  sys.EPOLLOUT,
  sys.EPOLLRDHUP,
  sys.EPOLLPRI,
  sys.EPOLLRDNORM,
  sys.EPOLLRDBAND,
  sys.EPOLLWRNORM,
  sys.EPOLLERR,
  sys.EPOLLHUP,
];
const modifier = fc.oneof(
  { weight: 4, arbitrary: fc.constant(0) },
  { weight: 4, arbitrary: fc.constant(sys.EPOLLET) },
  { weight: 3, arbitrary: fc.constant(sys.EPOLLONESHOT) },
  { weight: 1, arbitrary: fc.constant(sys.EPOLLONESHOT | sys.EPOLLET) },
  { weight: 1, arbitrary: fc.constant(sys.EPOLLEXCLUSIVE) },
  { weight: 1, arbitrary: fc.constant(sys.EPOLLEXCLUSIVE | sys.EPOLLET) },
);
const bits = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(sys.EPOLLIN, sys.EPOLLOUT, sys.EPOLLIN | sys.EPOLLOUT) },
  {
    weight: 3,
    arbitrary: fc.subarray(reported).map((some) => some.reduce((mask, bit) => mask | bit, 0)),
  },
);
// Half of the masks are negative numbers in JavaScript, as `EPOLLIN | EPOLLET` is: they mean the same.
const events = fc
  .tuple(bits, modifier, fc.boolean())
  .map(([mask, flags, unsigned]) => (unsigned ? (mask | flags) >>> 0 : mask | flags));

/** Any step, those more often that make or take events. */
export const anyStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 1, arbitrary: fc.record({ do: fc.constant('epoll' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('pipe' as const, 'streams' as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('eventfd' as const),
      initial: fc.constantFrom(0, 1, 5, 0xffff_ffff),
      semaphore: fc.boolean(),
    }),
  },
  { weight: 9, arbitrary: fc.record({ do: fc.constant('add' as const), ep, fd: position, events }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('mod' as const), ep, fd: position, events }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('del' as const), ep, fd: position }) },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constantFrom('write' as const, 'write' as const, 'read' as const),
      fd: position,
      size: fc.nat(63),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('shutdown' as const), fd: position, size: fc.nat(2) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('fill' as const, 'drain' as const), fd: position }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constantFrom('dup' as const, 'close' as const, 'renumber' as const),
      fd: position,
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({ do: fc.constant('wait' as const), ep, max: fc.constantFrom(1, 2, 3, 64) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('list' as const), ep }) },
);
