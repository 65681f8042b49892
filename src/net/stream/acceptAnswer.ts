import {
  ECONNABORTED,
  EHOSTDOWN,
  EHOSTUNREACH,
  EINTR,
  EMFILE,
  ENETDOWN,
  ENETUNREACH,
  ENFILE,
  ENOBUFS,
  ENOMEM,
  ENONET,
  ENOPROTOOPT,
  EPERM,
  EPROTO,
} from '../../sys/index.ts';

const passing: ReadonlySet<number> = new Set(
  [EINTR, ECONNABORTED, EPERM, EPROTO, ENETDOWN, ENOPROTOOPT, EHOSTDOWN, ENONET, EHOSTUNREACH, ENETUNREACH].map(
    (errno) => -errno,
  ),
);
const exhausted: ReadonlySet<number> = new Set([EMFILE, ENFILE, ENOBUFS, ENOMEM].map((errno) => -errno));

/** What accept(2) answers for a connection that has gone, or that a firewall refuses: the next one may be there. */
export function isPassing(answer: number): boolean {
  return passing.has(answer);
}

/** The process or the system has nothing left to make a descriptor of. */
export function isExhausted(answer: number): boolean {
  return exhausted.has(answer);
}
