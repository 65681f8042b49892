// The reactor under random programs, for long: `npm run stress:reactor -- --runs 100000 [--seed N]`.
import { OtherThread } from '../property/reactor/otherThread.ts';
import { ReactorCoverage } from '../property/reactor/reactorCoverage.ts';
import { reactorProperty } from '../property/reactor/reactorProperty.ts';
import { runProperty } from './runProperty.ts';

const coverage = new ReactorCoverage();
const thread = new OtherThread();
process.exitCode = await runProperty({ unit: 'programs', property: reactorProperty(thread, coverage), coverage });
await thread.end();
