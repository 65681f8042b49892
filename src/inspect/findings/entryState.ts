import type { Finding } from './finding.ts';
import type { History } from './history.ts';
import { targetText } from './targetText.ts';

/** A one-shot that is disarmed at every look. */
export function oneshotDisarmed({ instance, entry, looks, forMs }: History): Finding | null {
  if (looks.some(({ armed }) => armed)) return null;
  const last = looks.at(-1) ?? entry;
  const pending = last.condition === null || (last.condition & 1) === 0 ? '' : ', and there is something to read now';
  const since = looks.length === 1 ? '' : ` at ${looks.length} looks in ${Math.round(forMs)} ms`;
  return {
    code: 'oneshot-disarmed',
    epfd: instance.fd,
    fd: entry.fd,
    evidence: `${targetText(entry.target)}: only ${entry.flags.join('|')} is left of its mask${since}${pending}`,
    why:
      'An EPOLLONESHOT entry has fired and was not armed again: ' +
      'nothing is reported for it any more, not even an error or a hangup',
    advice:
      'Arm it with EPOLL_CTL_MOD when its event has been handled, on every way out of the handler; ' +
      'if a handler is still at work, look again',
  };
}

/** An entry whose file is no longer under its number. */
export function ghost({ instance, entry }: History): Finding | null {
  if (entry.ghost !== true) return null;
  const holders = entry.heldBy.map(({ pid, name, fd }) => `fd ${fd} of ${name}(${pid})`);
  const held =
    holders.length === 0 ? 'who keeps it open was not found' : `kept open as ${holders.slice(0, 3).join(', ')}`;
  const file = entry.target.kind === 'unknown' ? 'its file' : targetText(entry.target);
  const reused = entry.now !== null;
  return {
    code: reused ? 'ghost-reused' : 'ghost',
    epfd: instance.fd,
    fd: entry.fd,
    evidence:
      `${reused ? `fd ${entry.fd} is ${targetText(entry.now)} now` : `fd ${entry.fd} is closed`}, ` +
      `but the entry watches ${file}, ${held}`,
    why:
      'An entry belongs to the open file, not to the number: ' +
      `it goes on reporting with the old data ${entry.data}${reused ? ', as if it were for the new file' : ''}, ` +
      `and EPOLL_CTL_DEL by number ${reused ? 'does not reach it' : 'gives EBADF'}`,
    advice:
      'Remove the entry with EPOLL_CTL_DEL before close(), ' +
      'and before the descriptor is duplicated or inherited (O_CLOEXEC); ' +
      'what is there now goes when every copy is closed, or with a new epoll instance',
  };
}
