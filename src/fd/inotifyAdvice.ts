import { EACCES, EEXIST, EINVAL, ENOENT, ENOSPC, ENOTDIR } from '../sys/index.ts';

/** What the caller can do where `inotify_init1` answers EMFILE: the kernel has one answer for two limits. */
export const instanceAdvice: string =
  'the user has reached sysctl fs.inotify.max_user_instances, or this process its limit of open files (ulimit -n)';

/** What the caller can do where `inotify_add_watch` refuses; '' where nothing can be said. */
export function watchAdvice(answer: number): string {
  switch (-answer) {
    case ENOSPC:
      return 'the user has reached sysctl fs.inotify.max_user_watches: raise it or watch fewer files';
    case ENOENT:
      return 'no such file or directory';
    case EACCES:
      return 'a file is watched only by who may read it';
    case ENOTDIR:
      return 'IN_ONLYDIR wants a directory';
    case EEXIST:
      return 'IN_MASK_CREATE wants a file that is not watched yet, by no other path either';
    case EINVAL:
      return 'the mask must hold an event, and not both IN_MASK_ADD and IN_MASK_CREATE';
    default:
      return '';
  }
}
