import { EMFILE, ENFILE } from '../sys/index.ts';
import { SystemError } from './systemError.ts';

/** What the caller can do where a call that makes a descriptor is refused; '' where nothing general can be said. */
export function creationAdvice(answer: number): string {
  switch (-answer) {
    case EMFILE:
      return 'this process has reached its limit of open files (ulimit -n): close some or raise it';
    case ENFILE:
      return 'the system has reached its limit of open files (sysctl fs.file-max)';
    default:
      return '';
  }
}

/** The descriptor that a call made. @throws {SystemError} where it made none. */
export function created(answer: number, syscall: string, advice = ''): number {
  if (answer < 0) throw new SystemError(answer, syscall, {}, advice || creationAdvice(answer));
  return answer;
}
