import assert from 'node:assert/strict';
import { Reactor } from 'epoll-ts';
import { type ByteStream, TcpListener, TcpStream } from 'epoll-ts/net';
import * as sys from 'epoll-ts/sys';
import type { FaultProgram } from '../faultPrograms.ts';

/** What meets the fault, and what must work when it is over. */
export type Acts = Pick<FaultProgram, 'thread' | 'act' | 'again'>;

/** Makes a program: everything that it needs is there before the fault. */
export type MakeNetProgram = () => Promise<FaultProgram>;

/** Sockets on a reactor of their own, closed together at the end: what is open then has leaked. */
export class NetRig {
  readonly reactor = new Reactor();
  readonly #opened: { close(): void }[] = [];

  keep<T extends { close(): void }>(object: T): T {
    this.#opened.push(object);
    return object;
  }

  listener(): TcpListener {
    return this.keep(new TcpListener({ address: '127.0.0.1', reactor: this.reactor }));
  }

  /** A client of a listener: the connection waits to be accepted. */
  async client(listener: TcpListener): Promise<TcpStream> {
    const { port } = listener.localAddress;
    const client = this.keep(await TcpStream.connect({ host: '127.0.0.1', port, reactor: this.reactor }));
    untilReadable(listener.fd);
    return client;
  }

  /** Both ends of a connection, of which neither has joined a reactor on this side. */
  async pair(): Promise<{ readonly own: TcpStream; readonly peer: TcpStream }> {
    const listener = this.listener();
    const peer = await this.client(listener);
    const own = this.keep(await listener.accept());
    return { own, peer };
  }

  close(): void {
    for (const object of this.#opened) object.close();
    this.reactor.close();
  }
}

/** A program on a rig. */
export function netProgram(prepare: (rig: NetRig) => Acts | Promise<Acts>): MakeNetProgram {
  return async () => {
    const rig = new NetRig();
    const acts = await prepare(rig);
    return { ...acts, close: () => rig.close() };
  };
}

/** Makes an object, and where that failed once more. */
export function making(rig: NetRig, make: () => { close(): void } | Promise<{ close(): void }>): Acts {
  let made = 0;
  const act = async (): Promise<string> => {
    rig.keep(await make());
    made++;
    return 'made';
  };
  return { act, again: async () => void (made === 0 && (await act())) };
}

/** Asks or sets something of an object, twice. */
export function asking<T>(make: (rig: NetRig) => T | Promise<T>, ask: (own: T) => unknown): MakeNetProgram {
  return netProgram(async (rig) => {
    const own = await make(rig);
    return { act: () => String(ask(own)), again: () => ask(own) };
  });
}

/** Reads `abc`, which is there: it comes once, whether the first try got it or not. */
export function receiving(fd: number, read: (into: Buffer) => number | null | Promise<number | null>): Acts {
  untilReadable(fd);
  let got = '';
  const act = async (): Promise<string> => {
    const into = Buffer.alloc(64);
    const count = await read(into);
    got += into.toString('latin1', 0, count ?? 0);
    return String(count);
  };
  const again = async (): Promise<void> => {
    if (got === '') await act();
    assert.equal(got, 'abc');
  };
  return { act, again };
}

/** Writes `abc` twice: the peer gets what was said to be written, and no more. */
export function sending(peer: ByteStream, write: (data: Buffer) => unknown): Acts {
  let sent = '';
  const act = async (): Promise<string> => {
    const answer = await write(Buffer.from('abc'));
    if (answer !== null) sent += 'abc';
    return answer === null ? 'null' : 'sent';
  };
  const again = async (): Promise<void> => {
    await act();
    assert.ok(sent.length > 0);
    const into = Buffer.alloc(64);
    let got = '';
    while (got.length < sent.length) {
      untilReadable(peer.fd);
      got += into.toString('latin1', 0, peer.tryRead(into) ?? 0);
    }
    assert.equal(got, sent);
    assert.equal(sys.pollOne(peer.fd, sys.POLLIN, 0), 0, 'more came than was sent');
  };
  return { act, again };
}

/** Blocks until there is something: what loopback has delivered by then can be read at once. */
export function untilReadable(fd: number): void {
  assert.ok(sys.pollOne(fd, sys.POLLIN, 10_000) > 0, 'nothing came');
}
