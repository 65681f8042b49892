import type { FdLike } from '../../fd/fdLike.ts';
import { check, type SystemErrorSubject } from '../../fd/systemError.ts';
import { eachOf } from '../../reactor/eachOf.ts';
import { byteLengthOf, bytes, integerIn } from '../../sys/argument.ts';
import { EAGAIN, SO_BROADCAST, SOL_SOCKET } from '../../sys/index.ts';
import { type InetAddress, inetAddress, knownInetAddress, localName, remoteName } from '../address/inetAddress.ts';
import type { OperationOptions } from '../core/deadline.ts';
import { TaskQueue } from '../core/taskQueue.ts';
import { Socket, type SocketOptions } from '../core/socket.ts';
import { booleanOption, setBooleanOption } from '../core/socketOption.ts';
import { type Datagram, receiveDatagram, type ReceivedDatagram, roomForAny, sendDatagram } from './datagram.ts';
import { Destination } from './destination.ts';
import { Multicast } from './multicast.ts';
import { sendFailure, tellsOfEarlier, udpAdvice } from './udpAdvice.ts';
import { AttachedUdp } from './udpAttach.ts';
import { boundUdp, connectUdp, nobody, readUdpOptions, rebind, type UdpBindOptions } from './udpBind.ts';
import { resolvedPeer, type UdpAddress, type UdpPeer } from './udpPeer.ts';
import { inspectable } from '../../fd/inspectable.ts';
import { inetText } from '../address/inetText.ts';

