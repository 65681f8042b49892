import { StepError } from './stepResult.ts';

/**
 * What a name can stand for. `data` maps the data word of a registration, in decimal, to the name that the catalogue
 * uses for it; `eventfd` holds those descriptors again that the step `eventfd` made.
 */
export type NameKind = 'fd' | 'eventfd' | 'watch' | 'process' | 'thread' | 'port' | 'data';
type Table = Map<string, number | string>;

const capacity = 4 << 20;
const headerBytes = 16;
const lockAt = 0;
const versionAt = 1;
const lengthAt = 2;

/**
 * The names that a scenario's steps make, in memory that all its threads see: a message would not arrive while the
 * other thread is blocked in a system call.
 */
export class NameBoard {
  readonly memory: SharedArrayBuffer;
  readonly #header: Int32Array;
  readonly #body: Buffer;
  #seen = -1;
  #tables = new Map<NameKind, Table>();

  constructor(memory: SharedArrayBuffer = new SharedArrayBuffer(headerBytes + capacity)) {
    this.memory = memory;
    this.#header = new Int32Array(memory, 0, headerBytes / 4);
    this.#body = Buffer.from(memory, headerBytes);
  }

  /** What the name stands for. */
  get(kind: NameKind, name: string): number | string | undefined {
    if (Atomics.load(this.#header, versionAt) !== this.#seen) this.#locked(() => this.#refresh());
    return this.#tables.get(kind)?.get(name);
  }

  /** Gives a name a meaning, replacing an earlier one. */
  set(kind: NameKind, name: string, value: number | string): void {
    this.#locked(() => {
      this.#refresh();
      if (this.#tables.get(kind)?.get(name) === value) return;
      this.#tables.set(kind, new Map(this.#tables.get(kind)).set(name, value));
      this.#store();
    });
  }

  /** Forgets a name. */
  delete(kind: NameKind, name: string): void {
    this.#locked(() => {
      this.#refresh();
      if (this.#tables.get(kind)?.delete(name) === true) this.#store();
    });
  }

  /** All names of a kind in the order in which they were made. */
  entries(kind: NameKind): [string, number | string][] {
    this.#locked(() => this.#refresh());
    return [...(this.#tables.get(kind) ?? [])];
  }

  /** What the name stands for, where that is a number. @throws {StepError} when no step made it. */
  number(kind: NameKind, name: string): number {
    const value = this.get(kind, name);
    if (typeof value !== 'number') throw new StepError(`no step made the ${kind} ${name}`);
    return value;
  }

  #refresh(): void {
    const version = Atomics.load(this.#header, versionAt);
    if (version === this.#seen) return;
    const text = this.#body.toString('utf8', 0, Atomics.load(this.#header, lengthAt));
    const stored = text === '' ? [] : (JSON.parse(text) as [NameKind, [string, number | string][]][]);
    this.#tables = new Map(stored.map(([kind, entries]) => [kind, new Map(entries)]));
    this.#seen = version;
  }

  #store(): void {
    const text = JSON.stringify([...this.#tables].map(([kind, table]) => [kind, [...table]]));
    const length = Buffer.byteLength(text);
    if (length > this.#body.length) throw new StepError(`no room for more names than ${capacity} bytes hold`);
    this.#body.write(text);
    Atomics.store(this.#header, lengthAt, length);
    this.#seen = Atomics.add(this.#header, versionAt, 1) + 1;
  }

  #locked(work: () => void): void {
    while (Atomics.compareExchange(this.#header, lockAt, 0, 1) !== 0) Atomics.wait(this.#header, lockAt, 1, 1);
    try {
      work();
    } finally {
      Atomics.store(this.#header, lockAt, 0);
      Atomics.notify(this.#header, lockAt, 1);
    }
  }
}
