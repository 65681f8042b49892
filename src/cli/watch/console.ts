import { escapeText } from '../escape.ts';
import type { WatchedEvent } from './event.ts';
import { humanLine, jsonLine, wantsColour } from './render.ts';

/** What the console tells the command. */
export interface ConsoleEvents {
  /** stdout is full: its reader is slower than the events. */
  full(): void;
  /** There is room again. */
  drained(): void;
  /** Nobody reads stdout any more, or it can't be written. */
  broken(error: NodeJS.ErrnoException): void;
}

/** Writes events to stdout, and everything else to stderr. */
export class Console {
  readonly #json: boolean;
  readonly #nameWidth: number;
  readonly #colour = wantsColour(process.stdout, process.env);
  readonly #tell: ConsoleEvents;

  constructor(options: { readonly json: boolean; readonly nameWidth: number }, tell: ConsoleEvents) {
    this.#json = options.json;
    this.#nameWidth = options.nameWidth;
    this.#tell = tell;
    process.stdout.on('error', (error: NodeJS.ErrnoException) => tell.broken(error));
    process.stdout.on('drain', () => tell.drained());
    // A terminal that was closed: what goes to it is lost, and nobody is there to be told.
    process.stderr.on('error', () => {});
  }

  event(event: WatchedEvent): void {
    const line = this.#json ? jsonLine(event) : humanLine(event, { colour: this.#colour, nameWidth: this.#nameWidth });
    if (!process.stdout.write(`${line}\n`)) this.#tell.full();
  }

  /** A line that is no event. */
  note(text: string): void {
    process.stderr.write(`${escapeText(text)}\n`);
  }

  /** The last lines, finished. A terminal has shown `^C` before them. */
  summary(text: string): void {
    process.stderr.write(`${process.stderr.isTTY ? '\n' : ''}${text}\n`);
  }
}
