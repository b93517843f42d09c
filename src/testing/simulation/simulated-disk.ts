/**
 * A disk in memory behind the functions of node:fs/promises that journal, snapshots and lock use. Every operation takes a
 * while of simulated time. What was written is kept over the death of a process; over a power cut only what was synced is
 * certain: of later writes any first part may stay, cut at any byte, and of names that were made or removed any.
 */
import type { SimulatedProcess, SimulatedTime } from './simulated-time.js';

export interface DiskFaults {
  /** True: syncs are told as done and are not, as a broken disk or journal would. */
  ignoresSync: boolean;
  /** The next sync fails with EIO. */
  failsNextSync: boolean;
  /** The next write fails with ENOSPC after some bytes. */
  isFull: boolean;
}

interface Write {
  readonly position: number;
  readonly bytes: Uint8Array;
  /** Cut to a length instead. */
  readonly truncate?: number;
}

class Inode {
  bytes: Buffer = Buffer.alloc(0);
  synced: Buffer = Buffer.alloc(0);
  unsynced: Write[] = [];
  modifiedMs = 0;
  constructor(readonly number: number) {}

  write(write: Write): void {
    this.bytes = applied(this.bytes, write);
    this.unsynced.push(write);
  }

  sync(): void {
    this.synced = this.bytes;
    this.unsynced = [];
  }
}

function applied(bytes: Buffer, { position, bytes: written, truncate }: Write): Buffer {
  if (truncate !== undefined) return Buffer.from(bytes.subarray(0, truncate));
  const next = Buffer.alloc(Math.max(bytes.length, position + written.length));
  next.set(bytes);
  next.set(written, position);
  return next;
}

class DiskError extends Error {
  constructor(
    readonly code: string,
    path: string,
  ) {
    super(`${code}: ${path}`);
  }
}

const DIRECTORY = 'directory';
type Entry = Inode | typeof DIRECTORY;

export class SimulatedDisk {
  readonly faults: DiskFaults = { ignoresSync: false, failsNextSync: false, isFull: false };
  readonly #names = new Map<string, Entry>([['/', DIRECTORY]]);
  #durableNames = new Map<string, Entry>([['/', DIRECTORY]]);
  #inodes = 0;
  #boots = 1;

  constructor(
    private readonly time: SimulatedTime,
    private readonly random: (below: number) => number,
    /** Tells starts of processes apart, as /proc does. */
    private readonly startOf: (process: SimulatedProcess | null) => number,
  ) {}

  /** Loses what was not synced, as far as chance has it. */
  cutPower(): void {
    this.#boots += 1;
    for (const path of new Set([...this.#names.keys(), ...this.#durableNames.keys()])) {
      const before = this.#durableNames.get(path);
      const after = this.#names.get(path);
      if (before === after) continue;
      const kept = this.random(2) === 0 ? before : after;
      if (kept === undefined) this.#names.delete(path);
      else this.#names.set(path, kept);
    }
    this.#durableNames = new Map(this.#names);
    for (const entry of this.#names.values()) {
      if (entry === DIRECTORY || entry.unsynced.length === 0) continue;
      let bytes = entry.synced;
      const whole = this.random(entry.unsynced.length + 1);
      for (const write of entry.unsynced.slice(0, whole)) bytes = applied(bytes, write);
      const torn = entry.unsynced[whole];
      if (torn !== undefined && torn.truncate === undefined) {
        bytes = applied(bytes, { ...torn, bytes: torn.bytes.subarray(0, this.random(torn.bytes.length + 1)) });
      }
      entry.bytes = bytes;
      entry.sync();
    }
  }

  /** Functions in the place of those of node:fs/promises. */
  functions() {
    const later = <T>(what: string, work: () => T): Promise<T> => this.#later(what, work);
    return {
      mkdir: (path: string) => later(`mkdir ${path}`, () => this.#mkdir(path)),
      open: (path: string, flags: string) => later(`open ${path}`, () => this.#open(path, flags)),
      readdir: (path: string) => later(`readdir ${path}`, () => this.#list(path)),
      rename: (from: string, to: string) =>
        later(`rename ${to}`, () => {
          this.#names.set(to, this.#entry(from));
          this.#names.delete(from);
        }),
      link: (from: string, to: string) =>
        later(`link ${to}`, () => {
          if (this.#names.has(to)) throw new DiskError('EEXIST', to);
          this.#names.set(to, this.#entry(from));
        }),
      rm: (path: string, { force = false } = {}) =>
        later(`rm ${path}`, () => {
          if (!this.#names.delete(path) && !force) throw new DiskError('ENOENT', path);
        }),
      readFile: (path: string, encoding?: string) =>
        later(`read ${path.replace(/^\/proc\/\d+/, '/proc/pid')}`, () => {
          const bytes = this.#special(path) ?? Buffer.from(this.#file(path).bytes);
          return encoding === undefined ? bytes : bytes.toString('utf8');
        }),
      readlink: (path: string) => later(`readlink ${path}`, () => 'pid:[1]'),
      stat: (path: string) => later(`stat ${path}`, () => statOf(this.#file(path))),
    };
  }

  #later<T>(what: string, work: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      this.time.after(0.05 + this.random(2_000) / 1_000, what, () => {
        try {
          resolve(work());
        } catch (error) {
          reject(error as Error);
        }
      });
    });
  }

  /** What /proc tells of the machine and of the process that asks. */
  #special(path: string): Buffer | null {
    if (path === '/proc/sys/kernel/random/boot_id') return Buffer.from(`boot ${this.#boots}`);
    if (!/^\/proc\/\d+\/stat$/.test(path)) return null;
    return Buffer.from(`1 (node) S ${'0 '.repeat(18)}${this.startOf(this.time.process)} 0`);
  }

  #entry(path: string): Entry {
    const entry = this.#names.get(path);
    if (entry === undefined) throw new DiskError('ENOENT', path);
    return entry;
  }

  #file(path: string): Inode {
    const entry = this.#entry(path);
    if (entry === DIRECTORY) throw new DiskError('EISDIR', path);
    return entry;
  }

  #mkdir(path: string): string | undefined {
    let first: string | undefined;
    const steps = path.split('/').filter((step) => step !== '');
    for (let count = 1; count <= steps.length; count += 1) {
      const folder = `/${steps.slice(0, count).join('/')}`;
      if (this.#names.has(folder)) continue;
      this.#names.set(folder, DIRECTORY);
      first ??= folder;
    }
    return first;
  }

  #list(path: string): string[] {
    return this.#below(this.#names, path).map((name) => name.slice(path.length + 1));
  }

