import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import { Reactor, type Waker } from 'epoll-ts';
import { readEpollEntries } from '#epoll/fd/epollEntry.js';
import { type Action, type FileAction, interests, places, type Program, type RegistrationAction } from './action.ts';
import type { OtherThread } from './otherThread.ts';
import type { ReactorCoverage } from './reactorCoverage.ts';
import { Watched } from './watched.ts';
import { WatchedFile } from './watchedFile.ts';

/** An error that a handler throws on purpose. */
class Thrown extends Error {}

// So many that every entry has its turn, also one at a time and beside ghosts.
const turnsToRest = 30;

interface Place {
  file: WatchedFile | undefined;
  watched: Watched | undefined;
}

/** A reactor with what a program does to it, and what must be true of it. */
export class ReactorWorld {
  readonly #program: Program;
  readonly #thread: OtherThread;
  readonly #coverage: ReactorCoverage;
  readonly #reactor: Reactor;
  readonly #waker: Waker;
  readonly #places: Place[] = Array.from({ length: places }, () => ({ file: undefined, watched: undefined }));
  readonly #all: Watched[] = [];
  readonly #left: WatchedFile[] = [];
  readonly #reactions: (readonly Action[])[];
  readonly #thrown: Thrown[] = [];
  readonly #caught: unknown[] = [];
  readonly #failures: unknown[] = [];
  #wakes = 0;
  #woken = 0;
  #wokenBeforeLast = 0;
  #depth = 0;

