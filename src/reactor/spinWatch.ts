import { formatEvents } from '../sys/index.ts';
import { fileOf, SpinProbe } from './spinProbe.ts';
import { preciseMs } from '../sys/monotonicMs.ts';

/**
 * On how many turns in a row a registration reports before it is looked at. More than net.core.somaxconn (4096): a full
 * backlog that is accepted one connection a turn must not look like a spin.
 */
export const suspiciousStreak = 10_000;
const probeTurns = 64;
const probeMs = 20;
const neverAgain = 2 ** 30;

/** A level-triggered registration, as far as this watch needs it. */
export interface Spinner {
  readonly fd: number;
  readonly mask: number;
  /** The last turn in which it reported, before the one at hand. */
  readonly lastTurn: number;
}

interface Suspicion<R> {
  readonly registration: R;
  readonly probe: SpinProbe;
  /** The streak when it began, and the time. */
  readonly since: number;
  readonly sinceMs: number;
}

/**
 * Finds the 100 % CPU bug: a level-triggered registration that reports on turn after turn and is never drained. Warns
 * once for each, with its descriptor.
 */
export class SpinWatch<R extends Spinner> {
  #suspicion: Suspicion<R> | undefined;
  readonly #warned = new WeakSet<R>();

  /**
   * A registration has reported again, on `suspiciousStreak` turns or more.
   *
   * @param streak on how many turns in a row, and `turn` is the one at hand
   * @returns the streak to go on with
   */
  fired(registration: R, streak: number, turn: number): number {
    // Not to be asked again for as long as it goes on: this is on the way of every event.
    if (this.#warned.has(registration)) return -neverAgain;
    const suspicion = this.#suspicion;
    if (suspicion === undefined || suspicion.registration.lastTurn < turn - 1) {
      // One at a time; a suspect that has fallen silent is none.
      suspicion?.probe.close();
      const probe = new SpinProbe(registration.fd, registration.mask);
      this.#suspicion = { registration, probe, since: streak, sinceMs: preciseMs() };
      return streak;
    }
    // Not its turn to be looked at. To begin anew is soon enough: a look costs as much as thousands of events.
    if (suspicion.registration !== registration) return 0;
    const turns = streak - suspicion.since;
    if (turns % probeTurns !== 0 || turns === 0 || preciseMs() - suspicion.sinceMs < probeMs) return streak;
    if (suspicion.probe.unchanged(turns)) this.#warn(registration);
    this.forget(registration);
    return 0;
  }

  /** Ends a suspicion: the registration was closed, or fell silent. */
  forget(registration: R): void {
    if (this.#suspicion?.registration !== registration) return;
    this.#suspicion.probe.close();
    this.#suspicion = undefined;
  }

  #warn(registration: R): void {
    this.#warned.add(registration);
    const { fd, mask } = registration;
    const message =
      `fd ${fd} (${fileOf(fd)}) is watched for ${formatEvents(mask)} level-triggered, has been ready for ` +
      `${suspiciousStreak} turns in a row, and nothing reads or writes it: the loop spins. ` +
      'Drain it in its handler, take the ' +
      "event out of its interest, or use trigger 'edge' or 'oneshot'";
    process.emitWarning(message, { type: 'EpollSpinWarning', code: 'EPOLL_TS_SPIN' });
  }
}
