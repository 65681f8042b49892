import { epollEventLayout } from '../sys/abi/epollEventLayout.ts';
import type { EventBatch } from '../sys/eventBatch.ts';
import { GhostWatch } from './ghostWatch.ts';
import type { RegistrationRow } from './registrationRow.ts';
import { SpinWatch, suspiciousStreak } from './spinWatch.ts';

// Plain numbers of this file, which the compiler folds into the loop below.
const { words: stride, events: eventsAt, dataLow: dataLowAt, dataHigh: dataHighAt } = epollEventLayout(process.arch);

const noErrors: unknown[] = [];

/**
 * The registrations of a reactor, and the way of an event to its own. The slot of a token is the descriptor's number:
 * the kernel allows one entry per file and number.
 */
export class RegistrationTable {
  readonly #slots: (RegistrationRow | undefined)[] = [];
  readonly #spin = new SpinWatch<RegistrationRow>();
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

  get(fd: number): RegistrationRow | undefined {
    return this.#slots[fd];
  }

  add(row: RegistrationRow): void {
    this.#slots[row.fd] = row;
    this.#size++;
  }

  remove(row: RegistrationRow): void {
    this.#spin.forget(row);
    this.#slots[row.fd] = undefined;
    this.#size--;
  }

  all(): RegistrationRow[] {
    return Object.values(this.#slots).filter((row) => row !== undefined);
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
      try {
        const row = slots[words[at + dataLowAt] as number];
        if (row === undefined || row.generation !== words[at + dataHighAt]) {
          this.#drop(words[at + dataLowAt] as number, words[at + dataHighAt] as number);
          continue;
        }
        if (row.level) this.#countStreak(row, turn);
        row.deliver(words[at + eventsAt] as number);
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

  #countStreak(row: RegistrationRow, turn: number): void {
    if (row.lastTurn !== turn - 1) this.#beginStreak(row, turn);
    row.lastTurn = turn;
    if (turn - row.streakBegan >= suspiciousStreak) {
      row.streakBegan = turn - this.#spin.fired(row, turn - row.streakBegan, turn);
    }
  }

  #beginStreak(row: RegistrationRow, turn: number): void {
    row.streakBegan = turn - 1;
    this.#spin.forget(row);
  }
}
