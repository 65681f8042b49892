/**
 * What is wrong:
 *
 * - `oneshot-disarmed`: a one-shot has fired and was not armed again
 * - `ghost`, `ghost-reused`: the watched file is no longer under its number, which is closed, or another file by now
 * - `spin`: level-triggered, ready and not taken while a thread burns CPU time
 * - `out-idle`: level-triggered EPOLLOUT on a writable socket or pipe to which nothing is written
 * - `edge-stall`: edge-triggered with unread data that stays
 * - `hup-pending`, `err-pending`: EPOLLHUP or EPOLLERR that stays
 * - `herd`: a socket or pipe in several instances without EPOLLEXCLUSIVE
 * - `nesting`: a chain of instances near the limit of 5
 * - `watches`: the user is near fs.epoll.max_user_watches
 * - `leaked`: another process has the instance too
 */
export type FindingCode =
  | 'oneshot-disarmed'
  | 'ghost'
  | 'ghost-reused'
  | 'spin'
  | 'out-idle'
  | 'edge-stall'
  | 'hup-pending'
  | 'err-pending'
  | 'herd'
  | 'nesting'
  | 'watches'
  | 'leaked';

/** Something that is wrong, or soon will be. */
export interface Finding {
  readonly code: FindingCode;
  /** The epoll descriptor; null: it concerns the process. */
  readonly epfd: number | null;
  /** The watched descriptor; null: it concerns the instance. */
  readonly fd: number | null;
  /** What was seen. */
  readonly evidence: string;
  /** What it leads to. */
  readonly why: string;
  /** What to do. */
  readonly advice: string;
}
