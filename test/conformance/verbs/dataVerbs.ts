import { errnoName, eventfd_read, eventfd_write, read, write } from 'epoll-ts/sys';
import { answered, uninterrupted } from '../answer.ts';
import { syscall } from '../raw/syscall.ts';
import { descriptor, type Operands, type Rig, type Verbs } from '../rig.ts';
import { StepError, type StepResult } from '../stepResult.ts';
import { int32, parseInteger } from '../vocabulary.ts';

const fillBlock = Buffer.alloc(4096, 'a');
const drainBlock = 65536;

/** Bytes in and out of a descriptor. */
export const dataVerbs: Verbs = {
  write: writeData,
  read: readData,
  // Until the kernel takes no more; the result says whether it took anything, and why it stopped.
  fill: (call, { names }) => {
    const fd = descriptor(names, call.word(0));
    for (let total = 0; ;) {
      const answer = uninterrupted(() => write(fd, fillBlock));
      if (answer < 0) return { ret: total > 0, value: errnoName(answer) };
      total += answer;
    }
  },
  drain: (call, { names }) => {
    const fd = descriptor(names, call.word(0));
    const buffer = new Uint8Array(drainBlock);
    for (;;) {
      const answer = uninterrupted(() => read(fd, buffer));
      if (answer < 0) return { ret: 0, value: errnoName(answer) };
      if (answer === 0) return { ret: 0, value: 'EOF' };
    }
  },
  pread: (call, { names }) => answered(syscall('pread64', descriptor(names, call.word(0)), new Uint8Array(8), 8, 0)),
  pwrite: (call, { names }) =>
    answered(syscall('pwrite64', descriptor(names, call.word(0)), Buffer.from('xxxxxxxx'), 8, 0)),
  lseek: (call, { names }) => answered(syscall('lseek', descriptor(names, call.word(0)), 0, 0)),
  seek0: (call, { names }) => {
    const answer = syscall('lseek', descriptor(names, call.word(0)), 0, 0);
    if (answer < 0) throw new StepError(`lseek gave ${errnoName(answer)}`);
    return { ret: 0 };
  },
};

function writeData(call: Operands, { names }: Rig): StepResult {
  const who = call.word(0);
  const fd = descriptor(names, who);
  const u64 = call.option('u64');
  const bytes = call.option('bytes');
  if (u64 === undefined) {
    const data = bytes === undefined ? Buffer.alloc(int32(call.word(1)), 'w') : Buffer.alloc(int32(bytes), 1);
    return answered(write(fd, data));
  }
  const value = parseInteger(u64);
  if (value !== BigInt.asUintN(64, value)) throw new StepError(`u64=${u64} does not fit 64 bits`);
  if (names.get('eventfd', who) !== undefined) {
    const answer = eventfd_write(fd, value);
    return answered(answer === 0 ? 8 : answer);
  }
  const data = Buffer.alloc(8);
  data.writeBigUInt64LE(value);
  return answered(write(fd, data));
}

function readData(call: Operands, { names }: Rig): StepResult {
  const who = call.word(0);
  const fd = descriptor(names, who);
  if (!call.has('u64')) return answered(read(fd, new Uint8Array(int32(call.word(1)))));
  if (names.get('eventfd', who) !== undefined) {
    const counter = eventfd_read(fd);
    return typeof counter === 'bigint' ? { ret: 8, value: String(counter) } : answered(counter);
  }
  const data = Buffer.alloc(8);
  const answer = read(fd, data);
  return answer === 8 ? { ret: 8, value: String(data.readBigUInt64LE()) } : answered(answer);
}
