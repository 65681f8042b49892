import { type Reactor, SystemError } from '../../index.ts';
import type { WatchedEvent } from './event.ts';
import type { WatchRequest } from './host.ts';
import type { WatchOptions } from './options.ts';
import { Watch, type WatchPolicy } from './watch.ts';

/** Whom the watches tell. */
export interface WatchesOwner {
  readonly options: WatchOptions;
  event(request: WatchRequest, event: WatchedEvent): void;
  note(spec: WatchRequest['spec'], text: string): void;
  /** A watch can't go on. */
  failed(request: WatchRequest, error: SystemError): void;
  /** An error that no source is to blame for. */
  fatal(error: unknown): void;
}

/** All watches of a run. */
export class Watches {
  readonly #owner: WatchesOwner;
  readonly #policy: WatchPolicy;
  readonly #reactor: Reactor;
  readonly #all = new Set<Watch>();
  #paused = false;

  constructor(reactor: Reactor, owner: WatchesOwner) {
    this.#owner = owner;
    this.#reactor = reactor;
    this.#policy = this.#makePolicy();
  }

  /** @throws {SystemError} when the kernel refuses to watch it */
  add(request: WatchRequest): Watch {
    const watch = new Watch(request, this.#reactor, this.#policy);
    this.#all.add(watch);
    if (this.#paused) watch.pause();
    return watch;
  }

  /** Stops all events, until `resume`. */
  pause(): void {
    this.#paused = true;
    for (const watch of this.#all) watch.pause();
  }

  resume(): void {
    this.#paused = false;
    for (const watch of this.#all) watch.resume();
  }

  #makePolicy(): WatchPolicy {
    const owner = this.#owner;
    const { trigger, rearm } = owner.options;
    return {
      trigger,
      rearm,
      report: ({ request, fd }, mask, detail) => {
        owner.event(request, { time: new Date(), source: request.spec.name, fd, mask, detail });
      },
      disarmed: ({ request, fd }) => {
        owner.note(request.spec, `fd ${fd} is disarmed: no further events until it is armed again`);
      },
      failed: ({ request }, error) => {
        if (error instanceof SystemError) owner.failed(request, error);
        else owner.fatal(error);
      },
      closed: (watch) => this.#all.delete(watch),
    };
  }
}
