/** The real user id in `/proc/PID/status`; null where there is none. */
export function parseRealUid(text: string): number | null {
  const uid = /^Uid:\t(\d+)/m.exec(text)?.[1];
  return uid === undefined ? null : Number(uid);
}
