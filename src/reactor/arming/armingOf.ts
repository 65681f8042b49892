import { EPOLLET, EPOLLEXCLUSIVE, EPOLLONESHOT, EPOLLPRI } from '../../sys/index.ts';
import type { RegistrationRow } from '../registrationRow.ts';
import type { Arming } from './arming.ts';
import { Exclusive } from './exclusive.ts';
import { Forgetful } from './forgetful.ts';
import { forgottenWhenAsked } from './forgottenWhenAsked.ts';
import { Handled } from './handled.ts';
import { OnDemand } from './onDemand.ts';
import { OnEdges } from './onEdges.ts';

/**
 * How a registration with this mask is armed.
 *
 * @param before how it is armed until now; undefined when it is made
 * @throws {SystemError} EMFILE, ENFILE, ENOMEM
 */
export function armingOf(row: RegistrationRow, before: Arming | undefined): Arming {
  const { mask } = row;
  // It stays what it is: only the registration forgets, the file goes on to do so.
  if (before instanceof Forgetful) return before;
  const forgotten = (mask & EPOLLPRI) === 0 ? 0 : forgottenWhenAsked(row.fd);
  if (forgotten !== 0) return new Forgetful(row, { forgotten, before });
  if ((mask & EPOLLEXCLUSIVE) !== 0) return new Exclusive(row);
  if (row.handler !== undefined) return new Handled(row);
  return (mask & EPOLLET) !== 0 && (mask & EPOLLONESHOT) === 0 ? new OnEdges(row) : new OnDemand(row);
}
