import assert from 'node:assert/strict';
import type { Interest, Registration } from 'epoll-ts';
import { ClosedError } from 'epoll-ts';
import { EPOLLERR, EPOLLHUP, EPOLLIN, EPOLLOUT, formatEvents } from 'epoll-ts/sys';
import type { WatchedFile } from './watchedFile.ts';

/** A wait for readiness, and how it stands. */
interface Wait {
  readonly bits: number;
  /** With what it may resolve. */
  possible: number;
  readonly abort: AbortController;
  aborted: boolean;
  state: 'pending' | 'resolved' | 'rejected';
  reason: unknown;
}

/**
 * What must be true of one registration: kept beside it, told of everything that the program does, and asked at each
 * event and whenever the program is at rest.
 */
export class Watched {
  readonly file: WatchedFile;
  readonly handled: boolean;
  registration: Registration | undefined;
  closed = false;
  /** Its number was closed, or is another file's by now: nothing is promised but silence after the end. */
  orphan = false;
  /** How often the handler was called. */
  calls = 0;
  interest: Interest;
  armed = true;
  readonly #waits: Wait[] = [];
  /** Whether there is something that was not reported since it came. */
  #due = 0;
  /**
   * What the file was ready for at some time since the last change of the entry, and since the last change of its mask.
   */
  #possible = 0;
  #keepable = 0;

  constructor(file: WatchedFile, interest: Interest, handled: boolean) {
    this.file = file;
    this.handled = handled;
    this.interest = interest;
    this.modified(interest);
  }

  get #mask(): number {
    return (this.interest.readable === true ? EPOLLIN : 0) | (this.interest.writable === true ? EPOLLOUT : 0);
  }

  get #ready(): number {
    return ((this.file.readable ? EPOLLIN : 0) | EPOLLOUT) & this.#mask;
  }

  get #trigger(): string {
    return this.interest.trigger ?? 'level';
  }

  get #oneshot(): boolean {
    return this.#trigger.endsWith('oneshot');
  }

  /** Without a handler an entry that is not edge-triggered is in force only while somebody waits. */
  get #onDemand(): boolean {
    return !this.handled && this.#trigger !== 'edge';
  }

  get waiting(): boolean {
    return this.#waits.some(({ state }) => state === 'pending');
  }

  /** It was made or modified. What was kept for the next wait is void then. */
  modified(interest: Interest): void {
    this.interest = interest;
    this.#keepable = 0;
    this.rearmed();
  }

  /** What is there is reported once more. */
  rearmed(): void {
    this.armed = true;
    this.#due = this.#ready;
    this.#possible = 0;
    this.#nowPossible(this.#ready);
  }

  #nowPossible(bits: number): void {
    this.#possible |= bits;
    this.#keepable |= bits;
    for (const wait of this.#waits) if (wait.state === 'pending') wait.possible |= bits;
  }

  /** Somebody wrote to the file, or read from it: it is readable now, or has room. */
  changed(readable: boolean): void {
    const bits = (readable ? EPOLLIN : EPOLLOUT) & this.#mask;
    this.#due |= bits;
    this.#nowPossible(bits);
  }

  /** The handler is called. */
  delivered(readiness: number, registration: Registration): void {
    const what = formatEvents(readiness);
    assert.equal(registration, this.registration, `the handler gets another registration with ${what}`);
    assert.ok(!this.closed, `a handler is called after close(), with ${what}`);
    assert.ok(this.armed, `a one-shot fires twice, with ${what}`);
    assert.equal(readiness & ~this.#possible, 0, `an event that this file never had: ${what}`);
    this.calls++;
    this.#due = 0;
    if (this.#oneshot) this.armed = false;
  }

  await(writable: boolean): void {
    const { registration } = this;
    const bits = writable ? EPOLLOUT : EPOLLIN;
    if (registration === undefined || (this.#mask & bits) === 0) return;
    const abort = new AbortController();
    const wait: Wait = { bits, possible: this.#keepable, abort, aborted: false, state: 'pending', reason: undefined };
    this.#waits.push(wait);
    const promise = writable
      ? registration.writable({ signal: abort.signal })
      : registration.readable({ signal: abort.signal });
    promise.then(
      (readiness) => {
        wait.state = 'resolved';
        wait.reason = readiness;
        this.#due &= ~readiness;
      },
      (error: unknown) => {
        wait.state = 'rejected';
        wait.reason = error;
      },
    );
  }

  /** Gives every wait up. */
  abort(): void {
    for (const wait of this.#waits) {
      wait.aborted ||= wait.state === 'pending';
      wait.abort.abort();
    }
  }

  /** The program has been at rest, and the reactor has turned: everything that was to come has come. */
  assertAtRest(callsBefore: number): void {
    for (const wait of this.#waits) this.#assertWait(wait);
    if (this.closed || this.orphan) return;
    const missing = this.#due & this.#ready;
    const expected = this.handled ? this.armed : this.waiting && !this.#onDemand;
    const awaited = this.#waits.reduce((bits, { state, bits: own }) => (state === 'pending' ? bits | own : bits), 0);
    const wanted = this.handled ? missing : missing & awaited;
    assert.ok(!expected || wanted === 0, `an event is lost: ${formatEvents(wanted)} of ${this.#trigger}`);
    if (this.handled && this.#trigger === 'level' && this.#ready !== 0) {
      assert.ok(this.calls > callsBefore, `a level-triggered registration that is ready is not called again`);
    }
  }

  #assertWait({ bits, possible, aborted, state, reason }: Wait): void {
    if (state === 'rejected') {
      const ended = reason instanceof ClosedError ? this.closed : aborted;
      // What was registered for a number that is closed can't be asked any more: EBADF or ENOENT.
      assert.ok(ended || this.orphan, `a wait is rejected without a reason: ${String(reason)}`);
    } else if (state === 'resolved') {
      const readiness = Number(reason);
      assert.notEqual(readiness & bits, 0, 'a wait resolves with something else');
      assert.equal(readiness & ~possible, 0, 'a wait resolves with what this file did not have');
    } else {
      assert.ok(!this.closed && !aborted, `a wait stays pending: closed ${this.closed}, aborted ${aborted}`);
      if (this.#onDemand && !this.orphan) assert.equal(this.#ready & bits, 0, 'a wait misses what is there');
    }
  }

  /** What the kernel must have in force: exactly, or null: no entry; undefined: it depends. */
  get kernelMask(): number | null | undefined {
    const all = (this.registration?.mask ?? 0) | EPOLLERR | EPOLLHUP;
    if (this.orphan) return undefined;
    if (this.interest.exclusive === true && !this.handled && !this.waiting) return null;
    if (this.#onDemand) return undefined;
    return (this.handled && !this.armed ? all & ~(this.#mask | EPOLLERR | EPOLLHUP) : all) >>> 0;
  }

  /** Bits that must not be in force, as they would spin, and those that must be. */
  get kernelBits(): { readonly without: number; readonly with: number } {
    if (!this.#onDemand || this.orphan) return { without: 0, with: 0 };
    const awaited = this.#waits.reduce((bits, { state, bits: own }) => (state === 'pending' ? bits | own : bits), 0);
    return { without: awaited === 0 ? EPOLLIN | EPOLLOUT : 0, with: awaited & this.#mask };
  }
}
