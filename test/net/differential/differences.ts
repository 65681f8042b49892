const notSent = 'its bytes were not sent, and Node says that they were';
const taken = 'what the kernel has taken is what the peer can get; Node counts what waits, too';

/** Where our record is not that of `net.Socket`, and why that is right. By the name of the test. */
export const differences: Readonly<Record<string, string>> = {
  'destroy() with a write under way, tcp': notSent,
  'destroy() with a write under way, unix': notSent,
  'destroy() with a write under way and others behind it, tcp': notSent,
  'destroy() with a write under way and others behind it, unix': notSent,
  'destroy() with a reason, a write under way and others behind it, tcp': notSent,
  'destroy() with a reason, a write under way and others behind it, unix': notSent,
  'the peer resets while a write is under way, tcp': notSent,
  'bytesWritten while a write is under way, tcp': taken,
  'bytesWritten while a write is under way, unix': taken,
  'remoteAddress after destroy(), when nobody has asked before, tcp': 'it is known, and a log wants it',
};
