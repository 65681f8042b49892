import { fdPrograms } from './fdPrograms.ts';
import type { MakeNetProgram } from './netRig.ts';
import { serverPrograms } from './serverPrograms.ts';
import { tcpPrograms } from './tcpPrograms.ts';
import { udpPrograms } from './udpPrograms.ts';
import { unixPrograms } from './unixPrograms.ts';

/** What is done with `epoll-ts/net` while a system call fails, by name. */
export const netPrograms: ReadonlyMap<string, MakeNetProgram> = new Map([
  ...tcpPrograms,
  ...unixPrograms,
  ...udpPrograms,
  ...fdPrograms,
  ...serverPrograms,
]);
