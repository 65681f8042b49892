// @ts-check
import { readProjectFile } from '../source/files.mjs';
import { blank } from '../source/segments.mjs';
import { importsOf } from '../source/imports.mjs';
import { violationAt } from './violation.mjs';

// Tests of other people replace the timers and the clock of the global object. A wait or a stream that used those would
// hang.
const timers = 'setTimeout|setInterval|setImmediate|clearTimeout|clearInterval|clearImmediate';
const timerCall = new RegExp(`(?<![.\\w#'"])(?<name>${timers})\\b(?!\\s*[?:])`, 'g');
// A method of a class with such a name is declared so.
const timerMethod = new RegExp(`^ +(?:(?:static|override|async) )*(?:${timers})\\(.*\\{$`);
const clock = /(?<![.\w#])(?:performance\.now|performance\.timeOrigin|Date\.now|process\.hrtime)\b/g;
const queue = /(?<![.\w#])queueMicrotask\b/g;
// What runs when a module is loaded stands in the first column, and what it captures is that of whoever imported first.
const captured =
  /^(?:export )?(?:const|let) .*=\s*(?:new Async(?:Resource|LocalStorage)\b|Async(?:Resource|LocalStorage)\.(?:bind|snapshot)\b|(?:globalThis|performance|process\.(?:hrtime|nextTick|emitWarning))\b)/gm;

/** The one place that asks a clock. */
const clockFile = 'src/sys/monotonicMs.ts';

/**
 * Nothing in src takes a timer, a clock or a context from what surrounds it.
 *
 * @type {import('./violation.mjs').Check}
 */
export function checkAmbient(root, files) {
  return files
    .filter((file) => file.startsWith('src/') && file.endsWith('.ts') && file !== clockFile)
    .flatMap((file) => {
      const text = readProjectFile(root, file);
      const code = blank(text).replace(/^import [^;]*;/gm, (statement) => statement.replace(/[^\n]/g, ' '));
      const imported = importedTimers(text);
      const found = [
        ...[...code.matchAll(timerCall)]
          .filter(
            ({ groups, index }) => !imported.has(groups?.['name'] ?? '') && !timerMethod.test(lineAt(code, index)),
          )
          .map(({ 0: name, index }) => ({ index, message: `Uses the global ${name}: import it from 'node:timers'` })),
        ...[...code.matchAll(clock)].map(({ 0: name, index }) => ({
          index,
          message: `Asks ${name}: only ${clockFile} asks a clock`,
        })),
        ...[...code.matchAll(queue)].map(({ index }) => ({
          index,
          message: 'Uses the global queueMicrotask: await, or process.nextTick at the time of the call',
        })),
        ...[...code.matchAll(captured)].map(({ index }) => ({
          index,
          message: 'Captures a context or a global when the module is loaded: take it where it is needed',
        })),
      ];
      return found.map(({ index, message }) => violationAt(file, text, index, message));
    });
}

/** The names that a file imports from Node's timers. @param {string} text @returns {ReadonlySet<string>} */
function importedTimers(text) {
  const names = new Set();
  for (const { specifier, index } of importsOf(text)) {
    if (!/^node:timers(?:\/promises)?$/.test(specifier)) continue;
    const statement = text.slice(text.lastIndexOf('import', index), index);
    for (const [, name, as] of statement.matchAll(/(\w+)(?: as (\w+))?(?=\s*[,}])/g)) names.add(as ?? name);
  }
  return names;
}

/** @param {string} text @param {number} index */
function lineAt(text, index) {
  const end = text.indexOf('\n', index);
  return text.slice(text.lastIndexOf('\n', index) + 1, end < 0 ? undefined : end);
}