const broadcast = { level: SOL_SOCKET, option: SO_BROADCAST, name: 'broadcast' };
/**
 * A UDP socket, IPv4 or IPv6, bound from the start. Datagrams go whole or not at all; they can be lost, doubled and
 * overtaken on the way, and nobody tells.
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
  static {
    inspectable(this.prototype, {
      fd: ({ fd }) => fd,
      local: ({ localAddress }) => inetText(localAddress),
      remote: ({ remoteAddress }) => inetText(remoteAddress),
    });
  }

  /** 4 or 6. */
  readonly family: 4 | 6;
  #remote: InetAddress | null;
  #multicast: Multicast | undefined;
  readonly #destination: Destination;
  readonly #sends = new TaskQueue();

  /**
   * Binds to an IP address and port of this machine; without them, to all addresses and a port that the kernel chooses.
   *
   * @throws {SystemError} EADDRINUSE, EADDRNOTAVAIL, EACCES, EMFILE, ENFILE, with the `address` and `port`
   * @throws {TypeError | RangeError} for a wrong option
   */
  constructor(options?: UdpBindOptions) {
    const { fd, family, remote, own } = options instanceof AttachedUdp ? options : boundUdp(readUdpOptions(options));
    super(fd, own, UdpSocket);
    this.family = family;
    this.#destination = new Destination(family);
    this.#remote = remote;
  }

  /**
   * Takes over a UDP socket: close-on-exec and non-blocking from then on. An object that has `detach` gives it away.
   *
   * @throws {TypeError} when it is no UDP socket; it is left open
   * @throws {SystemError} EBADF
   */
  static attach(target: FdLike, options?: SocketOptions): UdpSocket {
    return new UdpSocket(new AttachedUdp(target, options));
  }

  /** Its own address; connected, the one that datagrams leave from. @throws {ClosedError} after `close()` */
  get localAddress(): InetAddress {
    return knownInetAddress(localName(this.fd));
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
    const to = await this.within(options, 'connect', (signal) => resolvedPeer(peer, this.family, signal));
    // The kernel takes 0, and then says that it is not connected.
    integerIn(to.port, 'port', 1, 0xffff);
    const address = this.#destination.encoded(to);
    const answer = connectUdp(this.fd, address);
    check(answer, 'connect', { fd: this.fd, address: to.address, port: to.port }, udpAdvice(answer));
    this.#remote = inetAddress(remoteName(this.fd));
  }

  /** Receives from everyone again. The port stays. @throws {ClosedError | SystemError} */
  disconnect(): void {
    const { fd, localAddress } = this;
    check(connectUdp(fd, nobody), 'connect', { fd, ...this.subject });
    this.#remote = null;
    rebind(fd, localAddress.port, this.localAddress);
  }

  /**
   * Sends a datagram.
   *
   * @param data at most 65507 bytes over IPv4, 65527 over IPv6; none is a datagram too
   * @param to an IP address; may be left out on a connected socket
   * @returns false where it would wait, and nothing was sent
   * @throws {ClosedError} after `close()`
   * @throws {SystemError} ECONNREFUSED on a connected socket: nobody received an earlier datagram; this one was NOT
   *   sent, the error is gone, and the socket goes on
   * @throws {SystemError} EMSGSIZE, EDESTADDRREQ, EACCES (broadcast), ENETUNREACH, EHOSTUNREACH, EPERM (a firewall),
   *   EINVAL (port 0)
   * @throws {TypeError | RangeError} when `data` is no Uint8Array, or the address is wrong
   * @see https://man7.org/linux/man-pages/man2/sendto.2.html
   */
  trySend(data: Uint8Array, to?: UdpAddress): boolean {
    const { fd } = this;
    const length = byteLengthOf(bytes(data, 'data'));
    const address = to === undefined ? undefined : this.#destination.encoded(to);
    if (!this.readiness.mayWrite) return false;
    const answer = sendDatagram(fd, data, address);
    if (answer === 0) return true;
    if (answer !== -EAGAIN) {
      const subject = to === undefined ? this.subject : { address: to.address, port: to.port };
      throw sendFailure(answer, { fd, ...subject }, { connected: to === undefined, length });
    }
    this.readiness.filled();
    return false;
  }

  /**
   * Sends a datagram as `trySend`, and waits for room. A name is resolved by `node:dns`. The memory must not change
   * until the promise is settled.
   *
   * @throws (as a rejection) what `trySend` and `connect` throw
   */
  async send(data: Uint8Array, to?: UdpPeer, options: OperationOptions = {}): Promise<void> {
    bytes(data, 'data');
    await this.within(options, 'send', async (signal) => {
      const address = to === undefined ? undefined : await resolvedPeer(to, this.family, signal);
      await this.#sends.run(async () => {
        signal?.throwIfAborted();
        while (!this.trySend(data, address)) await this.readiness.waitToWrite(signal);
      });
    });
    if (this.readiness.budget.spend()) await this.readiness.budget.rest();
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
    bytes(into, 'into');
    const received = this.#take(into);
    if (typeof received !== 'number') return received;
    throw this.failed(received, 'recvfrom', udpAdvice(received));
  }

  // The datagram, null where there is none, or -errno.
  #take(into: Uint8Array): ReceivedDatagram | null | number {
    const { fd } = this;
    if (!this.readiness.mayRead) return null;
    const received = receiveDatagram(fd, into);
    if (received === null) this.readiness.drained();
    return received;
  }

  /**
   * Receives as `tryReceive`, and waits for a datagram.
   *
   * @throws (as a rejection) what it throws; the signal's reason, or a TimeoutError
   */
  async receive(into: Uint8Array, options: OperationOptions = {}): Promise<ReceivedDatagram> {
    return this.within(options, 'receive', (signal) => this.untilTaken(() => this.tryReceive(into), signal));
  }

  /**
   * Each datagram in turn, whole. Ends when the socket is closed; leaving the loop does not close it. That an earlier
   * datagram did not arrive (ECONNREFUSED and other errors of ICMP) does not end it: `receive` tells.
   *
   * @throws as `receive`, but for those
   */
  [Symbol.asyncIterator](): AsyncIterableIterator<Datagram> {
    return eachOf((signal) => this.untilTaken(() => this.#datagram(), signal));
  }

  #datagram(): Datagram | null {
    for (;;) {
      const into = roomForAny();
      const received = this.#take(into);
      if (received === null) return null;
      if (typeof received !== 'number') return { data: into.slice(0, received.bytes), from: received.from };
      if (!tellsOfEarlier(received)) throw this.failed(received, 'recvfrom', udpAdvice(received));
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
}