  constructor(program: Program, thread: OtherThread, coverage: ReactorCoverage) {
    this.#program = program;
    this.#thread = thread;
    this.#coverage = coverage;
    this.#reactions = [...program.reactions];
    this.#reactor = new Reactor({ maxevents: program.maxevents });
    this.#waker = this.#reactor.waker(() => void this.#woken++);
    for (const at of this.#places.keys()) this.#open({ at, initial: at % 2, plain: at > 2 });
  }

  /** Runs the program to its end. @throws {assert.AssertionError} at the first thing that is not as it must be */
  async run(): Promise<void> {
    const caught = (error: unknown): void => void this.#caught.push(error);
    process.on('uncaughtException', caught);
    try {
      for (const action of this.#program.actions) {
        if (action.do === 'turn') {
          await this.#turn();
          this.#assertTable();
        } else {
          this.#act(action);
        }
      }
      await this.#rest();
    } finally {
      process.off('uncaughtException', caught);
      this.#end();
    }
  }

  async #turn(): Promise<void> {
    if (this.#program.blocking) this.#reactor.turn(0);
    // Attached, an iteration of the loop; else promises only, as far as those go that a turn has settled.
    if (!this.#program.blocking) await setImmediate();
    else for (let job = 0; job < 10; job++) await Promise.resolve();
    if (this.#failures.length > 0) throw this.#failures[0];
  }

  // Until nothing moves: everything that was to come has come then.
  async #rest(): Promise<void> {
    for (let turn = 0; turn < turnsToRest; turn++) await this.#turn();
    // The last reactions may have begun a wake.
    this.#thread.settle();
    for (let turn = 0; turn < turnsToRest; turn++) await this.#turn();
    assert.ok(this.#wakes === 0 || this.#woken > this.#wokenBeforeLast, 'a wake is lost');
    assert.ok(this.#woken <= this.#wakes, 'more wakes than there were');
    const calls = this.#all.map((watched) => watched.calls);
    for (let turn = 0; turn < turnsToRest; turn++) await this.#turn();
    // What promises do is done, and what nextTick throws is caught.
    await setImmediate();
    for (const [index, watched] of this.#all.entries()) watched.assertAtRest(calls[index] ?? 0);
    assert.deepEqual(new Set(this.#caught), new Set(this.#thrown), 'what handlers threw is what was reported');
    assert.equal(this.#caught.length, this.#thrown.length, 'each once');
    this.#assertTable();
  }

  /** The table is the kernel's list. */
  #assertTable(): void {
    const { registrations, ghosts } = this.#reactor.snapshot();
    const live = this.#all.filter(({ closed }) => !closed);
    assert.equal(registrations.length, live.length + 1, 'the registrations, and the waker');
    for (const watched of live) {
      const row = registrations.find(({ fd }) => fd === watched.file.fd);
      assert.ok(row !== undefined && row.events === watched.registration?.mask);
      const expected = watched.kernelMask;
      if (expected !== undefined)
        assert.equal(row.kernelEvents, expected, `the mask in force of ${JSON.stringify(watched.interest)}`);
      const bits = watched.kernelBits;
      assert.equal((row.kernelEvents ?? 0) & bits.without, 0, 'nobody waits, and the kernel is asked');
      assert.equal((row.kernelEvents ?? 0) & bits.with, bits.with, 'somebody waits, and the kernel is not asked');
      if (watched.handled && !watched.orphan) assert.equal(row.armed, watched.armed);
    }
    const leftOver = this.#all.filter(({ closed, orphan, file }) => closed && orphan && file.copied);
    assert.equal(ghosts.length, leftOver.length, 'ghosts');
    const listed = registrations.filter(({ kernelEvents }) => kernelEvents !== null).length;
    assert.equal(readEpollEntries(this.#reactor.fd).length, listed + ghosts.length, 'the kernel has nothing else');
  }

  #act(action: Action): void {
    switch (action.do) {
      case 'turn':
        // In a handler: a turn inside a turn.
        if (this.#depth < 3) this.#reactor.turn(0);
        return;
      case 'wake':
        this.#wakes++;
        this.#wokenBeforeLast = this.#woken;
        return this.#thread.wake(this.#waker.fd);
      case 'throw':
        return; // in a handler only
      default:
        this.#actAt(action, this.#places[action.at] as Place);
    }
  }

  #open({ at, initial, plain }: { at: number; initial: number; plain: boolean }): void {
    const place = this.#places[at] as Place;
    if (place.file !== undefined) return;
    place.file = new WatchedFile(initial, plain);
  }

  #actAt(action: FileAction | RegistrationAction, place: Place): void {
    const { file, watched } = place;
    if (file === undefined) return action.do === 'open' ? this.#open(action) : undefined;
    switch (action.do) {
      case 'open':
        return; // there is a file already
      case 'write':
        return file.write(watched);
      case 'write elsewhere':
        return file.write(watched, (fd) => this.#thread.write(fd));
      case 'drain':
        return file.drain(watched);
      case 'register':
        if (watched === undefined) this.#register(place, file, action);
        return;
      case 'close file':
        return this.#close(place, file);
      case 'leave file':
      case 'leave copy':
        return this.#leave(place, file, action.do === 'leave copy');
      default:
        if (watched !== undefined) this.#actOn(action, place, watched);
    }
  }

  #actOn(action: RegistrationAction, place: Place, watched: Watched): void {
    const { registration } = watched;
    switch (action.do) {
      case 'modify': {
        const interest = interests[action.interest];
        if (interest === undefined || interest.exclusive === true || watched.interest.exclusive === true) return;
        registration?.modify(interest);
        return watched.modified(interest);
      }
      case 'rearm':
        if (watched.interest.exclusive === true) return;
        registration?.rearm();
        return watched.rearmed();
      case 'await':
        return watched.await(action.writable);
      case 'abort':
        return watched.abort();
      case 'close registration':
        watched.closed = true;
        registration?.close();
        place.watched = undefined;
    }
  }

  #register(place: Place, file: WatchedFile, action: { interest: number; handled: boolean }): void {
    const interest = interests[action.interest];
    if (interest === undefined) return;
    // Whoever had this number before is gone from it.
    for (const other of this.#all) if (other.file.fd === file.fd) other.closed = true;
    const watched = new Watched(file, interest, action.handled);
    this.#all.push(watched);
    place.watched = watched;
    const registration = this.#reactor.register(
      file.target,
      interest,
      action.handled ? (readiness, given) => this.#handle(watched, readiness, given) : undefined,
    );
    watched.registration = registration as NonNullable<Watched['registration']>;
    this.#coverage.count('registrations');
  }

  // A failure is kept and not thrown: what handlers throw is reported as uncaught.
  #handle(watched: Watched, readiness: number, given: unknown): void {
    this.#depth++;
    try {
      watched.delivered(readiness, given as NonNullable<Watched['registration']>);
      this.#coverage.count('events');
      this.#react(watched);
    } catch (error) {
      if (error instanceof Thrown) throw error;
      this.#failures.push(error);
    } finally {
      this.#depth--;
    }
  }

  #react(watched: Watched): void {
    const reactions = this.#reactions.shift();
    if (reactions === undefined) {
      // Not of an orphan, whose number may be another file by now.
      if (!watched.orphan && !watched.closed) watched.file.drain(watched);
      return;
    }
    for (const action of reactions) {
      if (action.do === 'throw') {
        const error = new Thrown(`thrown by handler ${this.#thrown.length}`);
        this.#thrown.push(error);
        this.#coverage.count('throws');
        throw error;
      }
      this.#act(action);
    }
  }

  #close(place: Place, file: WatchedFile): void {
    const { watched } = place;
    if (watched !== undefined) {
      watched.closed = true;
      // An object leaves the reactor by itself; a plain number's registration is closed first.
      if (typeof file.target === 'number') watched.registration?.close();
    }
    file.close();
    assert.ok(watched?.registration?.closed ?? true);
    place.file = undefined;
    place.watched = undefined;
    this.#coverage.count('closes');
  }

  // A plain number is closed behind the back of its registration.
  #leave(place: Place, file: WatchedFile, copied: boolean): void {
    const { watched } = place;
    if (typeof file.target !== 'number') return;
    // In the list or not, as somebody waits or not.
    if (watched?.interest.exclusive === true && !watched.handled) return;
    if (watched !== undefined) watched.orphan = true;
    file.leave(copied);
    this.#left.push(file);
    place.file = undefined;
    place.watched = undefined;
    this.#coverage.count(copied ? 'left with a copy' : 'left');
  }

  #end(): void {
    this.#waker.close();
    this.#reactor.close();
    for (const { file } of this.#places) file?.end();
    for (const file of this.#left) file.end();
  }
}
