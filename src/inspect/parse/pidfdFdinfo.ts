/**
 * The process of a pidfd's fdinfo (Linux 5.4), as this pid namespace numbers it; null: it has ended and was waited for
 * (-1), or it is outside (0).
 */
export function parsePidfdFdinfo(text: string): number | null {
  const pid = Number(/^Pid:\t(-?\d+)$/m.exec(text)?.[1] ?? -1);
  return pid > 0 ? pid : null;
}
