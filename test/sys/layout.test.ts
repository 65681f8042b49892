import assert from 'node:assert/strict';
import { test } from 'node:test';
import { controlSpace } from '#epoll/sys/abi/cmsg.js';
import { epollEventLayout } from '#epoll/sys/abi/epollEventLayout.js';
import { decodeEpollParams, encodeEpollParams, epollParamsSize } from '#epoll/sys/abi/epollParams.js';
import { inotifyEventSize } from '#epoll/sys/abi/inotifyEvent.js';
import { signalfdSiginfoOffsets } from '#epoll/sys/abi/signalfdSiginfo.js';
import { sockaddrStorageSize, unixPathSize } from '#epoll/sys/abi/sockaddr.js';
import { decodeItimerspec, encodeItimerspec, itimerspecSize, timespecSize } from '#epoll/sys/abi/timespec.js';
import { sigsetBytesOf } from '#epoll/sys/signalSet.js';
import * as sys from 'epoll-ts/sys';
import { includes, linesOfC, missingCompiler } from '../support/ccompiler.ts';

const headers = includes([
  'stdio.h',
  'stddef.h',
  'string.h',
  'signal.h',
  'sys/epoll.h',
  'sys/signalfd.h',
  'sys/inotify.h',
  'sys/timerfd.h',
  'poll.h',
  'sys/socket.h',
  'sys/un.h',
  'netinet/in.h',
  'arpa/inet.h',
  'sys/uio.h',
  'linux/kcmp.h',
]);

const sizes = {
  'sizeof(struct epoll_event)': epollEventLayout(process.arch).words * 4,
  'offsetof(struct epoll_event, events)': epollEventLayout(process.arch).events * 4,
  'offsetof(struct epoll_event, data)': epollEventLayout(process.arch).dataLow * 4,
  'sizeof(struct signalfd_siginfo)': sys.signalfdSiginfoSize,
  'sizeof(struct inotify_event)': inotifyEventSize,
  'sizeof(struct timespec)': timespecSize,
  'sizeof(struct itimerspec)': itimerspecSize,
  'sizeof(struct sockaddr_storage)': sockaddrStorageSize,
  'sizeof(((struct sockaddr_un *)0)->sun_path)': unixPathSize,
  // The layouts below are written out where they are used: poll.ts, read.ts, kcmp.ts, signalSet.ts, sendmsg.ts.
  'sizeof(struct pollfd)': 8,
  'offsetof(struct pollfd, events)': 4,
  'offsetof(struct pollfd, revents)': 6,
  'sizeof(struct iovec)': 16,
  'offsetof(struct iovec, iov_base)': 0,
  'offsetof(struct iovec, iov_len)': 8,
  'sizeof(struct msghdr)': 56,
  'offsetof(struct msghdr, msg_iov)': 16,
  'offsetof(struct msghdr, msg_iovlen)': 24,
  'offsetof(struct msghdr, msg_control)': 32,
  'offsetof(struct msghdr, msg_controllen)': 40,
  'offsetof(struct msghdr, msg_flags)': 48,
  'sizeof(struct cmsghdr)': 16,
  'offsetof(struct cmsghdr, cmsg_level)': 8,
  'offsetof(struct cmsghdr, cmsg_type)': 12,
  'CMSG_LEN(5)': 21,
  'CMSG_SPACE(5)': controlSpace(5),
  'CMSG_SPACE(8)': controlSpace(8),
  'sizeof(struct ucred)': 12,
  'sizeof(struct ip_mreq)': 8,
  'sizeof(struct ipv6_mreq)': 20,
  'sizeof(struct kcmp_epoll_slot)': 12,
  'offsetof(struct kcmp_epoll_slot, tfd)': 4,
  'offsetof(struct kcmp_epoll_slot, toff)': 8,
  'sizeof(sigset_t)': 128,
  'sizeof(socklen_t)': 4,
};

test('struct sizes and offsets are those of the C compiler', (t) => {
  const reason = missingCompiler();
  if (reason !== undefined) return t.skip(reason);
  const offsets = Object.entries(signalfdSiginfoOffsets).map(
    ([member, at]) => [`offsetof(struct signalfd_siginfo, ${member})`, at] as const,
  );
  const ours = { ...sizes, ...Object.fromEntries(offsets) };
  const theirs = numbersOfC(Object.keys(ours));
  assert.deepEqual(theirs, ours);
  assert.notDeepEqual(theirs, { ...ours, 'sizeof(struct epoll_event)': 20 }, 'a wrong size is found');
});

test('struct epoll_event is packed on x64 only', () => {
  assert.deepEqual(epollEventLayout('x64'), { words: 3, events: 0, dataLow: 1, dataHigh: 2 });
  for (const cpu of ['arm64', 'riscv64', 'loong64']) {
    assert.deepEqual(epollEventLayout(cpu), { words: 4, events: 0, dataLow: 2, dataHigh: 3 });
  }
});

