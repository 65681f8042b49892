import { KCMP_FILE, kcmp } from '../sys/index.ts';

/** A descriptor of a process. */
export interface FileRef {
  readonly pid: number;
  readonly fd: number;
}

/**
 * Whether kcmp(2) may compare this descriptor: it is open, the process may be looked into, and no sandbox forbids the
 * call.
 */
export function isComparable({ pid, fd }: FileRef): boolean {
  return kcmp(pid, pid, KCMP_FILE, fd, fd) === 0;
}

/**
 * Descriptors in groups that share one open file description. kcmp(2) gives an order, so n descriptors take n log n
 * calls, not n².
 *
 * The processes go on meanwhile: a descriptor that was closed is left out, and misleads the search for no other.
 */
export class FileGroups<T extends FileRef> {
  // In kcmp's order; the first of each is compared.
  readonly #groups: T[][] = [];

  get all(): readonly (readonly T[])[] {
    return this.#groups;
  }

  add(ref: T): void {
    const found = this.#find(ref);
    if (found === undefined) return;
    if (found.equal) this.#groups[found.at]?.push(ref);
    else this.#groups.splice(found.at, 0, [ref]);
  }

  /** Adds it where one of its group is there already. */
  join(ref: T): void {
    const found = this.#find(ref);
    if (found?.equal === true) this.#groups[found.at]?.push(ref);
  }

  #find(ref: T): { readonly at: number; readonly equal: boolean } | undefined {
    if (!isComparable(ref)) return undefined;
    let low = 0;
    let high = this.#groups.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const group = this.#groups[middle] ?? [];
      const [first = ref] = group;
      const answer = kcmp(first.pid, ref.pid, KCMP_FILE, first.fd, ref.fd);
      if (answer === 0) return { at: middle, equal: true };
      if (answer === 1) low = middle + 1;
      else if (answer > 1) high = middle;
      else if (!isComparable(ref)) return undefined;
      else {
        // It is the other one that was closed: the next of its group stands for it.
        group.shift();
        if (group.length > 0) continue;
        this.#groups.splice(middle, 1);
        high--;
      }
    }
    return { at: low, equal: false };
  }
}
