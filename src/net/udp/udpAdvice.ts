import { SystemError, type SystemErrorSubject } from '../../fd/systemError.ts';
import {
  EACCES,
  ECONNREFUSED,
  EDESTADDRREQ,
  EHOSTDOWN,
  EHOSTUNREACH,
  EINVAL,
  EMSGSIZE,
  ENETUNREACH,
  ENOBUFS,
  ENONET,
  ENOPROTOOPT,
  EPERM,
  EPROTO,
} from '../../sys/index.ts';

// icmp_err_convert and icmpv6_err_convert (Linux 6.18).
const told: ReadonlySet<number> = new Set(
  [ECONNREFUSED, EHOSTUNREACH, ENETUNREACH, EHOSTDOWN, ENONET, ENOPROTOOPT, EPROTO, EACCES, EMSGSIZE].map(
    (errno) => -errno,
  ),
);

/**
 * Whether a receive that was answered so has told what became of an earlier datagram (ICMP): the next datagram may be
 * there.
 */
export function tellsOfEarlier(answer: number): boolean {
  return told.has(answer);
}

/** What can be done about the failure of a UDP socket. @param length of the datagram that was sent */
export function udpAdvice(answer: number, length = 0): string {
  switch (-answer) {
    case ECONNREFUSED:
      return 'nobody received an earlier datagram there; the socket goes on: send again';
    case EMSGSIZE:
      return (
        'a datagram carries at most 65507 bytes over IPv4, 65527 over IPv6, ' +
        `and less where the network can't split it: this one has ${length}`
      );
    case EDESTADDRREQ:
      return 'the socket is not connected: give the address, or connect first';
    case EINVAL:
      return "port 0 is nobody's: a datagram that came from it wants no answer";
    case EACCES:
      return 'this is a broadcast address: set broadcast';
    case EPERM:
      return 'a firewall rule refuses it';
    case ENOBUFS:
      return "the network device's queue is full: send less, or later";
    case ENETUNREACH:
    case EHOSTUNREACH:
      return 'there is no way to this address';
    default:
      return '';
  }
}

/** The error of a datagram that was not sent. */
export function sendFailure(
  answer: number,
  subject: SystemErrorSubject,
  { connected, length }: { readonly connected: boolean; readonly length: number },
): SystemError {
  return new SystemError(answer, connected ? 'send' : 'sendto', subject, udpAdvice(answer, length));
}