test('addresses are encoded as C programs write them', (t) => {
  const reason = missingCompiler();
  if (reason !== undefined) return t.skip(reason);
  const in4 = bytesOfC(
    'struct sockaddr_in',
    'v.sin_family = AF_INET; v.sin_port = htons(0x1234); inet_pton(AF_INET, "192.0.2.7", &v.sin_addr);',
  );
  const address4 = { family: sys.AF_INET, address: '192.0.2.7', port: 0x1234 } as const;
  assert.deepEqual(sys.encodeSockaddr(address4), in4);

  const in6 = bytesOfC(
    'struct sockaddr_in6',
    'v.sin6_family = AF_INET6; v.sin6_port = htons(80); v.sin6_flowinfo = htonl(0x01020304); ' +
      'v.sin6_scope_id = 7; inet_pton(AF_INET6, "2001:db8::1:0:0:abcd", &v.sin6_addr);',
  );
  const address6 = {
    family: sys.AF_INET6,
    address: '2001:db8::1:0:0:abcd',
    port: 80,
    flowinfo: 0x01020304,
    scopeId: 7,
  } as const;
  assert.deepEqual(sys.encodeSockaddr(address6), in6);

  const un = bytesOfC('struct sockaddr_un', 'v.sun_family = AF_UNIX; strcpy(v.sun_path, "/run/x");');
  assert.equal(un.byteLength, 2 + unixPathSize);
  const path = sys.encodeSockaddr({ family: sys.AF_UNIX, path: '/run/x' });
  assert.deepEqual(path, un.slice(0, path.byteLength));
});

test('records that the kernel fills are decoded as C programs read them', (t) => {
  const reason = missingCompiler();
  if (reason !== undefined) return t.skip(reason);
  const info = bytesOfC(
    'struct signalfd_siginfo',
    'memset(&v, 0xee, sizeof v); v.ssi_signo = 40; v.ssi_code = -6; v.ssi_pid = 3000000001u; ' +
      'v.ssi_uid = 4000000002u; v.ssi_fd = -5; v.ssi_band = 0x80000001u; v.ssi_status = -7; v.ssi_int = -8;',
  );
  const decoded = {
    signo: 40,
    code: -6,
    pid: 3_000_000_001,
    uid: 4_000_000_002,
    int: -8,
    status: -7,
    fd: -5,
    band: 0x8000_0001,
  };
  assert.deepEqual(sys.decodeSignalfdSiginfo(info), decoded);
  const shifted = new Uint8Array(200);
  shifted.set(info, 65);
  assert.deepEqual(sys.decodeSignalfdSiginfo(shifted, 65), decoded);

  const record = bytesOfC(
    'struct { struct inotify_event e; char name[16]; }',
    'v.e.wd = -2; v.e.mask = 0x80000100u; v.e.cookie = 0xdeadbeefu; v.e.len = 16; strcpy(v.name, "file");',
  );
  assert.deepEqual(sys.decodeInotifyEvents(record), [
    { wd: -2, mask: 0x8000_0100, cookie: 0xdead_beef, name: Uint8Array.from(Buffer.from('file')) },
  ]);
});

test('settings are written as C programs write them', (t) => {
  const reason = missingCompiler();
  if (reason !== undefined) return t.skip(reason);
  const timer = bytesOfC(
    'struct itimerspec',
    'v.it_value.tv_sec = 5000000000; v.it_value.tv_nsec = 999999999; v.it_interval.tv_sec = 1; ' +
      'v.it_interval.tv_nsec = 2;',
  );
  const spec = { valueNs: 5_000_000_000_999_999_999n, intervalNs: 1_000_000_002n };
  const encoded = new Uint8Array(itimerspecSize);
  encodeItimerspec(new DataView(encoded.buffer), spec);
  assert.deepEqual(encoded, timer);
  assert.deepEqual(decodeItimerspec(new DataView(timer.buffer, timer.byteOffset)), spec);

  // linux/eventpoll.h has the struct since Linux 6.9 only: this one is written after ioctl_eventpoll(2).
  const params = bytesOfC(
    'struct { unsigned usecs; unsigned short budget; unsigned char prefer, pad; }',
    'v.usecs = 0x01020304; v.budget = 0x0506; v.prefer = 1;',
  );
  const wanted = { busyPollUsecs: 0x01020304, busyPollBudget: 0x0506, preferBusyPoll: true };
  assert.equal(params.byteLength, epollParamsSize);
  assert.deepEqual(encodeEpollParams(wanted), params);
  assert.deepEqual(decodeEpollParams(params), wanted);

  const set = bytesOfC('sigset_t', 'sigaddset(&v, 1); sigaddset(&v, SIGTERM); sigaddset(&v, 34); sigaddset(&v, 64);');
  assert.deepEqual(sigsetBytesOf(new sys.SignalSet(['SIGHUP', 'SIGTERM', 34, 64]), 'set'), set);
});

function numbersOfC(expressions: readonly string[]): Record<string, number> {
  const prints = expressions.map((expression) => `printf("%zu\\n", (size_t)${expression});\n`).join('');
  const lines = linesOfC(`#define _GNU_SOURCE\n${headers}int main(void) { ${prints} return 0; }`) ?? [];
  return Object.fromEntries(expressions.map((expression, index) => [expression, Number(lines[index])]));
}

/** The memory of a variable `v` of a C type after some statements. */
function bytesOfC(type: string, statements: string): Uint8Array {
  const print = 'for (size_t i = 0; i < sizeof v; i++) printf("%02x", ((unsigned char *)&v)[i]);';
  const lines = linesOfC(
    `#define _GNU_SOURCE\n${headers}int main(void) { static ${type} v; ${statements} ${print} return 0; }`,
  );
  assert.ok(lines?.[0] !== undefined, `the C program of ${type} does not compile`);
  return Uint8Array.from(Buffer.from(lines[0], 'hex'));
}
