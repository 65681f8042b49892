import { sliced } from '../../fd/slicedWait.ts';
import { check } from '../../fd/systemError.ts';
import { poll, type PollFd, POLLIN } from '../../sys/index.ts';
import type { Forgetful } from './forgetful.ts';

/** The files of one reactor that forget their event when they are asked, for its blocking turns. */
export class ForgetfulFiles {
  readonly #files = new Set<Forgetful>();

  get empty(): boolean {
    return this.#files.size === 0;
  }

  add(file: Forgetful): void {
    this.#files.add(file);
  }

  delete(file: Forgetful): void {
    this.#files.delete(file);
  }

  /**
   * Waits until the reactor's own instance or one of these files is ready, asking all at once with poll(2): a member of
   * the reactor's instance would be asked twice, and the second answer would be no.
   *
   * @returns the files with an event to deliver
   * @throws {SystemError} ENOMEM, EINVAL
   */
  wait(epfd: number, timeoutMs: number): Forgetful[] {
    const files = [...this.#files];
    const asked = files.filter(({ armed }) => armed);
    const fds: PollFd[] = [{ fd: epfd, events: POLLIN, revents: 0 }, ...asked.map(({ pollFd }) => pollFd)];
    const answer = sliced(files.some(({ due }) => due) ? 0 : timeoutMs, (ms) => poll(fds, Math.ceil(ms)));
    check(answer, 'poll', { fd: epfd });
    asked.forEach((file, index) => file.keep(fds[index + 1]?.revents ?? 0));
    return files.filter(({ due }) => due);
  }
}
