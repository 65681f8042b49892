import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Why there is nothing to compare with, or undefined where `cc` works and the headers are there. */
export function missingCompiler(): string | undefined {
  const { error, status } = spawnSync('cc', ['--version'], { stdio: 'ignore' });
  if (error !== undefined || status !== 0) return 'no C compiler: cc is not in PATH';
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
    if (spawnSync('cc', ['-w', '-o', program, file], { stdio: 'ignore' }).status !== 0) return undefined;
    return execFileSync(program, { encoding: 'utf8' })
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
