import type { createRequire } from 'node:module';

type Require = ReturnType<typeof createRequire>;

const external = 'a bundler must leave it out (mark koffi as external), and node_modules be there at run time';

/** Why koffi could not be loaded, and what to do: the rest of "Cannot use epoll as …". */
export function koffiRefusal(cause: unknown, require: Require): string {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  const reason = cause instanceof Error ? cause.message.split('\n')[0] : String(cause);
  switch (code) {
    case 'ERR_DLOPEN_DISABLED':
      return `this Node may not load native addons, and koffi has one: ${addonAdvice()}`;
    case 'ERR_ACCESS_DENIED':
      return `Node's permission model refuses to read the package koffi: name its folder with --allow-fs-read`;
    case 'ERR_DLOPEN_FAILED':
      return `the native module of koffi cannot be loaded (${reason}): install it anew, on this machine`;
    default:
      return missing(require) ?? `the package koffi does not work here (${reason})`;
  }
}

function addonAdvice(): string {
  const { permission }: { permission?: unknown } = process;
  return permission === undefined
    ? 'start it without --no-addons'
    : 'the permission model allows them with --allow-addons';
}

// koffi finds its native module in an optional package of its own; it says nothing of why it did not.
function missing(require: Require): string | null {
  const koffi = pathOf('koffi', require);
  if (koffi === null) return `the package koffi is not found: install it; ${external}`;
  const native = `@koromix/koffi-${process.platform}-${process.arch}`;
  // As koffi itself finds it: npm may have put it below koffi.
  if (pathOf(native, require, koffi) !== null) return null;
  return (
    `${native}, the optional package with koffi's native module, is not found: ` +
    `install without --omit=optional (or --no-optional), on a machine of this kind; ${external}`
  );
}

function pathOf(name: string, require: Require, from?: string): string | null {
  try {
    return require.resolve(name, from === undefined ? {} : { paths: [from] });
  } catch {
    return null;
  }
}
