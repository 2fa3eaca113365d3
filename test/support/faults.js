// The program with faults built in: allocations that fail, and a clock that is moved. See test/fault/inject.c.

import { closeSync, existsSync, openSync, readSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Server } from './bugd.js';
import { BUGD } from './env.js';
import { scratchFolder } from './process.js';

const FAULTY = join(dirname(BUGD), 'bugd-faults');

/** Why there is no such program, or undefined. */
export const noFaults = existsSync(FAULTY) ? undefined : `${FAULTY} is not there: sanitizers have an allocator of their own`;

// Where each number is in the file.
const PLACE = { allocations: 0, failFrom: 8, failCount: 16, failed: 24, clock: 32 };

let made = 0;

export class Faults {
  constructor() {
    this.path = join(scratchFolder(), `faults-${made++}`);
    this.file = openSync(this.path, 'w+');
    writeSync(this.file, Buffer.alloc(4096));
  }

  #get(name) {
    const bytes = Buffer.alloc(8);
    readSync(this.file, bytes, 0, 8, PLACE[name]);
    return Number(bytes.readBigInt64LE());
  }

  #set(name, value) {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64LE(BigInt(value));
    writeSync(this.file, bytes, 0, 8, PLACE[name]);
  }

  /** A server that these faults are for. */
  start(env, options) {
    return Server.start({ ...env, FAULTS: this.path }, { ...options, program: FAULTY });
  }

  /** Allocations so far, of all servers that were started. */
  get allocations() {
    return this.#get('allocations');
  }

  /** How many of them failed. */
  get failed() {
    return this.#get('failed');
  }

  /** The n-th allocation from now on fails, and `count - 1` behind it. */
  failAt(n, count = 1) {
    this.#set('failFrom', 0);
    this.#set('failCount', count);
    this.#set('failFrom', this.allocations + n);
  }

  failNone() {
    this.#set('failFrom', 0);
  }

  /** The clock of the day is so many seconds ahead of the real one, from now on. */
  moveClock(seconds) {
    this.#set('clock', seconds);
  }

  close() {
    closeSync(this.file);
  }
}
