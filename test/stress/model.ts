// Linux against the model of it, for long: `npm run stress:model -- --runs 200000 [--seed N]`.
import { Coverage } from '../property/model/coverage.ts';
import { kernelProperty } from '../property/model/kernelProperty.ts';
import { runProperty } from './runProperty.ts';

const coverage = new Coverage();
process.exitCode = await runProperty({ unit: 'sequences', property: kernelProperty(coverage), coverage });
