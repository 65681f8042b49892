import { testMisbehavior } from './misbehavior.ts';

testMisbehavior('node', false);
