import { types } from 'node:util';
import { bytes, describe } from '../../sys/argument.ts';

/**
 * Bytes to send: text goes as UTF-8.
 *
 * @throws {TypeError} for anything else, and for memory that was transferred away
 */
export function textOrBytes(data: string | Uint8Array, name: string): Uint8Array {
  if (typeof data === 'string') return Buffer.from(data, 'utf8');
  if (types.isUint8Array(data)) return bytes(data, name);
  throw new TypeError(`Cannot write as '${name}' must be a string or a Uint8Array: current value is ${describe(data)}`);
}
