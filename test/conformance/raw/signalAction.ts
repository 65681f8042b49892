import { foreign } from '#epoll/sys/ffi/foreign.js';
import { must } from '../answer.ts';
import { StepError } from '../stepResult.ts';
import { cString } from './syscall.ts';

const dlsym = foreign('dlsym', ['long', 'pointer'], 'long');
const sigaction = foreign('sigaction', ['int', 'pointer', 'pointer']);
const sigqueue = foreign('sigqueue', ['int', 'int', 'long']);

const searchEverywhere = 0;
const saRestart = 0x10000000;
// struct sigaction of glibc and musl: the handler's address, 128 bytes of mask, the flags, the restorer's address.
const actionBytes = 152;
const flagsOffset = 136;

/**
 * Installs a handler that does nothing, so that the signal only interrupts. Node runs JavaScript handlers from its loop
 * and always restarts calls; so this one is a C function that is safe in a handler and takes an int: abs(3).
 */
export function installHandler(signal: number, restart: boolean): void {
  const handler = dlsym(searchEverywhere, cString('abs'));
  if (handler <= 0) throw new StepError('the C library has no abs');
  const action = Buffer.alloc(actionBytes);
  action.writeBigUInt64LE(BigInt(handler), 0);
  action.writeInt32LE(restart ? saRestart : 0, flagsOffset);
  must(sigaction(signal, action, null), 'sigaction');
}

/** sigqueue(3): queues a signal with a value to a process. */
export function queueSignal(pid: number, signal: number, value: number): number {
  return sigqueue(pid, signal, value);
}
