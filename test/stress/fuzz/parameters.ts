import { enclosed, splitAtCommas } from './brackets.ts';
import type { Declarations, Declared } from './declarations.ts';

/** A parameter of a function, with its declared type where there is one. */
export interface Parameter extends Declared {
  /** What an object for it can have: the members that the source takes apart, or else those of the declared type. */
  readonly members: readonly Declared[];
}

/**
 * The parameters of a function, a method or a class's constructor, read from its source text.
 *
 * @param label its name in the declarations, which tell the types
 */
export function parametersOf(callable: Function, label: string, declarations: Declarations): Parameter[] {
  const text = Function.prototype.toString.call(callable);
  const start = text.startsWith('class') ? text.search(/\bconstructor\(/) : 0;
  if (start < 0) return inherited(callable, declarations);
  const declared = declarations.parametersOf(label);
  // A rest parameter gets what is called beyond the others.
  return splitAtCommas(enclosed(text, text.indexOf('(', start)))
    .filter((part) => !part.startsWith('...'))
    .map((part, at) => parameter(part, at, declared, declarations));
}

// A class without a constructor has that of its parent.
function inherited(callable: Function, declarations: Declarations): Parameter[] {
  const parent: unknown = Object.getPrototypeOf(callable);
  if (typeof parent !== 'function' || parent === Function.prototype) return [];
  return parametersOf(parent, `${parent.name}.constructor`, declarations);
}

function parameter(text: string, at: number, declared: readonly Declared[], { membersOf }: Declarations): Parameter {
  const name = text.startsWith('{') ? 'options' : (/^[\w$]+/.exec(text)?.[0] ?? '');
  // Of overloads, all that the parameter can be.
  const same = declared.filter((other) => other.name === name);
  const type = (same.length > 0 ? same : declared.slice(at, at + 1)).map((other) => other.type).join(' | ');
  const known = membersOf(type);
  const optional = text.includes('=');
  if (!text.startsWith('{')) return { name, type, optional, members: known };
  const names = splitAtCommas(enclosed(text, 0)).map((member) => /^\w+/.exec(member)?.[0] ?? '');
  const one = (member: string): Declared =>
    known.find((other) => other.name === member) ?? { name: member, type: '', optional: true };
  return { name, type, optional, members: names.map(one) };
}
