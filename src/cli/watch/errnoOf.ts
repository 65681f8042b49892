import { SystemError } from '../../index.ts';

/** What the kernel answered, as -errno. @throws what is no SystemError */
export function errnoOf(error: unknown): number {
  if (error instanceof SystemError) return error.errno;
  throw error;
}
