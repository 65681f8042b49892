import { decodeInotifyEvents, decodeSignalfdSiginfo, signalfdSiginfoSize, signalName } from '../../../sys/index.ts';
import { type Detail, wholeNumber } from '../event.ts';
import type { Outcome } from '../outcome.ts';
import type { ReadOnce } from '../reading.ts';
import { fileDetail } from './inotify.ts';

interface Format {
  readonly size: number;
  decode(bytes: Buffer): Detail;
}

const text = new TextDecoder();

// By the name of the kernel object, as /proc/self/fd shows it. All others are not read.
const formats: ReadonlyMap<string, Format> = new Map<string, Format>([
  ['anon_inode:[eventfd]', { size: 8, decode: (bytes) => ({ value: wholeNumber(bytes.readBigUInt64LE()) }) }],
  ['anon_inode:[timerfd]', { size: 8, decode: (bytes) => ({ expirations: wholeNumber(bytes.readBigUInt64LE()) }) }],
  ['anon_inode:[signalfd]', { size: signalfdSiginfoSize, decode: signal }],
  ['anon_inode:inotify', { size: 65_536, decode: files }],
]);

/** Takes what a descriptor of that kind has; undefined for kinds that are not known here. */
export function decoderOf(file: string): ((read: ReadOnce) => Outcome) | undefined {
  const format = formats.get(file);
  if (format === undefined) return undefined;
  const buffer = Buffer.alloc(format.size);
  return (read) => {
    const count = read(buffer);
    if (count <= 0) return { detail: {}, next: 'standing' };
    // More records may be waiting.
    return { detail: format.decode(buffer.subarray(0, count)), next: 'more' };
  };
}

function signal(bytes: Buffer): Detail {
  const { signo, pid, uid } = decodeSignalfdSiginfo(bytes);
  return { signal: signalName(signo), pid, uid, via: 'signalfd' };
}

function files(bytes: Buffer): Detail {
  return {
    files: decodeInotifyEvents(bytes).map(({ name, mask, cookie }) =>
      fileDetail({ name: text.decode(name), mask, cookie }),
    ),
  };
}
