import { Worker } from 'node:worker_threads';
import path from 'node:path';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { EventFd, Pipe, type Reactor, type Waker } from 'epoll-ts';
import type { SenderData } from './sender.ts';

/** What all links have sent and received. */
export interface LinkTotals {
  sent: number;
  delivered: number;
  /** Sent in the moment in which the thread died: the thread could not say so any more. */
  inDoubt: number;
  deaths: number;
  readonly problems: string[];
}

/** A thread that sends, and what it sends through: a pipe with numbers, an eventfd with counts, a waker. */
export class Link {
  readonly #sent = new Int32Array(new SharedArrayBuffer(20));
  readonly #pipe = new Pipe();
  readonly #counter = new EventFd();
  readonly #waker: Waker;
  readonly #worker: Worker;
  readonly #end: Promise<unknown>;
  #last = 0;
  #rest = Buffer.alloc(0);
  #counted = 0n;
  #woken = 0;
  #problem = '';

  constructor(reactor: Reactor) {
    reactor.register(this.#pipe.reader, { readable: true }, () => this.#receive());
    reactor.register(this.#counter, { readable: true, trigger: 'edge' }, () => this.#count());
    this.#waker = reactor.waker(() => void (this.#woken = Atomics.load(this.#sent, 4)));
    const data: SenderData = {
      pipe: this.#pipe.writer.fd,
      counter: this.#counter.fd,
      waker: this.#waker.fd,
      sent: this.#sent,
    };
    this.#worker = new Worker(path.join(import.meta.dirname, 'sender.js'), { workerData: data });
    this.#worker.on('error', () => {}); // it throws on purpose
    this.#end = new Promise((resolve) => {
      this.#worker.once('exit', resolve);
    });
  }

  /** Resolves with the first message: koffi must not be ended while it loads. */
  async started(): Promise<void> {
    while (this.#last === 0) await setTimeout(1);
  }

  died(): Promise<unknown> {
    return this.#end;
  }

  #receive(): void {
    const into = new Uint8Array(4096);
    const count = this.#pipe.reader.read(into);
    if (count === null) return;
    const bytes = Buffer.concat([this.#rest, into.subarray(0, count)]);
    let at = 0;
    for (; at + 4 <= bytes.length; at += 4) {
      const number = bytes.readUInt32LE(at);
      if (number !== this.#last + 1) this.#problem ||= `number ${number} came after ${this.#last}`;
      this.#last = number;
    }
    this.#rest = bytes.subarray(at);
  }

  #count(): void {
    this.#counted += this.#counter.read() ?? 0n;
  }

  /** Ends the thread, takes what is still on its way, and adds up. */
  async finish(totals: LinkTotals): Promise<void> {
    await this.#worker.terminate();
    await this.#end;
    const [, numbers = 0, , counts = 0, wakes = 0] = this.#sent;
    const begun = [Atomics.load(this.#sent, 0), Atomics.load(this.#sent, 2)];
    const start = Date.now();
    const arrived = (): boolean => this.#last >= numbers && this.#counted >= BigInt(counts);
    // Two turns more: what is in doubt arrives with the others.
    for (let turns = 0; turns < 3 && Date.now() - start < 10_000; turns += arrived() ? 1 : 0) {
      await setImmediate();
    }
    // A wake that was cut off before its write is none.
    if (this.#woken < wakes - 1) this.#problem ||= `a wake was lost: ${this.#woken} of ${wakes}`;
    const doubt = [this.#last - numbers, Number(this.#counted) - counts];
    if (doubt.some((more) => more < 0))
      this.#problem ||= `only ${this.#last} of ${numbers} and ${this.#counted} of ${counts} came`;
    if (this.#last > (begun[0] ?? 0) || this.#counted > BigInt(begun[1] ?? 0))
      this.#problem ||= 'more came than was sent';
    totals.inDoubt += doubt.filter((more) => more > 0).length;
    totals.sent += numbers + counts + doubt.reduce((sum, more) => sum + Math.max(0, Math.min(1, more)), 0);
    totals.delivered += this.#last + Number(this.#counted);
    totals.deaths++;
    if (this.#problem !== '') totals.problems.push(this.#problem);
    this.#pipe.close();
    this.#counter.close();
    this.#waker.close();
  }
}
