import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { pathIn } from '../../support/closing.ts';
import { differences } from './differences.ts';
import { accepted, connected, happens, type Kind, type Transport } from './meeting.ts';
import type { Scenario } from './scenario.ts';
import { contexts } from './scenarios/contexts.ts';
import { destroying } from './scenarios/destroying.ts';
import { ending } from './scenarios/ending.ts';
import { reading } from './scenarios/reading.ts';
import { timing } from './scenarios/timing.ts';
import { unread } from './scenarios/unread.ts';
import { values } from './scenarios/values.ts';
import { writing } from './scenarios/writing.ts';

// What is compared with itself, in search of scenarios whose record is not certain:
// `EPOLL_CONTROL=net npm test -- differential`.
const compared: Kind = process.env['EPOLL_CONTROL'] === 'net' ? 'net' : 'ours';
const hangsMs = 20_000;
const all = [...reading, ...unread, ...writing, ...ending, ...destroying, ...timing, ...values, ...contexts];

for (const scenario of all) {
  for (const transport of scenario.only === undefined ? (['tcp', 'unix'] as const) : [scenario.only]) {
    const name = `${scenario.name}, ${transport}`;
    test(`${name}: as net.Socket`, async (t) => {
      const control = await record(t, 'net', transport, scenario);
      const ours = await record(t, compared, transport, scenario);
      assert.ok(!control.includes('hangs'), `the scenario is wrong: ${control.join(', ')}`);
      if (differences[name] === undefined || compared === 'net') assert.deepEqual(ours, control);
      else assert.notDeepEqual(ours, control, 'it is as in Node: the difference is to be taken off the list');
    });
  }
}

test('there are at least 80 scenarios, each with a name of its own, and each difference is one of theirs', () => {
  assert.ok(all.length >= 80, `${all.length} scenarios`);
  const names = all.flatMap(({ name }) => [`${name}, tcp`, `${name}, unix`]);
  assert.equal(new Set(names).size, names.length);
  for (const name of Object.keys(differences)) assert.ok(names.includes(name), name);
});

async function record(t: TestContext, kind: Kind, transport: Transport, scenario: Scenario): Promise<string[]> {
  const make = scenario.end === 'connected' ? connected : accepted;
  const { socket, peer } = await make(kind, transport, pathIn(t, 'socket'), scenario.options ?? {});
  const [closed, finished] = [happens(socket, 'close'), happens(socket, 'finish')];
  const lines: string[] = [];
  const log = (entry: unknown): void => void lines.push(typeof entry === 'string' ? entry : JSON.stringify(entry));
  for (const event of ['end', 'finish']) socket.on(event, () => log(event));
  socket.on('error', (error: NodeJS.ErrnoException) => log(`error ${error.code ?? error.message}`));
  socket.on('close', (hadError) => log(`close ${hadError}`));
  const end = new AbortController();
  const hang = delay(hangsMs, undefined, { signal: end.signal }).then(
    () => log('hangs'),
    () => {},
  );
  try {
    await Promise.race([scenario.run({ socket, peer, log, closed, finished }), hang]);
  } catch (error) {
    log(`threw ${(error as NodeJS.ErrnoException).code ?? String(error)}`);
  }
  end.abort();
  const copy = [...lines];
  socket.on('error', () => {}).destroy();
  peer.destroy();
  return copy;
}
