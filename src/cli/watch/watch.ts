import { clearTimeout, setTimeout } from 'node:timers';
import { fdOf } from '../../fd/fdLike.ts';
import type { Reactor } from '../../index.ts';
import { EPOLLET, EPOLLONESHOT } from '../../sys/index.ts';
import { type Entry, register } from './entry.ts';
import type { Detail } from './event.ts';
import type { WatchRequest } from './host.ts';
import type { Outcome } from './outcome.ts';

// A level-triggered condition that nothing takes away (EPOLLOUT, a listening socket that is not ours to accept from)
// would be reported as fast as the loop turns.
const restMs = 100;

/** How watches are run. */
export interface WatchPolicy {
  /** EPOLLET and EPOLLONESHOT, as asked. */
  readonly trigger: number;
  readonly rearm: boolean;
  report(watch: Watch, mask: number, detail: Detail): void;
  /** A one-shot has fired and is not armed again. */
  disarmed(watch: Watch): void;
  failed(watch: Watch, error: unknown): void;
  closed(watch: Watch): void;
}

/**
 * One watched descriptor: registers it, reports its events, arms it again, and lets it rest where it would spin.
 *
 * It is registered except while it rests, while everything is paused, and when it was disarmed for good.
 */
export class Watch {
  readonly request: WatchRequest;
  readonly #reactor: Reactor;
  readonly #policy: WatchPolicy;
  #target: WatchRequest['target'];
  #fd: number;
  #events: number;
  #entry: Entry | undefined;
  #rest: NodeJS.Timeout | undefined;
  #paused = false;
  #disarmed = false;
  #closed = false;

  /** @throws {SystemError} when the kernel refuses to watch it */
  constructor(request: WatchRequest, reactor: Reactor, policy: WatchPolicy) {
    this.request = request;
    this.#reactor = reactor;
    this.#policy = policy;
    this.#target = request.target;
    this.#fd = fdOf(request.target);
    this.#events = request.events;
    this.#register();
  }

  /** The number of the watched descriptor. */
  get fd(): number {
    return this.#fd;
  }

  /** What it is watched for, trigger included. */
  get mask(): number {
    return (this.#events | this.#policy.trigger) >>> 0;
  }

  /** Watches for something else, or another descriptor; what is ready is reported at once. */
  change({ events = this.#events, target = this.#target }: { events?: number; target?: WatchRequest['target'] }): void {
    this.#unregister();
    this.#events = events;
    this.#target = target;
    this.#fd = fdOf(target);
    this.#sync();
  }

  /** Stops reporting, until `resume`. Nothing is lost: what is ready then is reported. */
  pause(): void {
    this.#paused = true;
    this.#sync();
  }

  resume(): void {
    this.#paused = false;
    this.#sync();
  }

  /** Ends a rest. */
  wake(): void {
    clearTimeout(this.#rest);
    this.#rest = undefined;
    this.#sync();
  }

  /** Takes it out of the interest list for good; the descriptor stays open. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.wake();
    this.#policy.closed(this);
  }

  #sync(): void {
    const wanted = !this.#closed && !this.#paused && !this.#disarmed && this.#rest === undefined;
    if (!wanted) return this.#unregister();
    if (this.#entry !== undefined) return;
    try {
      this.#register();
    } catch (error) {
      this.#policy.failed(this, error);
    }
  }

  #register(): void {
    this.#entry = register(this.#reactor, this.#target, this.mask, (mask) => this.#ready(mask));
  }

  #unregister(): void {
    this.#entry?.close();
    this.#entry = undefined;
  }

  #ready(mask: number): void {
    try {
      this.#disarmed = (this.mask & EPOLLONESHOT) !== 0 && !this.#policy.rearm;
      const outcome = this.request.ready(mask);
      if (outcome.detail !== null) this.#policy.report(this, mask, outcome.detail);
      if (this.#closed) return;
      if (outcome.next === 'end') this.request.ended();
      else if (this.#disarmed) this.#policy.disarmed(this);
      else this.#goOn(outcome.next);
    } catch (error) {
      this.#policy.failed(this, error);
    }
  }

  #goOn(next: Outcome['next']): void {
    const edge = (this.mask & EPOLLET) !== 0;
    const oneshot = (this.mask & EPOLLONESHOT) !== 0;
    if (next === 'retry' || (next === 'standing' && (oneshot || !edge))) {
      this.#rest ??= setTimeout(() => this.wake(), restMs);
      this.#sync();
    } else if (edge && next === 'more') {
      this.change({});
    } else if (oneshot) {
      this.#entry?.rearm();
    }
  }
}
