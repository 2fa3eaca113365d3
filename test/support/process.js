// Child processes: run to the end, or kept running; none survives the test's own process.

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ms } from './env.js';

const children = new Set();
const cleanUps = new Set();
let scratch;

process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL');
  for (const cleanUp of cleanUps) cleanUp();
  if (scratch) rmSync(scratch, { recursive: true, force: true });
});
for (const [signal, number] of [['SIGINT', 2], ['SIGTERM', 15], ['SIGHUP', 1]]) process.on(signal, () => process.exit(128 + number));

/** Has a synchronous function called when this process ends early; the answer is what forgets it again. */
export function atExit(cleanUp) {
  cleanUps.add(cleanUp);
  return () => cleanUps.delete(cleanUp);
}

/** A folder of this process, removed at its end. */
export function scratchFolder() {
  scratch ??= mkdtempSync(join(tmpdir(), 'bugd-test-'));
  return scratch;
}

/** Spawns in the scratch folder, so that no .env file of the tree is read. Stdout and stderr are piped. */
export function start(command, args, { env = process.env, cwd = scratchFolder(), stdin = 'ignore' } = {}) {
  const child = spawn(command, args, { env, cwd, stdio: [stdin, 'pipe', 'pipe'] });
  children.add(child);
  child.once('exit', () => children.delete(child));
  child.once('error', () => children.delete(child));
  return child;
}

/**
 * Runs a command to its end: { code, signal, stdout, stderr }. A command that takes longer than `timeout`
 * is killed, and that is an error, which holds what it printed.
 */
export function run(command, args, { input = '', timeout = 30_000, ...options } = {}) {
  return new Promise((resolve, reject) => {
    const child = start(command, args, { ...options, stdin: 'pipe' });
    const out = [];
    const err = [];
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`${command} ${args.join(' ')}: not done within ${ms(timeout)} ms\n${Buffer.concat([...out, ...err])}`));
    }, ms(timeout));
    child.stdout.on('data', (chunk) => out.push(chunk));
    child.stderr.on('data', (chunk) => err.push(chunk));
    child.stdin.on('error', () => {}); // it may end without reading
    child.once('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ code, signal, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() });
    });
    child.stdin.end(input);
  });
}
