// The outside client of the stress runs, a process of its own, on node:net: it must not share a bug with what it tests.
// Arguments: what to do, and its options as JSON. Prints a line of JSON for each round, and ends by itself.
import { churn, type ChurnOptions } from './clientChurn.ts';
import { knock, type KnockOptions } from './clientKnock.ts';
import { talk, type TalkOptions } from './clientTalk.ts';

const [kind, options = '{}'] = process.argv.slice(2);
const given: unknown = JSON.parse(options);
const print = (report: object): void => console.log(JSON.stringify(report));

if (kind === 'churn') await churn(given as ChurnOptions, print);
else if (kind === 'knock') print(await knock(given as KnockOptions));
else if (kind === 'talk') print(await talk(given as TalkOptions));
else throw new Error(`Cannot run '${kind}' as the kinds are churn, knock, talk`);
