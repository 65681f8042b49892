// sys/timerfd.h and linux/time.h

/** Close the descriptor on exec. */
export const TFD_CLOEXEC = 0o2000000;
/** Reads answer EAGAIN where they would wait. */
export const TFD_NONBLOCK = 0o4000;
/** The value is a time of the clock, not a duration from now. */
export const TFD_TIMER_ABSTIME = 1;
/** With TFD_TIMER_ABSTIME on a realtime clock: a read answers ECANCELED when the clock jumps. */
export const TFD_TIMER_CANCEL_ON_SET = 2;

/** Wall-clock time. */
export const CLOCK_REALTIME = 0;
/** Time since some start, without the time asleep; never set. */
export const CLOCK_MONOTONIC = 1;
/** CLOCK_MONOTONIC plus the time the system was suspended. */
export const CLOCK_BOOTTIME = 7;
/** CLOCK_REALTIME that wakes a suspended system (needs CAP_WAKE_ALARM). */
export const CLOCK_REALTIME_ALARM = 8;
/** CLOCK_BOOTTIME that wakes a suspended system (needs CAP_WAKE_ALARM). */
export const CLOCK_BOOTTIME_ALARM = 9;
