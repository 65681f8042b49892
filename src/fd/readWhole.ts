import { readSync } from 'node:fs';
import { asSystemError } from './procText.ts';

const chunkSize = 16_384;

/**
 * All bytes of a file that the kernel makes as it is read, from its beginning, over a descriptor that is open already:
 * this works at EMFILE, too.
 *
 * @throws {SystemError} EBADF when someone else closed the descriptor, ENODEV when what the file tells of is gone
 */
export function readWhole(fd: number): Buffer {
  const chunks: Buffer[] = [];
  for (let position = 0; ;) {
    const chunk = Buffer.allocUnsafe(chunkSize);
    const count = asSystemError({ fd }, () => readSync(fd, chunk, 0, chunkSize, position));
    if (count === 0) return Buffer.concat(chunks);
    chunks.push(chunk.subarray(0, count));
    position += count;
  }
}
