import { ClosedError } from '../../fd/closedError.ts';
import { type FdLike, fdOf } from '../../fd/fdLike.ts';
import { check, SystemError, type SystemErrorSubject } from '../../fd/systemError.ts';
import { byteLengthOf, bytes, describe } from '../../sys/argument.ts';
import {
  AF_INET,
  AF_INET6,
  connect,
  EADDRNOTAVAIL,
  EAGAIN,
  EINTR,
  MSG_NOSIGNAL,
  MSG_TRUNC,
  recvfrom,
  send,
  sendto,
  SO_BROADCAST,
  SOCK_DGRAM,
  SockaddrBuffer,
  SOL_SOCKET,
} from '../../sys/index.ts';
import { type InetAddress, inetAddress, localName, remoteName, resolve } from '../address/inetAddress.ts';
import { inTime, type OperationOptions } from '../core/inTime.ts';
import { InTurn } from '../core/inTurn.ts';
import { adopted, given } from '../core/madeSocket.ts';
import { Multicast } from './multicast.ts';
import { Socket, type SocketOptions, socketOptions } from '../core/socket.ts';
import { booleanOption, setBooleanOption } from '../core/socketOption.ts';
import { boundUdp, encodedFor, rebind, type UdpBindOptions, udpAdvice } from './udpBind.ts';

/** Where a datagram goes: an IP address and a port, such as the `from` of one that was received. */
export interface UdpAddress {
  readonly address: string;
  /** 1 to 65535. */
  readonly port: number;
}

/** A host: an IP address as `UdpAddress` has it, or a name, which `node:dns` resolves. */
export type UdpPeer = UdpAddress | { readonly host: string; readonly port: number };

/** A datagram that was received into the caller's memory. */
export interface ReceivedDatagram {
  /** How many bytes were written into the memory; 0 is an empty datagram, which is legal. */
  readonly bytes: number;
  readonly from: InetAddress;
  /** Whether there was more, which is lost. */
  readonly truncated: boolean;
}

/** A datagram with memory of its own. */
export interface Datagram {
  readonly data: Uint8Array;
  readonly from: InetAddress;
}

const broadcast = { level: SOL_SOCKET, option: SO_BROADCAST, name: 'broadcast' };
const sender = new SockaddrBuffer();
// No datagram is longer.
const longest = 65_535;
let scratch: Uint8Array | undefined;

/**
 * A UDP socket, IPv4 or IPv6, bound from the start. Datagrams go whole or not at all; they can be lost, doubled and overtaken
 * on the way, and nobody tells.
 *
 * @see https://man7.org/linux/man-pages/man7/udp.7.html
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { UdpSocket } from 'epoll-ts/net';
 *
 * const server = new UdpSocket({ address: '127.0.0.1' });
 * const client = new UdpSocket({ address: '127.0.0.1' });
 * await client.connect(server.localAddress);
 * await client.send(Buffer.from('ping'));
 * const into = new Uint8Array(1500);
 * const { bytes, from, truncated } = await server.receive(into);
 * assert.equal(Buffer.from(into.subarray(0, bytes)).toString(), 'ping');
 * assert.deepEqual([from, truncated], [client.localAddress, false]);
 * await server.send(Buffer.from('pong'), from);
 * for await (const { data } of client) {
 *   assert.equal(Buffer.from(data).toString(), 'pong');
 *   break;
 * }
 * for (const socket of [client, server]) socket.close();
 * ```
 */
export class UdpSocket extends Socket {
  /** 4 or 6. */
  readonly family: 4 | 6;
  #remote: InetAddress | null = null;
  #multicast: Multicast | undefined;
  // The last destination, and its encoding: most programs send to the same one many times.
  #lastTo: UdpAddress | undefined;
  #lastEncoded: Uint8Array = new Uint8Array(0);
  readonly #sends = new InTurn();

  /**
   * Binds to an IP address and port of this machine; without them, to all addresses and a port that the kernel chooses.
   *
   * @throws {SystemError} EADDRINUSE, EADDRNOTAVAIL, EACCES, EMFILE, ENFILE, with the `address` and `port`
   * @throws {TypeError | RangeError} for a wrong option
   */
  constructor(options: SocketOptions & UdpBindOptions = {}) {
    const own = socketOptions(options);
    const { fd, family } = options instanceof Attached ? options : boundUdp(options);
    super(fd, own, UdpSocket);
    this.family = family;
    if (options instanceof Attached) this.#remote = options.remote;
  }

