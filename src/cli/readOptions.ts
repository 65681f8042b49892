import { parseArgs, type ParseArgsConfig } from 'node:util';
import { nearest } from '../sys/nearest.ts';
import { UsageError } from './usageError.ts';

interface OptionToken {
  readonly name: string;
  readonly rawName: string;
  readonly value: string | undefined;
}

/** The options of a command: which take a value, and for those a valid use. */
export interface OptionTable {
  readonly definitions: NonNullable<ParseArgsConfig['options']>;
  readonly examples: Readonly<Record<string, string>>;
}

/** A command line, read: the options with their values ('' for those that take none), and the rest in order. */
export interface GivenOptions {
  readonly given: ReadonlyMap<string, string>;
  readonly positionals: readonly string[];
}

/**
 * Reads a command line.
 *
 * @throws {UsageError} for an unknown option, a value that is missing, and one that is too much.
 */
export function readOptions(args: readonly string[], table: OptionTable): GivenOptions {
  // Not strict: its messages name no nearest form.
  const { tokens } = parseArgs({
    args: [...args],
    options: table.definitions,
    allowPositionals: true,
    strict: false,
    tokens: true,
  });
  const given = new Map<string, string>();
  const positionals: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') positionals.push(token.value);
    if (token.kind === 'option') given.set(token.name, optionValue(token, table));
  }
  return { given, positionals };
}

function optionValue({ name, rawName, value }: OptionToken, { definitions, examples }: OptionTable): string {
  if (!Object.hasOwn(definitions, name)) {
    const known = Object.keys(definitions).map((option) => `--${option}`);
    const meant = nearest(rawName, known);
    throw new UsageError(
      `Unknown option '${rawName}': ${meant === null ? `use ${known.join(', ')}` : `did you mean ${meant}?`}`,
    );
  }
  if (definitions[name]?.type === 'boolean') {
    if (value !== undefined)
      throw new UsageError(`Cannot use '${rawName}=${value}' as it takes no value: use ${rawName}`);
    return '';
  }
  if (value === undefined || value === '') {
    throw new UsageError(`Cannot use '${rawName}' as it must have a value: for example ${examples[name]}`);
  }
  return value;
}
