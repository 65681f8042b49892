import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import * as sys from 'epoll-ts/sys';
import { callCases } from '../../../support/callCases.ts';
import { packageRoot } from '../../packageRoot.ts';
import { netCases } from './netCases.ts';

/** Calls that no program can have fail, each with the reason. */
const exempt: ReadonlyMap<string, string> = new Map([
  [
    'sharedList.ts close',
    'it closes the list that could not be made, and what is left of one that was garbage-collected; ' +
      'its answer is not looked at',
  ],
  ['sharedList.ts fstatSync', 'it tells a closed number where kcmp(2) is forbidden; what fails is one that was closed'],
  [
    'poolMember.ts close',
    'it closes what a terminated worker left, or made nothing of, between closes of Node itself; ' +
      'its answer is not looked at',
  ],
]);

/** Calls that have a case and are not made any more, or are made and have none: `'listener.ts accept4'`. */
export function uncoveredCalls(): string[] {
  const covered = new Set([
    ...netCases.map(({ made }) => made).filter((made) => !made.startsWith('../')),
    ...exempt.keys(),
  ]);
  const called = new Set(calledByNet());
  const gone = [...covered].filter((call) => !called.has(call)).map((call) => `${call} (not called any more)`);
  return [...[...called].filter((call) => !covered.has(call)), ...gone];
}

/** Which functions that reach the kernel each file of src/net imports, from sys and from node:fs. */
function calledByNet(): string[] {
  const folder = path.join(packageRoot(), 'src', 'net');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  return files.flatMap((file) =>
    importedNames(readFileSync(path.join(folder, file), 'utf8')).map((name) => `${path.basename(file)} ${name}`),
  );
}

function importedNames(source: string): string[] {
  const found = source.matchAll(/^import (?:\{([^}]*)\}|([^{;]*)) from '((?:\.\.\/)+sys\/[^']*|node:fs)';$/gm);
  return [...found].flatMap(([, names, whole, from = '']) =>
    names === undefined
      ? [`${whole} from '${from}'`] // with all of its names
      : names
          .split(',')
          .map((name) => name.trim())
          .filter((name) => reachesKernel(name, from)),
  );
}

function reachesKernel(name: string, from: string): boolean {
  if (from === 'node:fs') return name.endsWith('Sync');
  if (name in sys) return [...callCases].some(([key, { reaches }]) => reaches > 0 && key.split(':')[0] === name);
  // Not exported to users, as `epollCtlHalves`; the checks of arguments and options, and the layouts, make no calls.
  return (
    !/\/(?:argument\.ts|option[^/]*\.ts|emptyContext\.ts|abi\/)/.test(from) &&
    /^[a-z]/.test(name) &&
    !name.startsWith('type ')
  );
}
