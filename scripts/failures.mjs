// @ts-check
// A reporter of Node's test runner that writes nothing but the tests that failed, each with its file and its error:
// several runs in a row each bury what the one before printed, and of a long log only the end may be kept.
import { relative, resolve } from 'node:path';
import { inspect } from 'node:util';

const kept = 4_000;

/** @param {AsyncIterable<import('node:test/reporters').TestEvent>} events */
// eslint-disable-next-line import/no-default-export -- the form that the runner takes
export default async function* failures(events) {
  /** @type {Map<string, string>} */
  const written = new Map();
  for await (const { type, data } of events) {
    if (type === 'test:stderr') {
      // Node 22 names the file here as it was given, and elsewhere by its whole path.
      const file = resolve(data.file);
      written.set(file, ((written.get(file) ?? '') + data.message).slice(-kept));
    }
    if (type !== 'test:fail') continue;
    const { error } = data.details;
    const failureType = 'failureType' in error ? error.failureType : undefined;
    // The file of a failed test fails too, for no reason of its own.
    if (failureType === 'subtestsFailed') continue;
    const where = data.file === undefined ? '' : ` (${relative('', data.file)}:${data.line})`;
    yield `${data.name}${where}\n${indented(inspect(error.cause instanceof Error ? error.cause : error))}\n`;
    // A process that died says more than its runner knows of it.
    const output = written.get(resolve(data.file ?? ''));
    if (output !== undefined) yield `  its file wrote to stderr:\n${indented(output.trimEnd())}\n`;
  }
}

/** @param {string} text */
function indented(text) {
  return text.replaceAll(/^/gm, '    ');
}