  /**
   * Takes over a UDP socket. It becomes close-on-exec and non-blocking. An object that owns it and has `detach` gives it away.
   *
   * @throws {TypeError} when it is no UDP socket; it is left open
   * @throws {SystemError} EBADF
   */
  static attach(target: FdLike, options: SocketOptions = {}): UdpSocket {
    const kinds = [
      [AF_INET, SOCK_DGRAM],
      [AF_INET6, SOCK_DGRAM],
    ] as const;
    const own = socketOptions(options);
    const fd = adopted(fdOf(target, 'target'), 'UdpSocket', kinds);
    const remote = inetAddress(remoteName(fd));
    const family = localName(fd)?.family === AF_INET6 ? 6 : 4;
    return new UdpSocket(new Attached(given(target, fd), family, remote, own));
  }

  /** Its own address. While it is connected, the one that its datagrams leave from. @throws {ClosedError} after `close()`. */
  get localAddress(): InetAddress {
    return known(inetAddress(localName(this.fd)));
  }

  /** The peer that it is connected to; null while it is not. */
  get remoteAddress(): InetAddress | null {
    return this.#remote;
  }

  /** SO_BROADCAST: whether datagrams may go to a broadcast address. @throws {ClosedError | SystemError | TypeError} */
  get broadcast(): boolean {
    return booleanOption(this.fd, broadcast);
  }

  set broadcast(on: boolean) {
    setBooleanOption(this.fd, broadcast, on);
  }

  /**
   * Sends to this peer from now on, and receives from it only; what others have sent before is still received. Their
   * ICMP errors are reported: see `trySend`. Another `connect` changes the peer. Nothing is sent, and no one is asked.
   *
   * @throws (as a rejection) {SystemError} ENETUNREACH, EHOSTUNREACH, EACCES with the `address` and `port`
   * @throws (as a rejection) Node's error ENOTFOUND of the resolver; the signal's reason, or a TimeoutError
   * @throws (as a rejection) {TypeError | RangeError} for a wrong address
   * @see https://man7.org/linux/man-pages/man2/connect.2.html
   */
  async connect(peer: UdpPeer, options: OperationOptions = {}): Promise<void> {
    const to = await this.#resolved(peer, options);
    const address = this.#encoded(to);
    const answer = connectNow(this.fd, address);
    check(answer, 'connect', { fd: this.fd, address: to.address, port: to.port }, udpAdvice(answer));
    this.#remote = inetAddress(remoteName(this.fd));
  }

  /** Receives from everyone again. The port stays. @throws {ClosedError | SystemError} */
  disconnect(): void {
    const { fd } = this;
    const { port } = this.localAddress;
    // AF_UNSPEC.
    check(connectNow(fd, new Uint8Array(16)), 'connect', { fd, ...this.subject });
    this.#remote = null;
    rebind(fd, port, this.localAddress);
  }

  /**
   * Sends a datagram.
   *
   * @param data at most 65507 bytes over IPv4, 65527 over IPv6; none is a datagram too
   * @param to an IP address; may be left out on a connected socket
   * @returns false where it would wait, and nothing was sent
   * @throws {ClosedError} after `close()`
   * @throws {SystemError} ECONNREFUSED on a connected socket: nobody received an earlier datagram; this one was NOT sent, the
   *   error is gone, and the socket goes on
   * @throws {SystemError} EMSGSIZE, EDESTADDRREQ, EACCES (broadcast), ENETUNREACH, EHOSTUNREACH, EPERM (a firewall)
   * @throws {TypeError | RangeError} when `data` is no Uint8Array, or the address is wrong
   * @see https://man7.org/linux/man-pages/man2/sendto.2.html
   */
  trySend(data: Uint8Array, to?: UdpAddress): boolean {
    const { fd } = this;
    const length = byteLengthOf(bytes(data, 'data'));
    const address = to === undefined ? undefined : this.#encoded(to);
    while (this.mayWrite) {
      const answer = address === undefined ? send(fd, data, MSG_NOSIGNAL) : sendto(fd, data, MSG_NOSIGNAL, address);
      if (answer >= 0) return true;
      if (answer === -EAGAIN) this.filled();
      else if (answer !== -EINTR) throw this.#failedTo(answer, to, length);
      if (answer === -EAGAIN) return false;
    }
    return false;
  }

