import { nearest } from './nearest.ts';
import { UsageError } from './usageError.ts';

/** An option as `parseArgs` of node:util gives it. */
export interface OptionToken {
  readonly name: string;
  readonly rawName: string;
  readonly value: string | undefined;
}

/** The options of a command: which take a value, and for those a valid use. */
export interface OptionTable {
  readonly definitions: Readonly<Record<string, { readonly type: 'boolean' | 'string' }>>;
  readonly examples: Readonly<Record<string, string>>;
}

/**
 * The value of an option; '' for one that takes none.
 *
 * @throws {UsageError} for an unknown option, a value that is missing, and one that is too much
 */
export function optionValue({ name, rawName, value }: OptionToken, { definitions, examples }: OptionTable): string {
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
