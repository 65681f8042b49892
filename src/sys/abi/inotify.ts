// sys/inotify.h

/** Close the descriptor on exec. */
export const IN_CLOEXEC = 0o2000000;
/** Reads answer EAGAIN where they would wait. */
export const IN_NONBLOCK = 0o4000;

/** File was accessed. */
export const IN_ACCESS = 0x00000001;
/** File was modified. */
export const IN_MODIFY = 0x00000002;
/** Metadata changed. */
export const IN_ATTRIB = 0x00000004;
/** File opened for writing was closed. */
export const IN_CLOSE_WRITE = 0x00000008;
/** File or directory not opened for writing was closed. */
export const IN_CLOSE_NOWRITE = 0x00000010;
/** File or directory was opened. */
export const IN_OPEN = 0x00000020;
/** The old name of a rename. */
export const IN_MOVED_FROM = 0x00000040;
/** The new name of a rename. */
export const IN_MOVED_TO = 0x00000080;
/** File or directory created in the watched directory. */
export const IN_CREATE = 0x00000100;
/** File or directory deleted from the watched directory. */
export const IN_DELETE = 0x00000200;
/** The watched file or directory itself was deleted. */
export const IN_DELETE_SELF = 0x00000400;
/** The watched file or directory itself was moved. */
export const IN_MOVE_SELF = 0x00000800;
/** IN_CLOSE_WRITE or IN_CLOSE_NOWRITE. */
export const IN_CLOSE = 0x00000018;
/** IN_MOVED_FROM or IN_MOVED_TO. */
export const IN_MOVE = 0x000000c0;
/** All events that programs can wait for. */
export const IN_ALL_EVENTS = 0x00000fff;

/** The file system was unmounted. */
export const IN_UNMOUNT = 0x00002000;
/** Events were lost: the queue was full (fs.inotify.max_queued_events). */
export const IN_Q_OVERFLOW = 0x00004000;
/** The watch is gone. */
export const IN_IGNORED = 0x00008000;

/** Only watch if it is a directory. */
export const IN_ONLYDIR = 0x01000000;
/** Don't follow a symbolic link. */
export const IN_DONT_FOLLOW = 0x02000000;
/** No events for children after they were unlinked. */
export const IN_EXCL_UNLINK = 0x04000000;
/** Fail with EEXIST rather than change an existing watch. */
export const IN_MASK_CREATE = 0x10000000;
/** Add to the mask of an existing watch. */
export const IN_MASK_ADD = 0x20000000;
/** The event concerns a directory. */
export const IN_ISDIR = 0x40000000;
/** One event, then the watch is gone. */
export const IN_ONESHOT = 0x80000000;
