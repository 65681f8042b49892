import { nearest } from '../../sys/nearest.ts';
import { parseDuration } from './duration.ts';
import { parsePsi, pressureResources, pressureShares } from './psiTrigger.ts';

/**
 * The valid time that is nearest to what was typed: `100ms` for `100 MS`; `example` where none is near. A number gets
 * the unit of the example.
 */
export function nearestTime(typed: string, example: string): string {
  const tidy = typed.toLowerCase().replaceAll(/\s/g, '');
  const [unit = 'ms'] = /[a-z]+$/.exec(example) ?? [];
  return [tidy, `${tidy}${unit}`, `0${tidy}`].find((time) => parseDuration(time) !== null) ?? example;
}

/** The valid trigger that is nearest to what was typed: `memory:some:100ms/2s` for `mem:some`. */
export function nearestPsi(typed: string): string {
  const [resource = '', share = '', times = ''] = typed.toLowerCase().split(':');
  const near = oneOf(pressureResources, resource);
  const beginning = `${near}:${near === 'irq' ? 'full' : oneOf(pressureShares, share)}`;
  const complete = `${beginning}:${times}`;
  return parsePsi(complete) === null ? `${beginning}:100ms/2s` : complete;
}

function oneOf(names: readonly [string, ...string[]], typed: string): string {
  const begun = typed === '' ? undefined : names.find((name) => name.startsWith(typed));
  return begun ?? nearest(typed, names) ?? names[0];
}
