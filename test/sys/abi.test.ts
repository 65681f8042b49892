import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { architectures } from '#epoll/sys/abi/syscallNumbers.js';
import * as sys from 'epoll-ts/sys';
import { includes, linesOfC, missingCompiler } from '../support/ccompiler.ts';

type Table = ReadonlyMap<string, number>;

const libcHeaders = [
  'sys/epoll.h',
  'sys/eventfd.h',
  'sys/timerfd.h',
  'sys/signalfd.h',
  'sys/pidfd.h',
  'sys/inotify.h',
  'fcntl.h',
  'unistd.h',
  'sys/ioctl.h',
  'poll.h',
  'sys/socket.h',
  'netinet/in.h',
  'netinet/tcp.h',
  'errno.h',
  'signal.h',
  'time.h',
  'limits.h',
  'sys/uio.h',
] as const;
// In a program of their own: both these and the C library's declare struct epoll_event.
const kernelHeaders = [
  'linux/eventpoll.h',
  'linux/pidfd.h',
  'linux/kcmp.h',
  'linux/inotify.h',
  'asm/ioctls.h',
] as const;

// Headers older than the ioctls (Linux 6.9) have the macro that makes their numbers all the same.
const epollParams = `#include <linux/types.h>
#include <linux/ioctl.h>
#ifndef EPIOCSPARAMS
struct epoll_params_of_the_man_page { __u32 busy_poll_usecs; __u16 busy_poll_budget; __u8 prefer_busy_poll, pad; };
#define EPIOCSPARAMS _IOW(0x8A, 0x01, struct epoll_params_of_the_man_page)
#define EPIOCGPARAMS _IOR(0x8A, 0x02, struct epoll_params_of_the_man_page)
#endif
`;

/** Numbers that differ between versions of the headers, not between machines: what else the headers may say. */
const olderHeaders: ReadonlyMap<string, number> = new Map([['SOMAXCONN', 128]]); // musl, glibc before 2.31

test('every constant has the number of the C headers', async (t) => {
  const reason = missingCompiler();
  if (reason !== undefined) return t.skip(reason);
  const ours = await constants();
  const theirs = constantsOfC([...ours.keys()]);
  assert.deepEqual(differences(ours, theirs), []);

  const absent = [...ours.keys()].filter((name) => !theirs.has(name));
  const compared = ours.size - absent.length;
  t.diagnostic(`${compared} of ${ours.size} constants compared; not in these headers: ${absent.join(', ') || 'none'}`);
  assert.ok(compared > 0.95 * ours.size, `only ${compared} of ${ours.size} constants could be compared`);

  const falsified = new Map(ours).set('EPOLLRDHUP', 0x4000);
  assert.deepEqual(
    differences(falsified, theirs),
    ['EPOLLRDHUP is 16384 here and 8192 in C'],
    'a wrong constant is found',
  );
});

test('every event flag of the kernel header is there', (t) => {
  const header = '/usr/include/linux/eventpoll.h';
  if (!existsSync(header)) return t.skip(`there is no ${header}`);
  const macros = readFileSync(header, 'utf8').matchAll(/^#define\s+(EPOLL(?:[A-Z]+|_URING_WAKE))\s/gm);
  const names = Array.from(macros, ([, name = '']) => name);
  assert.ok(names.length > 10, names.join(', '));
  assert.deepEqual(
    names.filter((name) => !Object.hasOwn(sys, name)),
    [],
  );
});

test('every constant is exported by its C name', async () => {
  const exported = new Map<string, unknown>(Object.entries(sys));
  for (const [name, value] of await constants()) assert.equal(exported.get(name), value, name);
});

test('system call numbers are those of the C headers, for this CPU and for the generic table', (t) => {
  const reason = missingCompiler();
  if (reason !== undefined) return t.skip(reason);
  const here = architectures.get(process.arch);
  assert.ok(here !== undefined, process.arch);
  const names = Object.keys(here);
  const native = numbersOfC('#include <sys/syscall.h>', names, (name) => `SYS_${name}`);
  assert.deepEqual(differences(new Map(Object.entries(here)), native), []);
  assert.equal(native.size, names.length);

  const generic = numbersOfC('#include <asm-generic/unistd.h>', names, (name) => `__NR_${name}`);
  for (const cpu of ['arm64', 'riscv64', 'loong64']) {
    assert.deepEqual(differences(new Map(Object.entries(architectures.get(cpu) ?? {})), generic), [], cpu);
  }
  assert.deepEqual(differences(new Map([['kcmp', 271]]), generic), ['kcmp is 271 here and 272 in C']);
});

/** The constants of src/sys/abi: exports whose names are in capitals. */
async function constants(): Promise<Map<string, number>> {
  const all = new Map<string, number>([['IOV_MAX', sys.IOV_MAX]]);
  for (const file of readdirSync(new URL('../../../dist/sys/abi', import.meta.url))) {
    if (!file.endsWith('.js')) continue;
    const module: Record<string, unknown> = await import(`#epoll/sys/abi/${file}`);
    for (const [name, value] of Object.entries(module)) {
      if (/^[A-Z][A-Z0-9_]+$/.test(name) && typeof value === 'number') all.set(name, value);
    }
  }
  return all;
}

function constantsOfC(names: readonly string[]): Table {
  const libc = numbersOfC(includes(libcHeaders), names);
  const kernel = numbersOfC(includes(kernelHeaders) + epollParams, names);
  // An enumerator that is no macro can't be asked for with #ifdef: a program each, which does not compile without it.
  const both = includes([...libcHeaders, 'linux/kcmp.h']);
  const enumerators = names
    .filter((name) => !libc.has(name) && !kernel.has(name))
    .flatMap((name) => (linesOfC(program(both, print(name, name))) ?? []).map(parse));
  return new Map([...kernel, ...libc, ...enumerators]);
}

function numbersOfC(headers: string, names: readonly string[], macroOf = (name: string): string => name): Table {
  const body = names.map((name) => `#ifdef ${macroOf(name)}\n${print(name, macroOf(name))}#endif\n`).join('');
  const lines = linesOfC(program(headers, body));
  assert.ok(lines !== undefined, 'the C program does not compile');
  return new Map(lines.map(parse));
}

function print(name: string, expression: string): string {
  return `printf("${name} %u\\n", (unsigned)(${expression}));\n`;
}

function program(headers: string, body: string): string {
  return `#define _GNU_SOURCE\n#include <stdio.h>\n${headers}\nint main(void) {\n${body}return 0;\n}\n`;
}

function parse(line: string): [string, number] {
  const [name = '', number = ''] = line.split(' ');
  return [name, Number(number)];
}

function differences(ours: Table, theirs: Table): string[] {
  return [...ours].flatMap(([name, value]) => {
    const other = theirs.get(name);
    const same = other === undefined || other === value || other === olderHeaders.get(name);
    return same ? [] : [`${name} is ${value} here and ${other} in C`];
  });
}
