import { check } from '../../fd/systemError.ts';
import { AF_UNIX, close, SHUT_RD, shutdown, SOCK_DGRAM } from '../../sys/index.ts';
import { newSocket, socketKind } from '../core/madeSocket.ts';
import { SocketIdentity } from '../serve/socketIdentity.ts';

/**
 * What tells all threads of a `StreamSet` that it is stopped, those too that come later: readable from then on, and
 * never read.
 *
 * A socket, whose receiving side is shut down, and not an eventfd: the kernel knows a socket by a number that no other
 * gets, so a thread that borrowed it sees whether it is still there. An eventfd's id is the next one's as soon as it is
 * closed.
 */
export class StopSocket {
  readonly fd: number;
  readonly #identity: SocketIdentity;

  /** @param borrowed one that another thread made, and closes */
  constructor(borrowed?: number) {
    this.fd = borrowed ?? newSocket(AF_UNIX, SOCK_DGRAM);
    this.#identity = new SocketIdentity(this.fd);
  }

  /** Whether a descriptor can be one. */
  static accepts(fd: number): boolean {
    const [domain, type] = socketKind(fd) ?? [];
    return domain === AF_UNIX && type === SOCK_DGRAM;
  }

  /** Whether the number still is this socket, which its maker closes with the set. */
  get open(): boolean {
    return this.#identity.is(this.fd);
  }

  signal(): void {
    const { fd } = this;
    check(shutdown(fd, SHUT_RD), 'shutdown', { fd });
  }

  close(): void {
    if (this.open) close(this.fd);
  }
}
