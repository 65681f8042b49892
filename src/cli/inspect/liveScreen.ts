import type { LiveKey } from './liveState.ts';

const keys: ReadonlyMap<string, LiveKey> = new Map([
  ['j', 'down'],
  ['\x1b[B', 'down'],
  ['k', 'up'],
  ['\x1b[A', 'up'],
  ['s', 'sort'],
  ['f', 'filter'],
]);

/** What the screen tells. */
export interface ScreenEvents {
  key(key: LiveKey): void;
  quit(): void;
  resized(): void;
}

/** The terminal while the live view has it: its other screen, no cursor, single keys. Given back by `close`. */
export class LiveScreen {
  readonly #tell: ScreenEvents;
  readonly #data = (text: string): void => this.#pressed(text);
  readonly #resized = (): void => this.#tell.resized();

  constructor(tell: ScreenEvents) {
    this.#tell = tell;
    process.stdout.write('\x1b[?1049h\x1b[?25l');
    process.stdout.on('resize', this.#resized);
    if (!process.stdin.isTTY) return;
    process.stdin.setRawMode(true).setEncoding('utf8').on('data', this.#data).resume();
  }

  get size(): { readonly width: number; readonly height: number } {
    return { width: process.stdout.columns || 80, height: process.stdout.rows || 24 };
  }

  draw(lines: readonly string[]): void {
    // From the top, each line to its end: a screen that is cleared first flickers.
    process.stdout.write(`\x1b[H${lines.map((line) => `${line}\x1b[K`).join('\r\n')}\x1b[J`);
  }

  close(): void {
    process.stdout.off('resize', this.#resized);
    process.stdout.write('\x1b[?25h\x1b[?1049l');
    if (process.stdin.isTTY) process.stdin.off('data', this.#data).setRawMode(false).pause();
  }

  // In raw mode Ctrl-C is a character; several keys can come at once.
  #pressed(text: string): void {
    for (const part of keysIn(text)) {
      if (part === 'q' || part === '\x03') return this.#tell.quit();
      const key = keys.get(part);
      if (key !== undefined) this.#tell.key(key);
    }
  }
}

/** An arrow comes as three characters. */
function keysIn(text: string): string[] {
  const parts: string[] = [];
  for (let at = 0; at < text.length; at += parts.at(-1)?.length ?? 1) {
    parts.push(text.startsWith('\x1b[', at) ? text.slice(at, at + 3) : text.charAt(at));
  }
  return parts;
}
