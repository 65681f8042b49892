import { readdirSync, readlinkSync } from 'node:fs';

/** The open descriptors of this process, each with the file behind it: `'5 anon_inode:[eventfd]'`. */
export function openDescriptors(): string[] {
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      return [`${fd} ${readlinkSync(`/proc/self/fd/${fd}`)}`];
    } catch {
      return []; // the descriptor of the listing itself
    }
  });
}
