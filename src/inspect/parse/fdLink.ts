/** What the target of a link `/proc/PID/fd/N` says. */
export type FdLink =
  | { readonly type: 'socket' | 'pipe'; readonly inode: string }
  /** `anon_inode:[eventfd]`: the name is `[eventfd]`; `anon_inode:inotify` has no brackets. */
  | { readonly type: 'anonymous'; readonly name: string }
  | { readonly type: 'path'; readonly path: string };

/** Reads the target of a link of `/proc/PID/fd`. */
export function parseFdLink(text: string): FdLink {
  const [, type, inode = ''] = /^(socket|pipe):\[(\d+)\]$/.exec(text) ?? [];
  if (type === 'socket' || type === 'pipe') return { type, inode };
  // Since pidfds have a file system of their own (Linux 6.9): mostly under the old name, but `pidfd:[4242]` is its
  // other form.
  if (/^pidfd:\[\d+\]$/.test(text)) return { type: 'anonymous', name: '[pidfd]' };
  const [, name] = /^anon_inode:(.*)$/s.exec(text) ?? [];
  return name === undefined ? { type: 'path', path: text } : { type: 'anonymous', name };
}
