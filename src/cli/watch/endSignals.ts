import { setTimeout } from 'node:timers';
import { preciseMs } from '../../sys/monotonicMs.ts';
// npm, and shells, pass a signal on that the whole process group has got already. The second one comes some ms later,
// and must neither kill the program while it ends nor find its handlers gone.
const graceMs = 150;

const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** The signals that end the command. */
export class EndSignals {
  readonly #names: readonly NodeJS.Signals[];
  readonly #handler: (signal: NodeJS.Signals) => void;
  #firstAt: number | null = null;

  /**
   * @param except signals that are watched as sources
   * @param end called once, at the first of them; one that comes when the grace is over has its default action
   */
  constructor(except: ReadonlySet<string>, end: () => void) {
    this.#names = names.filter((name) => !except.has(name));
    this.#handler = (signal) => {
      const now = preciseMs();
      if (this.#firstAt === null) {
        this.#firstAt = now;
        end();
      } else if (now - this.#firstAt > graceMs) {
        this.close();
        process.kill(process.pid, signal);
      }
    };
    for (const name of this.#names) process.on(name, this.#handler);
  }

  /** Resolves when a duplicate of the signal that ended the command would have come; at once if none did. */
  async grace(): Promise<void> {
    if (this.#firstAt === null) return;
    await new Promise((resolve) => {
      setTimeout(resolve, graceMs);
    });
  }

  close(): void {
    for (const name of this.#names) process.off(name, this.#handler);
  }
}
