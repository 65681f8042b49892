import { missingProgram } from '../../inspect/program.ts';
import { testMisbehavior } from './misbehavior.ts';

testMisbehavior('python', missingProgram('python3', '--version'));
