import {
  EPOLL_CTL_ADD,
  EPOLL_CTL_DEL,
  EPOLL_CTL_MOD,
  epoll_create1,
  epoll_ctl,
  epoll_get_params,
  epoll_set_params,
  pollOne,
} from 'epoll-ts/sys';
import { foreign } from '#epoll/sys/ffi/foreign.js';
import { answered, opened } from '../answer.ts';
import { syscall } from '../raw/syscall.ts';
import { descriptor, type Operands, type Rig, type Verbs } from '../rig.ts';
import type { StepResult } from '../stepResult.ts';
import { int32, parseEvents, parseFlags, parseInteger } from '../vocabulary.ts';

// epoll-ts/sys leaves epoll_create(2) out: its size says nothing since Linux 2.6.8.
const epollCreate = foreign('epoll_create', ['int']);
const badAddress = 0xdeadbeef;

/** Sets and their members, poll(2), and the busy-poll parameters. */
export const epollVerbs: Verbs = {
  epoll_create: (call, { names }) => opened(names, call.word(0), epollCreate(int32(call.option('size') ?? ''))),
  epoll_create1: (call, { names }) =>
    opened(names, call.word(0), epoll_create1(parseFlags(call.option('flags') ?? 'CLOEXEC'))),
  add: (call, rig) => control(EPOLL_CTL_ADD, call, rig),
  mod: (call, rig) => control(EPOLL_CTL_MOD, call, rig),
  del: (call, rig) => control(EPOLL_CTL_DEL, call, rig),
  addnull: (call, rig) => control(EPOLL_CTL_ADD, call, rig, null),
  modnull: (call, rig) => control(EPOLL_CTL_MOD, call, rig, null),
  ctlop: (call, rig) => control(int32(call.word(0)), call.rest(), rig),
  poll: (call, { names }) => {
    const who = call.word(0);
    const revents = pollOne(descriptor(names, who), parseEvents(call.word(1)), int32(call.option('timeout') ?? '0'));
    if (revents < 0) return { ...answered(revents), events: [] };
    return { ret: revents === 0 ? 0 : 1, events: revents === 0 ? [] : [[who, revents]] };
  },
  busyget: (call, { names }) => {
    const epfd = descriptor(names, call.word(0));
    if (call.has('bad')) return answered(syscall('ioctl', epfd, 0x80088a02, badAddress));
    const params = epoll_get_params(epfd);
    if (typeof params === 'number') return answered(params);
    const { busyPollUsecs, busyPollBudget, preferBusyPoll } = params;
    return { ret: 0, value: [busyPollUsecs, busyPollBudget, preferBusyPoll ? 1 : 0, 0].join(',') };
  },
  busyset: setBusyPoll,
};

/** `event` undefined: the event of the operands; null: none at all. */
function control(op: number, call: Operands, { names }: Rig, event?: null): StepResult {
  const epfd = descriptor(names, call.word(0));
  const who = call.word(1);
  const fd = descriptor(names, who);
  const bits = parseEvents(call.wordIf(2) ?? '0');
  const literal = call.option('data');
  const data = BigInt.asUintN(64, literal === undefined ? BigInt(fd >>> 0) : parseInteger(literal));
  if (op !== EPOLL_CTL_DEL) names.set('data', String(data), literal ?? who);
  if (event === null) return answered(epoll_ctl(epfd, op, fd));
  // epoll-ts/sys never passes an event to DEL; only the raw call can show that the kernel overlooks one.
  if (op === EPOLL_CTL_DEL && (call.option('event') !== undefined || bits !== 0)) {
    return answered(syscall('epoll_ctl', epfd, op, fd, new Uint8Array(16)));
  }
  return answered(literal === undefined ? epoll_ctl(epfd, op, fd, bits) : epoll_ctl(epfd, op, fd, bits, data));
}

function setBusyPoll(call: Operands, { names }: Rig): StepResult {
  const epfd = descriptor(names, call.word(0));
  const setRaw = (argument: Uint8Array | number): StepResult => answered(syscall('ioctl', epfd, 0x40088a01, argument));
  if (call.has('bad')) return setRaw(badAddress);
  const [usecs = 0, budget = 0, prefer = 0, pad = 0] = ['usecs', 'budget', 'prefer', 'pad'].map((key) =>
    int32(call.option(key) ?? '0'),
  );
  // The typed call has no pad, and a boolean for what the kernel wants to be 0 or 1.
  if (pad !== 0 || prefer < 0 || prefer > 1) {
    const params = Buffer.alloc(8);
    params.writeUInt32LE(usecs >>> 0, 0);
    params.writeUInt16LE(budget & 0xffff, 4);
    params.set([prefer, pad], 6);
    return setRaw(params);
  }
  return answered(
    epoll_set_params(epfd, { busyPollUsecs: usecs >>> 0, busyPollBudget: budget, preferBusyPoll: prefer === 1 }),
  );
}
