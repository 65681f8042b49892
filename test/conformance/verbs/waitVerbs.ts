import { EpollEventBuffer, epoll_pwait, epoll_pwait2, epoll_wait } from 'epoll-ts/sys';
import { answered } from '../answer.ts';
import { parseSignalSet, signalSetBits } from '../signals.ts';
import { readonlyPage, syscall } from '../raw/syscall.ts';
import { descriptor, type Operands, type Rig, type Verbs } from '../rig.ts';
import type { NameBoard } from '../nameBoard.ts';
import { StepError, type StepResult, type WaitEvent } from '../stepResult.ts';
import { int32, parseDurationNs } from '../vocabulary.ts';

type Kind = 'wait' | 'pwait' | 'pwait2';

const largestBuffer = 4096;
// struct epoll_event, written out here for the raw calls: packed on x86-64 only.
const eventBytes = process.arch === 'x64' ? 12 : 16;
const dataOffset = eventBytes - 8;

/** The three waits of epoll. */
export const waitVerbs: Verbs = {
  wait: (call, rig) => wait('wait', call, rig),
  pwait: (call, rig) => wait('pwait', call, rig),
  pwait2: (call, rig) => wait('pwait2', call, rig),
};

function wait(kind: Kind, call: Operands, { names }: Rig): StepResult {
  const epfd = descriptor(names, call.word(0));
  const max = int32(call.option('max') ?? '16');
  if (belowTypedApi(kind, call, max)) {
    const room = Buffer.alloc(eventBytes * largestBuffer);
    const answer = waitRaw(kind, call, epfd, max, room);
    return { ...answered(answer), events: call.option('buf') === undefined ? rawEvents(room, answer, names) : [] };
  }
  const buffer = new EpollEventBuffer(Math.max(max, 1));
  const answer = waitTyped(kind, call, epfd, buffer, max);
  return { ...answered(answer), events: typedEvents(buffer, answer, names) };
}

// What epoll-ts/sys refuses by design, or cannot say.
function belowTypedApi(kind: Kind, call: Operands, max: number): boolean {
  const timeout = call.option('timeout') ?? '0';
  return (
    call.option('buf') !== undefined ||
    (kind !== 'wait' && (call.option('sigsetsize') !== undefined || call.option('mask') === 'bad')) ||
    (kind === 'pwait2' && timeout !== '-1' && (timeout.startsWith('raw:') || timeout.startsWith('-'))) ||
    max > largestBuffer
  );
}

function waitTyped(kind: Kind, call: Operands, epfd: number, buffer: EpollEventBuffer, max: number): number {
  const timeout = call.option('timeout') ?? '0';
  if (kind === 'wait') return epoll_wait(epfd, buffer, max, int32(timeout));
  const mask = call.option('mask') ?? 'null';
  const set = mask === 'null' ? null : parseSignalSet(mask);
  if (kind === 'pwait') return epoll_pwait(epfd, buffer, max, int32(timeout), set);
  return epoll_pwait2(epfd, buffer, max, isForEver(timeout) ? null : BigInt(parseDurationNs(timeout)), set);
}

function isForEver(timeout: string): boolean {
  return timeout === 'null' || timeout === 'inf' || timeout === '-1';
}

function waitRaw(kind: Kind, call: Operands, epfd: number, max: number, room: Uint8Array): number {
  const buf = call.option('buf');
  const pointer = buf === 'null' ? null : buf === 'readonly' ? readonlyPage() : room;
  const timeout = call.option('timeout') ?? '0';
  const mask = call.option('mask') ?? 'null';
  const set = kind === 'wait' || mask === 'null' ? null : mask === 'bad' ? 1 : signalSetBits(mask);
  const size = kind === 'wait' ? 8 : int32(call.option('sigsetsize') ?? '8');
  // epoll_wait is epoll_pwait without a mask; arm64 has no system call of its own for it.
  if (kind !== 'pwait2') return syscall('epoll_pwait', epfd, pointer, max, int32(timeout), set, size);
  return syscall('epoll_pwait2', epfd, pointer, max, isForEver(timeout) ? null : timespec(timeout), set, size);
}

function timespec(timeout: string): BigInt64Array {
  const [, seconds, nanoseconds] = /^raw:(-?\d+),(-?\d+)$/.exec(timeout) ?? [];
  if (seconds !== undefined && nanoseconds !== undefined) return BigInt64Array.of(BigInt(seconds), BigInt(nanoseconds));
  if (timeout.startsWith('raw:')) throw new StepError(`timeout=${timeout} is not raw:SEC,NSEC`);
  const ns = BigInt(parseDurationNs(timeout));
  return BigInt64Array.of(ns / 1_000_000_000n, ns % 1_000_000_000n);
}

function typedEvents(buffer: EpollEventBuffer, count: number, names: NameBoard): WaitEvent[] {
  return Array.from({ length: Math.max(count, 0) }, (_, index): WaitEvent => [
    nameOf(buffer.data(index), names),
    buffer.events(index),
  ]);
}

function rawEvents(room: Buffer, count: number, names: NameBoard): WaitEvent[] {
  return Array.from({ length: Math.max(count, 0) }, (_, index): WaitEvent => [
    nameOf(room.readBigUInt64LE(index * eventBytes + dataOffset), names),
    room.readUInt32LE(index * eventBytes),
  ]);
}

function nameOf(data: bigint, names: NameBoard): string {
  return String(names.get('data', String(data)) ?? `0x${data.toString(16)}`);
}
