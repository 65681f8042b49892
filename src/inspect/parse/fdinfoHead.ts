/** The lines that the fdinfo of every descriptor begins with. */
export interface FdinfoHead {
  readonly pos: number;
  /** The flags of open(2), FD_CLOEXEC as O_CLOEXEC among them. */
  readonly flags: number;
  /** Since Linux 3.15. */
  readonly mountId: number | null;
  /** Since Linux 5.14. */
  readonly inode: string | null;
}

/** Reads the first lines of `/proc/PID/fdinfo/N`; null where they are not there. */
export function parseFdinfoHead(text: string): FdinfoHead | null {
  const [, pos, flags = ''] = /^pos:\t(-?\d+)\nflags:\t([0-7]+)$/m.exec(text) ?? [];
  if (pos === undefined) return null;
  const mountId = /^mnt_id:\t(\d+)$/m.exec(text)?.[1];
  return {
    pos: Number(pos),
    flags: Number.parseInt(flags, 8),
    mountId: mountId === undefined ? null : Number(mountId),
    inode: /^ino:\t(\d+)$/m.exec(text)?.[1] ?? null,
  };
}
