import { readProcText } from './procText.ts';

/**
 * A field of what `/proc/self/fdinfo` tells of a descriptor; undefined where it has none of that name.
 *
 * @throws {SystemError}
 */
export function fdinfoField(fd: number, name: string): string | undefined {
  const line = readProcText(`/proc/self/fdinfo/${fd}`)
    .split('\n')
    .find((each) => each.startsWith(`${name}:`));
  return line?.slice(name.length + 1).trim();
}
