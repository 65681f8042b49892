/** A parameter as the compiled source names it: one that is taken apart has the names of its members. */
export interface Parameter {
  readonly name: string;
  readonly members: readonly string[];
}

/** The parameters of a function, a method or a class's constructor, read from its source text. */
export function parametersOf(callable: Function): Parameter[] {
  const text = Function.prototype.toString.call(callable);
  const start = text.startsWith('class') ? text.search(/\bconstructor\(/) : 0;
  if (start < 0) return inherited(callable);
  // A rest parameter gets what is called beyond the others.
  return split(enclosed(text, text.indexOf('(', start)))
    .filter((part) => !part.startsWith('...'))
    .map(parameter);
}

// A class without a constructor has that of its parent.
function inherited(callable: Function): Parameter[] {
  const parent: unknown = Object.getPrototypeOf(callable);
  return typeof parent === 'function' && parent !== Function.prototype ? parametersOf(parent) : [];
}

/** What stands between the bracket at `open` and its partner. */
function enclosed(text: string, open: number): string {
  let depth = 0;
  for (let at = open; at < text.length; at++) {
    if ('([{'.includes(text.charAt(at))) depth++;
    if (')]}'.includes(text.charAt(at)) && --depth === 0) return text.slice(open + 1, at);
  }
  return '';
}

/** Parts between the commas that stand in no bracket. */
function split(text: string): string[] {
  const parts = [''];
  let depth = 0;
  for (const letter of text) {
    if ('([{'.includes(letter)) depth++;
    if (')]}'.includes(letter)) depth--;
    if (letter === ',' && depth === 0) parts.push('');
    else parts[parts.length - 1] += letter;
  }
  return parts.map((part) => part.trim()).filter((part) => part !== '');
}

function parameter(text: string): Parameter {
  if (!text.startsWith('{')) return { name: /^[\w$]+/.exec(text)?.[0] ?? '', members: [] };
  const members = split(enclosed(text, 0)).map((member) => /^\w+/.exec(member)?.[0] ?? '');
  return { name: 'options', members };
}
