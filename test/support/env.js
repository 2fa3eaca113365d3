// What the tests are told from outside, and what all of them share.
//
//   BUGD               the binary (default build/bugd); may be a sanitizer build
//   TEST_DATABASE_URL  a superuser of a PostgreSQL that may be thrown away
//   TEST_SLOW          factor for every time limit (default 1, 5 for a sanitizer build)

import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
export const BUGD = resolve(ROOT, process.env.BUGD ?? 'build/bugd');
export const SLOW = Number(process.env.TEST_SLOW ?? (/asan|tsan|valgrind/.test(BUGD) ? 5 : 1));

/** The signing key that every server of the tests uses. */
export const SECRET_KEY = 'a key of the tests, long enough for HS256';

/** The password of everybody in the cast. */
export const PASSWORD = 'correct horse battery';

/** Milliseconds, stretched for slow builds. */
export const ms = (n) => n * SLOW;

export function testDatabaseUrl() {
  const url = process.env.TEST_DATABASE_URL;
  if (!url) throw new Error('TEST_DATABASE_URL is not set; `make test` sets it, see test/api/README.md');
  return url;
}

export function requireBinary() {
  if (!existsSync(BUGD)) throw new Error(`${BUGD} is not there; build it with make, or set BUGD`);
}

/** The environment of every bugd that a test starts; nothing of the caller's settings leaks in. */
export function baseEnv() {
  const keep = ['PATH', 'HOME', 'LANG', 'ASAN_OPTIONS', 'UBSAN_OPTIONS', 'LSAN_OPTIONS', 'LD_LIBRARY_PATH', 'LLVM_PROFILE_FILE'];
  const env = {};
  for (const name of keep) if (process.env[name] !== undefined) env[name] = process.env[name];
  return {
    ...env,
    SECRET_KEY,
    LOG_FORMAT: 'json',
    LOG_LEVEL: 'info',
    RATE_LIMIT: 'off',
    PASSWORD_MEMORY_KIB: '64',
    PASSWORD_ITERATIONS: '1',
    PASSWORD_PARALLELISM: '1',
  };
}

export const sleep = (n) => new Promise((wake) => setTimeout(wake, n));

/**
 * Calls `probe` until it answers something true, and returns that. Errors count as not yet. Fails with what
 * was awaited, and the last error, when the time (stretched) is over.
 */
export async function eventually(what, probe, { within = 10_000, every = 20 } = {}) {
  const end = Date.now() + ms(within);
  let last;
  for (;;) {
    try {
      const value = await probe();
      if (value) return value;
      last = undefined;
    } catch (error) {
      last = error;
    }
    if (Date.now() > end) {
      throw new Error(`waited ${ms(within)} ms in vain: ${what}`, { cause: last });
    }
    await sleep(every);
  }
}

/** Fails with what was awaited when the promise takes too long. */
export async function within(what, time, promise) {
  let timer;
  const limit = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not within ${ms(time)} ms: ${what}`)), ms(time));
  });
  try {
    return await Promise.race([promise, limit]);
  } finally {
    clearTimeout(timer);
  }
}
