import { describe, integerIn } from '../../sys/argument.ts';
import { getsockopt, setsockopt } from '../../sys/index.ts';
import { check } from '../../fd/systemError.ts';

/** A socket option: its level, its number, and its name for messages. */
export interface SocketOption {
  readonly level: number;
  readonly option: number;
  readonly name: string;
}

const memory = new Uint8Array(8);
const view = new DataView(memory.buffer);

/** The value of an option that is an int. @throws {SystemError} where the socket does not have it. */
export function intOption(fd: number, { level, option, name }: SocketOption): number {
  check(getsockopt(fd, level, option, memory), 'getsockopt', { fd }, name);
  return view.getInt32(0, true);
}

/** Sets an option that is an int from 0 to `most`. @throws {TypeError | RangeError | SystemError} */
export function setIntOption(
  fd: number,
  { level, option, name }: SocketOption,
  value: number,
  most = 0x7fff_ffff,
): void {
  integerIn(value, name, 0, most);
  check(setsockopt(fd, level, option, value), 'setsockopt', { fd }, name);
}

export function booleanOption(fd: number, option: SocketOption): boolean {
  return intOption(fd, option) !== 0;
}

/** @throws {TypeError | SystemError} */
export function setBooleanOption(fd: number, { level, option, name }: SocketOption, value: boolean): void {
  if (typeof value !== 'boolean') {
    throw new TypeError(`Cannot use '${name}' as it must be a boolean: current value is ${describe(value)}`);
  }
  check(setsockopt(fd, level, option, value ? 1 : 0), 'setsockopt', { fd }, name);
}

/** The two ints of an option, such as `struct linger`. */
export function intPairOption(fd: number, { level, option, name }: SocketOption): readonly [number, number] {
  check(getsockopt(fd, level, option, memory), 'getsockopt', { fd }, name);
  return [view.getInt32(0, true), view.getInt32(4, true)];
}

export function setIntPairOption(
  fd: number,
  { level, option, name }: SocketOption,
  [first, second]: readonly [number, number],
): void {
  view.setInt32(0, first, true);
  view.setInt32(4, second, true);
  check(setsockopt(fd, level, option, memory), 'setsockopt', { fd }, name);
}
