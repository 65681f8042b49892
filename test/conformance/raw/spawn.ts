import { foreign } from '#epoll/sys/ffi/foreign.js';
import { errnoName } from 'epoll-ts/sys';
import { StepError } from '../stepResult.ts';
import { cString, pointers } from './syscall.ts';

const posixSpawn = foreign('posix_spawn', ['pointer', 'pointer', 'pointer', 'pointer', 'pointer', 'pointer']);
const attributesInit = foreign('posix_spawnattr_init', ['pointer']);
const attributesFlags = foreign('posix_spawnattr_setflags', ['pointer', 'int']);
const attributesMask = foreign('posix_spawnattr_setsigmask', ['pointer', 'pointer']);
const actionsInit = foreign('posix_spawn_file_actions_init', ['pointer']);
const actionsDup2 = foreign('posix_spawn_file_actions_adddup2', ['pointer', 'int', 'int']);

const setSignalMask = 8;
// Opaque structs; glibc's have 336 and 80 bytes, musl's 336 and 80.
const attributesBytes = 512;
const actionsBytes = 256;

/**
 * Starts a shell command as a child that libuv does not know, so that nobody but the scenario reaps it. It blocks no
 * signal. It inherits the given descriptors under the same numbers, as a forked child would.
 */
export function spawnShell(command: string, descriptors: readonly number[]): number {
  const attributes = new Uint8Array(attributesBytes);
  const actions = new Uint8Array(actionsBytes);
  const noSignals = new Uint8Array(128);
  check(attributesInit(attributes));
  check(attributesFlags(attributes, setSignalMask));
  check(attributesMask(attributes, noSignals));
  check(actionsInit(actions));
  // dup2 onto itself: the child keeps the descriptor although it is close-on-exec
  // (posix_spawn_file_actions_adddup2(3)).
  for (const fd of descriptors) check(actionsDup2(actions, fd, fd));
  const strings = ['/bin/sh', '-c', command].map(cString);
  const environment = ['PATH=/usr/local/bin:/usr/bin:/bin'].map(cString);
  const pid = new Int32Array(1);
  const [shell = null] = strings;
  check(posixSpawn(pid, shell, actions, attributes, pointers(strings), pointers(environment)));
  return pid[0] ?? -1;
}

// These functions return the error number itself.
function check(error: number): void {
  if (error !== 0) throw new StepError(`posix_spawn gave ${errnoName(error)}`);
}
