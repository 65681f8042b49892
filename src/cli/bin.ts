#!/usr/bin/env node
import { main } from './main.ts';

// What is told to a terminal or a reader that is gone is lost; that is no reason to die with another status.
process.stderr.on('error', () => {});
process.exitCode = await main(process.argv.slice(2));
