/** One mount of a mount namespace, as `/proc/self/mountinfo` has it. Bytes of names that are not UTF-8 are U+FFFD. */
export interface Mount {
  /** Its number, unique among the mounts that are there; it can be given to another one later. */
  readonly id: number;
  /** The mount that it is on. */
  readonly parentId: number;
  /** The device that its files have (`st_dev`): `'8:1'`. */
  readonly device: string;
  /** Which folder of the file system is mounted: `'/'`, another one for a bind mount. */
  readonly root: string;
  /** Where it is mounted, seen from the root of this process. */
  readonly mountPoint: string;
  /** Its own options: `'rw,nosuid'`. */
  readonly options: string;
  /** How it passes mounts on: `'shared:1'`, `'master:2'`; '' for a private one. */
  readonly propagation: string;
  /** The kind of file system: `'ext4'`, `'fuse.sshfs'`. */
  readonly type: string;
  /** What the file system is on: `'/dev/sda1'`, `'tmpfs'`. */
  readonly source: string;
  /** The options of the file system itself: `'rw,size=1024k'`. */
  readonly superOptions: string;
}

/** Reads the text of a `/proc/PID/mountinfo`. */
export function parseMountInfo(text: Buffer): Mount[] {
  return text.toString('latin1').split('\n').flatMap(parseLine);
}

function parseLine(line: string): Mount[] {
  // Any number of optional fields stand before a hyphen of its own.
  const [own = '', fileSystem] = line.split(' - ', 2);
  if (fileSystem === undefined) return [];
  const [id = '', parentId = '', device = '', root = '', mountPoint = '', options = '', ...propagation] =
    own.split(' ');
  const [type = '', source = '', superOptions = ''] = fileSystem.split(' ');
  return [
    {
      id: Number(id),
      parentId: Number(parentId),
      device,
      root: unescaped(root),
      mountPoint: unescaped(mountPoint),
      options: unescaped(options),
      propagation: propagation.join(' '),
      type: unescaped(type),
      source: unescaped(source),
      superOptions: unescaped(superOptions),
    },
  ];
}

// The kernel writes space, tab, line feed, backslash and '#' as three octal digits (mangle in fs/proc_namespace.c).
function unescaped(field: string): string {
  const bytes = field.replaceAll(/\\([0-7]{3})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
  return Buffer.from(bytes, 'latin1').toString();
}

/** What happened to the mounts of a namespace between two looks. */
export interface MountChanges {
  /** What was mounted. */
  readonly added: readonly Mount[];
  /** What was unmounted. */
  readonly removed: readonly Mount[];
  /** What was moved, or mounted again with other options. */
  readonly changed: readonly { readonly before: Mount; readonly after: Mount }[];
}

/** The difference of two lists; null where they are the same. */
export function mountChanges(before: readonly Mount[], after: readonly Mount[]): MountChanges | null {
  const known = new Map(before.map((mount) => [mount.id, mount]));
  const added: Mount[] = [];
  const removed: Mount[] = [];
  const changed: { before: Mount; after: Mount }[] = [];
  for (const mount of after) {
    const old = known.get(mount.id);
    known.delete(mount.id);
    if (old === undefined) added.push(mount);
    else if (isOther(old, mount)) {
      removed.push(old);
      added.push(mount);
    } else if (JSON.stringify(old) !== JSON.stringify(mount)) changed.push({ before: old, after: mount });
  }
  removed.push(...known.values());
  return added.length + removed.length + changed.length === 0 ? null : { added, removed, changed };
}

// The kernel gives the lowest free number: one that was unmounted and one that was mounted since the last look can
// share it.
function isOther(before: Mount, after: Mount): boolean {
  return before.device !== after.device || before.root !== after.root || before.type !== after.type;
}