  #below(names: ReadonlyMap<string, Entry>, path: string): string[] {
    const prefix = path === '/' ? '/' : `${path}/`;
    return [...names.keys()].filter(
      (name) => name.startsWith(prefix) && name !== '/' && !name.slice(prefix.length).includes('/'),
    );
  }

  #open(path: string, flags: string) {
    if (flags === 'w') {
      this.#inodes += 1;
      const existing = this.#names.get(path);
      if (existing === undefined || existing === DIRECTORY) this.#names.set(path, new Inode(this.#inodes));
      else existing.write({ position: 0, bytes: new Uint8Array(0), truncate: 0 });
    }
    const entry = this.#entry(path);
    return entry === DIRECTORY ? this.#directoryHandle(path) : this.#fileHandle(path, entry);
  }

  #directoryHandle(path: string) {
    const sync = () => {
      if (this.faults.ignoresSync) return;
      for (const name of new Set([...this.#below(this.#names, path), ...this.#below(this.#durableNames, path)])) {
        const entry = this.#names.get(name);
        if (entry === undefined) this.#durableNames.delete(name);
        else this.#durableNames.set(name, entry);
      }
    };
    return {
      sync: () => this.#later(`sync ${path}`, sync),
      close: () => this.#later(`close ${path}`, () => undefined),
    };
  }

  #fileHandle(path: string, inode: Inode) {
    let end = 0;
    const write = (bytes: Uint8Array, position: number): number => {
      inode.modifiedMs = this.time.wallMs;
      if (this.faults.isFull) {
        inode.write({ position, bytes: bytes.slice(0, this.random(bytes.length + 1)) });
        throw new DiskError('ENOSPC', path);
      }
      inode.write({ position, bytes: bytes.slice() });
      return bytes.length;
    };
    const sync = () => {
      if (this.faults.failsNextSync) {
        this.faults.failsNextSync = false;
        throw new DiskError('EIO', path);
      }
      if (!this.faults.ignoresSync) inode.sync();
    };
    return {
      read: (into: Buffer, offset: number, length: number, position: number) =>
        this.#later(`read ${path}`, () => ({
          bytesRead: inode.bytes.copy(into, offset, position, Math.min(position + length, inode.bytes.length)),
        })),
      write: (from: Uint8Array, offset: number, length: number, position: number) =>
        this.#later(`write ${path}`, () => ({ bytesWritten: write(from.subarray(offset, offset + length), position) })),
      writeFile: (content: Uint8Array | string) =>
        this.#later(`write ${path}`, () => {
          end += write(typeof content === 'string' ? Buffer.from(content) : content, end);
        }),
      truncate: (length: number) =>
        this.#later(`truncate ${path}`, () => inode.write({ position: 0, bytes: new Uint8Array(0), truncate: length })),
      datasync: () => this.#later(`sync ${path}`, sync),
      sync: () => this.#later(`sync ${path}`, sync),
      stat: () => this.#later(`stat ${path}`, () => statOf(inode)),
      utimes: () =>
        this.#later(`utimes ${path}`, () => {
          inode.modifiedMs = this.time.wallMs;
        }),
      close: () => this.#later(`close ${path}`, () => undefined),
    };
  }
}

function statOf(inode: Inode) {
  return { size: inode.bytes.length, ino: inode.number, mtimeMs: inode.modifiedMs, ctimeMs: inode.modifiedMs };
}
