/** A watch as the fdinfo of an inotify descriptor has it. */
export interface ListedWatch {
  readonly wd: number;
  readonly inode: string;
  /** major << 20 | minor. */
  readonly sdev: number;
  readonly mask: number;
  /** The handle of the file for open_by_handle_at(2); null where the file system has none. */
  readonly handle: { readonly type: number; readonly bytes: Uint8Array } | null;
}

const handle = 'fhandle-bytes:([0-9a-f]+) fhandle-type:([0-9a-f]+) f_handle:([0-9a-f]+)';
const watch = new RegExp(
  `^inotify wd:([0-9a-f]+) ino:([0-9a-f]+) sdev:([0-9a-f]+) mask:([0-9a-f]+) ignored_mask:[0-9a-f]+ ?(?:${handle})?`,
);

/**
 * Reads the fdinfo of an inotify descriptor. All numbers are hexadecimal, the watch descriptor too (Linux 6.18; proc(5)
 * calls it decimal).
 */
export function parseInotifyFdinfo(text: string): ListedWatch[] {
  const watches: ListedWatch[] = [];
  for (const line of text.split('\n')) {
    const match = watch.exec(line);
    if (match === null) continue;
    const [, wd = '', inode = '', sdev = '', mask = '', , type, bytes] = match;
    watches.push({
      wd: Number.parseInt(wd, 16),
      inode: BigInt(`0x${inode}`).toString(),
      sdev: Number.parseInt(sdev, 16),
      mask: Number.parseInt(mask, 16),
      handle:
        type === undefined || bytes === undefined
          ? null
          : { type: Number.parseInt(type, 16), bytes: Buffer.from(bytes, 'hex') },
    });
  }
  return watches;
}
