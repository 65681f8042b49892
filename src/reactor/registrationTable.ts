import { epollEventLayout } from '../sys/abi/epollEventLayout.ts';
import type { EventBatch } from '../sys/eventBatch.ts';
import { GhostWatch } from './ghostWatch.ts';
import type { Registration } from './registration.ts';
import { LEVEL } from './registrationMode.ts';
import { SpinWatch, suspiciousStreak } from './spinWatch.ts';

// Plain numbers of this file, which the compiler folds into the loop below.
const { words: stride, events: eventsAt, dataLow: dataLowAt, dataHigh: dataHighAt } = epollEventLayout(process.arch);

const noErrors: unknown[] = [];

/**
 * The registrations of a reactor, and the way of an event to its own. The slot of a token is the descriptor's number: the
 * kernel allows one entry per file and number.
 */
export class RegistrationTable {
  readonly #slots: (Registration | undefined)[] = [];
  readonly #spin = new SpinWatch<Registration>();
  readonly #ghosts = new GhostWatch();
  #size = 0;
  #turns = 0;
  #stale = 0;

  get empty(): boolean {
    return this.#size === 0;
  }

  /** Turns that had events. */
  get turns(): number {
    return this.#turns;
  }

  /** Events that were dropped because their registration had been closed or changed. */
  get stale(): number {
    return this.#stale;
  }

  get(fd: number): Registration | undefined {
    return this.#slots[fd];
  }

  add(registration: Registration): void {
    this.#slots[registration.fd] = registration;
    this.#size++;
  }

  remove(registration: Registration): void {
    this.#spin.forget(registration);
    this.#slots[registration.fd] = undefined;
    this.#size--;
  }

  all(): Registration[] {
    return Object.values(this.#slots).filter((registration) => registration !== undefined);
  }

  /**
   * Calls the handlers of a batch of events.
   *
   * @returns what they threw: kept until the batch is finished, so that no handler costs another its event
   */
  dispatch({ words }: EventBatch, count: number): unknown[] {
    const slots = this.#slots;
    const turn = ++this.#turns;
    let errors = noErrors;
    for (let index = 0; index < count; index++) {
      const at = index * stride;
      const registration = slots[words[at + dataLowAt] as number];
      if (registration === undefined || registration.generation !== words[at + dataHighAt]) {
        this.#drop(words[at + dataLowAt] as number, words[at + dataHighAt] as number);
        continue;
      }
      if ((registration.mode & LEVEL) !== 0) this.#countStreak(registration, turn);
      try {
        registration.deliver(words[at + eventsAt] as number);
      } catch (error) {
        if (errors === noErrors) errors = [];
        errors.push(error);
      }
    }
    return errors;
  }

  #drop(low: number, high: number): void {
    this.#stale++;
    this.#ghosts.stale((BigInt(high >>> 0) << 32n) | BigInt(low >>> 0));
  }

  #countStreak(registration: Registration, turn: number): void {
    if (registration.lastTurn !== turn - 1) this.#beginStreak(registration, turn);
    registration.lastTurn = turn;
    if (turn - registration.streakBegan >= suspiciousStreak) {
      registration.streakBegan = turn - this.#spin.fired(registration, turn - registration.streakBegan, turn);
    }
  }

  #beginStreak(registration: Registration, turn: number): void {
    registration.streakBegan = turn - 1;
    this.#spin.forget(registration);
  }
}
