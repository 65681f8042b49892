import { ECONNRESET, ENOTCONN, EPIPE, ETIMEDOUT } from '../../sys/index.ts';

/** What the caller can do where a call on a connection is refused; '' where nothing general can be said. */
export function connectionAdvice(answer: number): string {
  switch (-answer) {
    case EPIPE:
      return 'the peer has closed the connection, or this direction was ended: write no more';
    case ECONNRESET:
      return 'the peer has reset the connection: what was on its way is lost';
    case ETIMEDOUT:
      return 'the peer no longer answers';
    case ENOTCONN:
      return 'the connection is gone';
    default:
      return '';
  }
}
