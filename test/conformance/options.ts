import { existsSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';

/** What the command line asks for. */
export interface Options {
  readonly file: string;
  /** Only entries of these areas; empty: all. */
  readonly areas: readonly string[];
  /** Only these entries; empty: all. */
  readonly ids: readonly string[];
  /** Not these entries, which are counted as skipped. */
  readonly except: readonly string[];
  /** Whether the body of each scenario runs in a worker thread instead of the main thread. */
  readonly inWorker: boolean;
  readonly help: boolean;
}

/** Thrown for a command line that can't be understood. */
export class UsageError extends Error {
  static {
    this.prototype.name = 'UsageError';
  }
}

export const usage = `Usage: npm run conformance -- [--file FILE] [--area A,B] [--id X] [--except X] [--in-worker]

Runs the strict entries of a catalogue of scenarios through epoll-ts/sys, each in a process of its own. For the prose
entries it names the hand-written test (npm test -- conformance/prose runs those), or the reason why there is none.

  --file FILE    the catalogue (default: the project's test/conformance/scenarios.json)
  --area A,B     only the entries of these areas
  --id X,Y       only these entries
  --except X,Y   not these entries: they are skipped
  --in-worker    run each scenario's own steps in a worker thread
  --help         print this text

Exit code: 0 when at least one entry passed and none failed, 1 when one failed or none was selected, 2 for wrong usage.
`;

/** Reads the command line. @throws {UsageError} for an unknown option or an empty value. */
export function parseOptions(args: readonly string[], env: NodeJS.ProcessEnv): Options {
  const { values } = parse(args);
  return {
    // npm runs scripts in the package's root and tells in INIT_CWD where the user stood.
    file: values.file === undefined ? defaultCatalogue() : path.resolve(env['INIT_CWD'] ?? process.cwd(), values.file),
    areas: list('--area', values.area),
    ids: list('--id', values.id),
    except: list('--except', values.except),
    inWorker: values['in-worker'] ?? false,
    help: values.help ?? false,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        file: { type: 'string' },
        area: { type: 'string', multiple: true },
        id: { type: 'string', multiple: true },
        except: { type: 'string', multiple: true },
        'in-worker': { type: 'boolean' },
        help: { type: 'boolean' },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function list(option: string, values: readonly string[] = []): string[] {
  const items = values.flatMap((value) => value.split(',').map((item) => item.trim()));
  if (items.includes(''))
    throw new UsageError(
      `Cannot use '${option}' as it must be a list of names: current value is '${values.join(',')}'`,
    );
  return items;
}

/** The project's own catalogue. */
export function defaultCatalogue(): string {
  return path.join(packageRoot(), 'test', 'conformance', 'scenarios.json');
}

/** The folder of package.json above this file: compiled code lies deeper than its source. */
export function packageRoot(): string {
  let folder = import.meta.dirname;
  while (!existsSync(path.join(folder, 'package.json'))) {
    const parent = path.dirname(folder);
    if (parent === folder) throw new Error(`Cannot find package.json above ${import.meta.dirname}`);
    folder = parent;
  }
  return folder;
}
