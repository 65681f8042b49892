import { OwnedFd, SystemError, type SystemErrorSubject } from '../../index.ts';

/** A descriptor that a `sys` call made, owned. */
export class Descriptor extends OwnedFd {
  /** @param fd open; nobody else closes it */
  // eslint-disable-next-line no-useless-constructor -- makes public what is protected in OwnedFd
  constructor(fd: number) {
    super(fd);
  }

  /** Runs what needs the descriptor; closes it when that fails. */
  guard<T>(use: () => T): T {
    try {
      return use();
    } catch (error) {
      this.close();
      throw error;
    }
  }
}

/** The answer of a `sys` call. @throws {SystemError} where it is negative */
export function answered(answer: number, syscall: string, subject: SystemErrorSubject = {}, advice = ''): number {
  if (answer < 0) throw new SystemError(answer, syscall, subject, advice);
  return answer;
}
