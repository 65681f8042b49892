import { aBoolean } from '../../sys/optionKind.ts';
import { optionsReader } from '../../sys/optionsReader.ts';
import type { ByteStream } from '../stream/byteStream.ts';
import { oneShotMask, type StreamSetInterest } from './oneShotMask.ts';

const readInterest = optionsReader<StreamSetInterest>('watch', '{ readable: true }', {
  readable: aBoolean,
  writable: aBoolean,
});

/**
 * A stream that one thread has taken out of a `StreamSet`: no other thread gets it until it is given back.
 *
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { type HeldStream, StreamSet, TcpListener, TcpStream } from 'epoll-ts/net';
 *
 * const listener = new TcpListener({ address: '127.0.0.1' });
 * const client = await TcpStream.connect({ host: '127.0.0.1', port: listener.localAddress.port });
 * const set = new StreamSet();
 * set.add(await listener.accept(), { readable: false, writable: true });
 * const held: HeldStream | null = set.take();
 * assert.equal(held?.stream.tryWrite(Buffer.from('hi')), 2);
 * held?.giveBack({ readable: true });
 * assert.equal(set.take({ timeoutMs: 0 }), null, 'the client has sent nothing');
 * for (const each of [set, client, listener]) each.close();
 * ```
 */
export class HeldStream {
  /**
   * The connection: read and write with its `try…` methods. `close()` takes it out of the set, and so do `detach()` and
   * another set's `add()`.
   */
  readonly stream: ByteStream;
  /** The event mask that the kernel reported. */
  readonly readiness: number;
  /** The number that `add` was given. */
  readonly tag: number;
  readonly #arm: (stream: ByteStream, tag: number, mask: number) => void;

  /** @internal */
  constructor(
    stream: ByteStream,
    { readiness, tag }: { readonly readiness: number; readonly tag: number },
    arm: (stream: ByteStream, tag: number, mask: number) => void,
  ) {
    this.stream = stream;
    this.readiness = readiness;
    this.tag = tag;
    this.#arm = arm;
  }

  /**
   * Gives the stream back, armed: the next thread that takes it may be another one, and may have it at once. This
   * object's `stream` is closed, the connection is not. What is there already is reported.
   *
   * @throws {ClosedError} when the stream, or the set, is closed
   * @throws {TypeError} for a wrong interest
   * @throws {SystemError} EBADF when someone else closed the number; ENOMEM, ENOSPC: the stream is as it was
   */
  giveBack(interest?: StreamSetInterest): void {
    this.#arm(this.stream, this.tag, oneShotMask(readInterest(interest, 'interest')));
  }
}
