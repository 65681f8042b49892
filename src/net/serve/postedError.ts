import { describe } from '../../sys/argument.ts';

/** An error that crosses threads: a structured clone alone would lose its code. */
export interface PostedError {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  readonly code: string | undefined;
}

/**
 * What of an error can be posted: texts only. A handler can throw anything: an error whose `name` is a symbol, whose
 * `message` is a getter that throws, a revoked proxy. That costs its own connection, and not the worker.
 */
export function postedError(error: unknown): PostedError | undefined {
  if (error === undefined) return undefined;
  if (!isError(error)) return { name: 'Error', message: describe(error), stack: undefined, code: undefined };
  return {
    name: textOf(error, 'name') ?? 'Error',
    message: textOf(error, 'message') ?? '',
    stack: textOf(error, 'stack'),
    code: textOf(error, 'code'),
  };
}

/** The error again, on the other side. */
export function receivedError({ name, message, stack, code }: PostedError): Error {
  const error = new Error(message);
  error.name = name;
  if (stack !== undefined) error.stack = stack;
  return code === undefined ? error : Object.assign(error, { code });
}

function isError(value: unknown): value is Error {
  try {
    return value instanceof Error;
  } catch {
    return false; // a proxy whose handler throws
  }
}

function textOf(error: object, name: string): string | undefined {
  try {
    const value: unknown = Reflect.get(error, name);
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}
