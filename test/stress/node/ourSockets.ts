// Loaded before one of Node's own tests (`node --require`): puts our sockets, or the control's, in the place of Node's.
// Which side, and whether it is the control, is in the environment; at the end it tells whether any socket was put in.
import { appendFileSync } from 'node:fs';
import { replaceClients } from './replaceClients.ts';
import { replaceServers } from './replaceServers.ts';
import { environment } from './shimEnvironment.ts';

const { [environment.side]: side, [environment.control]: control, [environment.report]: report } = process.env;
let used = 0;
const replaced = (): void => void used++;
if (side === 'server') replaceServers(control === '1', replaced);
else replaceClients(control === '1', replaced);
process.on('exit', () => {
  if (report !== undefined && used > 0) appendFileSync(report, `${used}\n`);
});
