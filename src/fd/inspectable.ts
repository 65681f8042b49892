import type { InspectOptionsStylized, inspect as Inspect } from 'node:util';

const custom = Symbol.for('nodejs.util.inspect.custom');

type Printer = (this: object, depth: number, options: InspectOptionsStylized, inspect: typeof Inspect) => string;

/**
 * Has `console.log` and `util.inspect` show what matters of the objects of a class: `EventFd { fd: 19, count: 3n }`.
 *
 * It never throws: a member that can't be told is left out, and a closed object says `closed: true`. A member must be
 * told without taking anything from the kernel: printing an object must not change it.
 *
 * @param prototype of the class
 * @param members what is shown, in order; those of a class in place of its base's
 */
export function inspectable<T extends object>(
  prototype: T,
  members: Readonly<Record<string, (object: T) => unknown>>,
): void {
  const print: Printer = function print(depth, options, inspect) {
    const name = attempt(() => this.constructor.name) ?? 'Object';
    if (depth < 0) return options.stylize(`[${name}]`, 'special');
    const shown: Record<string, unknown> = {};
    for (const [member, of] of Object.entries(members)) {
      const value = attempt(() => of(this as T));
      if (value !== undefined) shown[member] = value;
    }
    if (attempt(() => 'closed' in this && this.closed) === true) shown['closed'] = true;
    return `${name} ${inspect(shown, { ...options, depth: options.depth === null ? null : depth })}`;
  };
  Object.defineProperty(prototype, custom, { value: print, configurable: true, writable: true });
}

function attempt<T>(tell: () => T): T | undefined {
  try {
    return tell();
  } catch {
    return undefined;
  }
}
