/** How a direction of a Web Stream is over: at its end, with an error, or because its reader does not want more. */
export type Ending = 'finished' | 'failed' | 'cancelled';
