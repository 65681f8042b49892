// linux/netlink.h: what people meet in interest lists.
const families: ReadonlyMap<number, string> = new Map([
  [0, 'route'],
  [4, 'sock_diag'],
  [6, 'xfrm'],
  [9, 'audit'],
  [11, 'connector'],
  [12, 'netfilter'],
  [15, 'kobject_uevent'],
  [16, 'generic'],
]);

/** The name of a netlink family. */
export function netlinkFamily(number: number): string {
  return families.get(number) ?? `family ${number}`;
}

/** Reads `/proc/PID/net/netlink`: inode → the name of the netlink family. */
export function parseProcNetNetlink(text: string): Map<string, string> {
  const rows = new Map<string, string>();
  for (const line of text.split('\n')) {
    const columns = line.trim().split(/\s+/);
    const inode = columns[9];
    if (inode === undefined || !/^\d+$/.test(inode)) continue;
    rows.set(inode, netlinkFamily(Number(columns[1])));
  }
  return rows;
}

/** Reads `/proc/PID/net/packet`: the inodes of packet sockets. */
export function parseProcNetPacket(text: string): Set<string> {
  return new Set(text.split('\n').flatMap((line) => /^[0-9a-f]+\s.*\s(\d+)\s*$/.exec(line)?.[1] ?? []));
}
