import { readdirSync, readFileSync } from 'node:fs';
import { creationAdvice } from './advice.ts';
import { SystemError, type SystemErrorSubject } from './systemError.ts';

/**
 * The text of a file of `/proc`.
 *
 * @throws {SystemError} ENOENT when what it tells of is gone, EMFILE when there are too many open files.
 */
export function readProcText(path: string): string {
  return asSystemError({ path }, () => readFileSync(path, 'utf8'));
}

/** The names in a folder of `/proc`. @throws {SystemError} as `readProcText`. */
export function listProcNames(path: string): string[] {
  return asSystemError({ path }, () => readdirSync(path));
}

/**
 * What `read` answers; an error of Node's as a SystemError: it has the same members, and a caller that looks for the
 * class would miss it.
 */
export function asSystemError<T>(subject: SystemErrorSubject, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof Error && 'errno' in error && typeof error.errno === 'number')) throw error;
    const syscall = 'syscall' in error && typeof error.syscall === 'string' ? error.syscall : 'open';
    throw new SystemError(error.errno, syscall, subject, creationAdvice(error.errno));
  }
}
