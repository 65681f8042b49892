import { setImmediate as nextTurn } from 'node:timers/promises';
import { Reactor, TimerFd } from '../../index.ts';
import { formatEvents } from '../../sys/index.ts';
import { Console } from './console.ts';
import { EndSignals } from './endSignals.ts';
import type { WatchedEvent } from './event.ts';
import { failureText } from './failure.ts';
import type { Host, Source, WatchRequest } from './host.ts';
import { openSource } from './openSource.ts';
import type { WatchOptions } from './options.ts';
import { runtimeDescriptors } from './runtimeDescriptors.ts';
import type { SourceSpec } from './sourceSpec.ts';
import { Tally } from './tally.ts';
import type { Watch } from './watch.ts';
import { Watches, type WatchesOwner } from './watches.ts';
import { preciseMs } from '../../sys/monotonicMs.ts';

const widestName = 32;

/** One run of `epoll watch`: opens the sources, shows their events, and ends. */
export class Session implements Host, WatchesOwner {
  readonly options: WatchOptions;
  runtimeDescriptors: ReadonlySet<number> = new Set();
  readonly #reactor = new Reactor();
  readonly #watches: Watches;
  readonly #sources = new Map<SourceSpec, Source>();
  readonly #tally = new Tally<SourceSpec>();
  readonly #console: Console;
  readonly #end = new AbortController();
  #begin = 0;
  #status = 0;
  #quiet = false;

  constructor(options: WatchOptions) {
    const { sources, json } = options;
    this.options = options;
    this.#watches = new Watches(this.#reactor, this);
    const nameWidth = Math.min(widestName, Math.max(...sources.map(({ name }) => name.length)));
    this.#console = new Console(
      { json, nameWidth },
      {
        full: () => this.#watches.pause(),
        drained: () => this.#watches.resume(),
        broken: (error) => this.#outputBroken(error),
      },
    );
  }

  /** @returns the exit status */
  async run(): Promise<number> {
    const watched = new Set(this.options.sources.map((spec) => (spec.kind === 'signal' ? spec.signal : '')));
    const signals = new EndSignals(watched, () => this.#finishAll());
    const ended = new Promise((resolve) => {
      this.#end.signal.addEventListener('abort', resolve, { once: true });
    });
    // Node's own descriptors are known when its loop has polled once.
    await nextTurn();
    this.runtimeDescriptors = runtimeDescriptors();
    this.#begin = preciseMs();
    await this.#open();
    const limit = this.#limit();
    await ended;
    limit?.close();
    this.#reactor.close();
    if (!this.#quiet) this.#console.summary(this.#tally.summary(preciseMs() - this.#begin));
    await signals.grace();
    signals.close();
    return this.#status;
  }

  async #open(): Promise<void> {
    for (const spec of this.options.sources) {
      if (this.#end.signal.aborted) return;
      try {
        this.#opened(spec, await openSource(spec, this));
      } catch (error) {
        this.note(spec, failureText(spec, error));
      }
    }
    if (this.#sources.size > 0 || this.#end.signal.aborted) return;
    this.#console.note('epoll watch: No source is left to watch');
    this.#status = 1;
    this.#quiet = true;
    this.#finishAll();
  }

  #opened(spec: SourceSpec, source: Source): void {
    // Ctrl-C while a host name was looked up.
    if (this.#end.signal.aborted) return source.close();
    this.#sources.set(spec, source);
    this.#tally.begin(spec);
    const { watch, address = '' } = source;
    const where = address === '' || spec.name.endsWith(`:${address}`) ? '' : ` on ${address}`;
    this.#console.note(`watching ${spec.name} (fd ${watch.fd})${where} for ${formatEvents(watch.mask)}`);
  }

  // A timerfd, as setTimeout takes no more than 24 days.
  #limit(): TimerFd | null {
    const { forNs } = this.options;
    if (forNs === null || this.#end.signal.aborted) return null;
    const timer = new TimerFd();
    timer.set({ afterNs: forNs });
    this.#reactor.register(timer, { readable: true, trigger: 'oneshot' }, () => this.#finishAll());
    return timer;
  }

  watch(request: WatchRequest): Watch {
    return this.#watches.add(request);
  }

  event({ spec }: WatchRequest, event: WatchedEvent): void {
    this.#tally.add(spec, event.mask);
    this.#console.event(event);
    if (this.#tally.total >= this.options.count) this.#finishAll();
  }

  note(spec: SourceSpec, text: string): void {
    this.#console.note(`${spec.name}: ${text}`);
  }

  failed({ spec, ended }: WatchRequest, error: unknown): void {
    this.note(spec, failureText(spec, error));
    ended();
  }

  fatal(error: unknown): void {
    this.#console.note(`epoll watch: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    this.#status = 1;
    this.#finishAll();
  }

  finish(spec: SourceSpec): void {
    const source = this.#sources.get(spec);
    if (source === undefined) return;
    this.#sources.delete(spec);
    source.close();
    if (this.#sources.size === 0) this.#finishAll();
  }

  #outputBroken(error: NodeJS.ErrnoException): void {
    // EPIPE: who read the events has seen enough, as in `epoll watch … | head -1`.
    this.#quiet = true;
    if (error.code !== 'EPIPE' && this.#status === 0) {
      this.#console.note(`epoll watch: Cannot write to stdout: ${error.message}`);
      this.#status = 1;
    }
    this.#finishAll();
  }

  #finishAll(): void {
    this.#end.abort();
    for (const source of this.#sources.values()) source.close();
    this.#sources.clear();
  }
}