  /**
   * Sends a datagram as `trySend`, and waits for room. A name is resolved by `node:dns`. The memory must not change until the
   * promise is settled.
   *
   * @throws (as a rejection) what `trySend` and `connect` throw
   */
  async send(data: Uint8Array, to?: UdpPeer, options: OperationOptions = {}): Promise<void> {
    bytes(data, 'data');
    await inTime(options, async (signal) => {
      const address = to === undefined ? undefined : await this.#resolved(to, signal === undefined ? {} : { signal });
      await this.#sends.run(async () => {
        signal?.throwIfAborted();
        while (!this.trySend(data, address)) await this.waitToWrite(signal);
      });
    });
    await this.atOnce();
  }

  /**
   * Receives a datagram.
   *
   * @param into what does not fit is cut off: 1500 bytes hold what most networks carry, 65535 whatever can come
   * @returns null where it would wait
   * @throws {ClosedError} after `close()`
   * @throws {SystemError} ECONNREFUSED on a connected socket: nobody received an earlier datagram; the socket goes on
   * @throws {TypeError} when `into` is no Uint8Array
   * @see https://man7.org/linux/man-pages/man2/recvfrom.2.html
   */
  tryReceive(into: Uint8Array): ReceivedDatagram | null {
    const { fd } = this;
    const room = byteLengthOf(bytes(into, 'into'));
    while (this.mayRead) {
      // With MSG_TRUNC the kernel answers how long it was.
      const answer = recvfrom(fd, into, MSG_TRUNC, sender);
      if (answer >= 0) {
        return { bytes: Math.min(answer, room), from: known(inetAddress(sender.decode())), truncated: answer > room };
      }
      if (answer === -EAGAIN) this.drained();
      else if (answer !== -EINTR) throw this.failed(answer, 'recvfrom', udpAdvice(answer));
      if (answer === -EAGAIN) return null;
    }
    return null;
  }

  /** Receives as `tryReceive`, and waits for a datagram. @throws (as a rejection) what it throws; the signal's reason, or a TimeoutError */
  async receive(into: Uint8Array, options: OperationOptions = {}): Promise<ReceivedDatagram> {
    return inTime(options, async (signal) => {
      for (;;) {
        const datagram = this.tryReceive(into);
        if (datagram !== null) {
          await this.atOnce();
          return datagram;
        }
        await this.waitToRead(signal);
      }
    });
  }

  /** Each datagram in turn, whole. Ends when the socket is closed; leaving the loop does not close it. @throws as `receive` */
  async *[Symbol.asyncIterator](): AsyncGenerator<Datagram, void, undefined> {
    const into = (scratch ??= new Uint8Array(longest));
    for (;;) {
      let datagram: Datagram;
      try {
        let received;
        while ((received = this.tryReceive(into)) === null) await this.waitToRead(undefined);
        datagram = { data: into.slice(0, received.bytes), from: received.from };
      } catch (error) {
        if (error instanceof ClosedError) return;
        throw error;
      }
      await this.atOnce();
      yield datagram;
    }
  }

  /** Groups of receivers: join, leave, and how far and where datagrams to groups go. */
  get multicast(): Multicast {
    return (this.#multicast ??= new Multicast(this));
  }

  /** Gives the socket away, open: see `TcpStream.detach`. @throws {ClosedError} after `close()`. */
  detach(): number {
    return this.giveAway();
  }

  protected override get subject(): SystemErrorSubject {
    const remote = this.#remote;
    return remote === null ? {} : { address: remote.address, port: remote.port };
  }

  #failedTo(answer: number, to: UdpAddress | undefined, length: number): SystemError {
    const subject = to === undefined ? this.subject : { address: to.address, port: to.port };
    return new SystemError(
      answer,
      to === undefined ? 'send' : 'sendto',
      { fd: this.fd, ...subject },
      udpAdvice(answer, length),
    );
  }

  async #resolved(peer: UdpPeer, options: OperationOptions): Promise<UdpAddress> {
    if (typeof peer !== 'object' || peer === null) {
      throw new TypeError(`Cannot send as the address must be an object: current value is ${describe(peer)}`);
    }
    if (!('host' in peer)) return peer;
    const { host, port } = peer;
    const found = await inTime(options, (signal) => resolve({ host, port, ...this.#wanted }, signal));
    const [first] = found;
    if (first === undefined) throw new SystemError(-EADDRNOTAVAIL, 'sendto', {}, 'the resolver gave no address');
    return { address: first.address, port };
  }

  // A socket for IPv4 has no use for others; one for IPv6 takes both.
  get #wanted(): { family?: 4 } {
    return this.family === 4 ? { family: 4 } : {};
  }

  #encoded({ address, port }: UdpAddress): Uint8Array {
    const last = this.#lastTo;
    if (last?.address === address && last.port === port) return this.#lastEncoded;
    this.#lastEncoded = encodedFor(address, port, this.family);
    this.#lastTo = { address, port };
    return this.#lastEncoded;
  }
}

// Nothing waits here; but a tracer or a sandbox may answer for the kernel.
function connectNow(fd: number, address: Uint8Array): number {
  for (;;) {
    const answer = connect(fd, address);
    if (answer !== -EINTR) return answer;
  }
}

function known(address: InetAddress | null): InetAddress {
  if (address === null) throw new TypeError('Cannot tell the address as the socket must be an IP socket');
  return address;
}

// What `attach` hands to the constructor.
class Attached implements UdpBindOptions {
  readonly fd: number;
  readonly family: 4 | 6;
  readonly remote: InetAddress | null;

  constructor(fd: number, family: 4 | 6, remote: InetAddress | null, options: SocketOptions) {
    Object.assign(this, options);
    this.fd = fd;
    this.family = family;
    this.remote = remote;
  }
}
