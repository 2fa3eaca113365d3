// docs/examples.tsv: the recorded exchanges that the document shows.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../support/env.js';

const FILE = join(ROOT, 'docs/examples.tsv');
const HEAD = '# Real exchanges, recorded by test/contract/record.js: operation, status, name, request, reply.\n';

const text = (value) => (value === undefined ? '' : JSON.stringify(value));
const value = (json) => (json ? JSON.parse(json) : undefined);

export function readExamples() {
  const lines = readFileSync(FILE, 'utf8').split('\n').filter((line) => line && !line.startsWith('#'));
  return lines.map((line) => {
    const [operation, status, name, request, reply] = line.split('\t');
    return { operation, status: Number(status), name, request: value(request), reply: value(reply) };
  });
}

export function writeExamples(records) {
  const lines = records.map((r) => `${[r.operation, r.status, r.name, text(r.request), text(r.reply)].join('\t')}\n`);
  writeFileSync(FILE, HEAD + lines.join(''));
}

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
const TIME = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z/g;

const SECONDS = new Set(['average', 'p50', 'p90', 'p99', 'fastest', 'slowest']);

/** The records with all that differs from run to run (ids, times, tokens) replaced by what it is. */
export function comparable(records) {
  return JSON.parse(JSON.stringify(records), (key, v) => {
    if (typeof v === 'number' && SECONDS.has(key)) return '(seconds)';
    if (typeof v !== 'string') return v;
    if (/token|cursor|prefix/.test(key) && v.length > 20) return '(opaque)';
    if (key === 'request_id') return '(request id)';
    return v.replace(UUID, '(id)').replace(TIME, '(time)');
  });
}
