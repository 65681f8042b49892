import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The project's own root, wherever the compiled tests lie. */
export const projectRoot: string = dirname(fileURLToPath(import.meta.resolve('epoll-ts/package.json')));

/** A small project of its own, in a temporary folder, for checks to find fault with. */
export interface SeededTree extends Disposable {
  readonly root: string;
}

/** The smallest tree that passes every house check. */
export const soundFiles: Readonly<Record<string, string>> = {
  'package.json': '{ "name": "epoll-ts", "type": "module", "dependencies": { "koffi": "3.3.4" } }\n',
  'src/index.ts': "export { Epoll } from './fd/epoll.ts';\n",
  'src/fd/epoll.ts': `import { epoll_create1 } from '../sys/index.ts';

/**
 * Owns an epoll instance.
 *
 * @example
 * \`\`\`ts
 * import assert from 'node:assert/strict';
 * assert.ok(true);
 * \`\`\`
 */
export class Epoll {
  readonly fd: number = epoll_create1(0);
}
`,
  'src/sys/index.ts': "export { epoll_create1 } from './epoll.ts';\n",
  'src/sys/epoll.ts': `import { bind } from './ffi/koffi.ts';

/** \`int epoll_create1(int flags)\` — makes an epoll instance. */
export function epoll_create1(flags: number): number {
  return bind(flags);
}
`,
  'src/sys/ffi/koffi.ts': `import koffi from 'koffi';

export function bind(value: number): number {
  return koffi.address(value);
}
`,
};

/** Writes the files, and what is needed to compile in the tree if `withTools` asks for it. */
export function seededTree(files: Readonly<Record<string, string>>, options: { withTools?: boolean } = {}): SeededTree {
  const root = mkdtempSync(join(tmpdir(), 'epoll-ts-house-'));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  if (options.withTools) {
    symlinkSync(join(projectRoot, 'node_modules'), join(root, 'node_modules'));
    cpSync(join(projectRoot, 'tsconfig.base.json'), join(root, 'tsconfig.base.json'));
  }
  return { root, [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }) };
}

/** Runs one of the project's scripts to its end, as npm would, without a terminal. */
export function runScript(
  script: string,
  args: readonly string[],
  nodeOptions: readonly string[] = [],
): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [...nodeOptions, join(projectRoot, 'scripts', script), ...args],
    {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 120_000,
    },
  );
  return { status, output: stdout + stderr };
}
