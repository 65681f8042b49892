import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

// For another CPU, as in scripts/test-arm64.mjs: its compiler, and what its programs are run through.
const compiler = process.env['CC'] ?? 'cc';
const runner = process.env['EPOLL_TS_CC_RUNNER']?.split(' ') ?? [];
const machines: Readonly<Record<string, string>> = { x64: 'x86_64', arm64: 'aarch64', riscv64: 'riscv64' };

/** Why there is nothing to compare with, or undefined where `cc` works for this CPU and the headers are there. */
export function missingCompiler(): string | undefined {
  const { error, status, stdout } = spawnSync(compiler, ['-dumpmachine'], { encoding: 'utf8' });
  if (error !== undefined || status !== 0) return `no C compiler: ${compiler} is not in PATH`;
  const machine = machines[process.arch] ?? process.arch;
  if (!stdout.startsWith(machine)) return `no C compiler for ${process.arch}: ${compiler} is for ${stdout.trim()}`;
  const program = '#include <stdio.h>\n#include <linux/kcmp.h>\nint main(void) { return 0; }';
  return linesOfC(program) === undefined ? 'no C headers: of the C library, or of the kernel' : undefined;
}

/** Compiles a C program and answers the lines that it prints; undefined when it does not compile. */
export function linesOfC(source: string): string[] | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'epoll-ts-cc-'));
  try {
    const file = join(folder, 'program.c');
    const program = join(folder, 'program');
    writeFileSync(file, source);
    if (spawnSync(compiler, ['-w', '-o', program, file], { stdio: 'ignore' }).status !== 0) return undefined;
    const [run = program, ...args] = runner.length === 0 ? [] : [...runner, program];
    return execFileSync(run, args, { encoding: 'utf8' })
      .split('\n')
      .filter((line) => line !== '');
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The `#include` of each header that is there. */
export function includes(headers: readonly string[]): string {
  return headers.map((header) => `#if __has_include(<${header}>)\n#include <${header}>\n#endif\n`).join('');
}
