/** A JSON Schema, as far as `schemaFaults` knows it. */
export interface Schema {
  readonly [keyword: string]: unknown;
}

// What says nothing about values.
const annotations: ReadonlySet<string> = new Set(['$schema', '$defs', 'title', 'description']);

/**
 * Where a value breaks a JSON Schema (2020-12), each fault with its place; empty when it is valid. Knows the keywords
 * that the schemas of this project use, and throws for any other.
 */
export function schemaFaults(value: unknown, schema: Schema, root: Schema = schema, at = '$'): string[] {
  return Object.entries(schema).flatMap(([keyword, rule]) => {
    if (annotations.has(keyword)) return [];
    const check = checks[keyword];
    if (check === undefined) throw new Error(`Keyword '${keyword}' is not known here`);
    return check({ value, rule, schema, root, at });
  });
}

interface Check {
  readonly value: unknown;
  readonly rule: unknown;
  readonly schema: Schema;
  readonly root: Schema;
  readonly at: string;
}

const checks: Readonly<Record<string, (check: Check) => string[]>> = {
  $ref: ({ value, rule, root, at }) => {
    const target = String(rule)
      .replace(/^#\//, '')
      .split('/')
      .reduce<unknown>((node, key) => (node as Schema)[key], root);
    if (target === undefined) throw new Error(`There is no ${String(rule)}`);
    return schemaFaults(value, target as Schema, root, at);
  },
  type: ({ value, rule, at }) => {
    const types = Array.isArray(rule) ? (rule as string[]) : [String(rule)];
    return types.some((type) => isOf(type, value))
      ? []
      : [`${at} must be ${types.join(' or ')}, not ${JSON.stringify(value)}`];
  },
  const: ({ value, rule, at }) =>
    value === rule ? [] : [`${at} must be ${JSON.stringify(rule)}, not ${JSON.stringify(value)}`],
  enum: ({ value, rule, at }) =>
    (rule as unknown[]).includes(value)
      ? []
      : [`${at} must be one of ${JSON.stringify(rule)}, not ${JSON.stringify(value)}`],
  minimum: ({ value, rule, at }) =>
    typeof value !== 'number' || value >= Number(rule) ? [] : [`${at} is below ${String(rule)}`],
  maximum: ({ value, rule, at }) =>
    typeof value !== 'number' || value <= Number(rule) ? [] : [`${at} is above ${String(rule)}`],
  pattern: ({ value, rule, at }) =>
    typeof value !== 'string' || new RegExp(String(rule), 'u').test(value)
      ? []
      : [`${at} does not match ${String(rule)}: ${value}`],
  items: ({ value, rule, root, at }) =>
    Array.isArray(value)
      ? value.flatMap((item, index) => schemaFaults(item, rule as Schema, root, `${at}[${index}]`))
      : [],
  required: ({ value, rule, at }) =>
    isObject(value)
      ? (rule as string[]).filter((name) => !Object.hasOwn(value, name)).map((name) => `${at}.${name} is missing`)
      : [],
  properties: ({ value, rule, root, at }) =>
    isObject(value)
      ? Object.entries(rule as Record<string, Schema>).flatMap(([name, schema]) =>
          Object.hasOwn(value, name) ? schemaFaults(value[name], schema, root, `${at}.${name}`) : [],
        )
      : [],
  additionalProperties: ({ value, rule, schema, at }) => {
    if (rule !== false || !isObject(value)) return [];
    const known = Object.keys(schema['properties'] ?? {});
    return Object.keys(value)
      .filter((name) => !known.includes(name))
      .map((name) => `${at}.${name} is not in the schema`);
  },
  anyOf: (check) => alternatives(check, (valid) => valid > 0),
  oneOf: (check) => alternatives(check, (valid) => valid === 1),
};

function alternatives({ value, rule, root, at }: Check, suffices: (valid: number) => boolean): string[] {
  const faults = (rule as Schema[]).map((schema) => schemaFaults(value, schema, root, at));
  if (suffices(faults.filter((each) => each.length === 0).length)) return [];
  const nearest = faults.toSorted((a, b) => a.length - b.length)[0] ?? [];
  return [`${at} is none of the ${faults.length} alternatives: ${nearest.join('; ') || 'it is several'}`];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isOf(type: string, value: unknown): boolean {
  switch (type) {
    case 'null':
      return value === null;
    case 'array':
      return Array.isArray(value);
    case 'object':
      return isObject(value);
    case 'integer':
      return Number.isInteger(value);
    default:
      return typeof value === type;
  }
}
