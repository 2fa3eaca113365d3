// A strict reader of metrics: Prometheus' text format 0.0.4, and OpenMetrics 1.0.0.

import assert from 'node:assert/strict';

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const SUFFIXES = { counter: ['_total'], gauge: [''], histogram: ['_bucket', '_sum', '_count'] };

/** Families by name: { type, help, samples: [{ name, labels, value }] }. Throws at whatever the format forbids. */
export function parseMetrics(text, { openMetrics = false } = {}) {
  const families = new Map();
  const seen = new Set();
  const lines = text.split('\n');
  let current;
  assert.equal(lines.pop(), '', 'the text ends with a line feed');
  if (openMetrics) assert.equal(lines.pop(), '# EOF');
  for (const line of lines) {
    const meta = line.match(/^# (HELP|TYPE) (\S+) (.+)$/);
    if (meta) {
      const [, kind, name, rest] = meta;
      assert.match(name, NAME);
      if (kind === 'HELP') {
        assert.ok(!families.has(name), `${name} is there twice`);
        current = { name, help: rest, samples: [] };
        families.set(name, current);
      } else {
        assert.equal(name, current.name, 'TYPE follows HELP of the same family');
        assert.ok(SUFFIXES[rest], `type ${rest}`);
        current.type = rest;
      }
      continue;
    }
    const sample = parseSample(line);
    const suffixes = current.type === 'counter' && !openMetrics ? [''] : SUFFIXES[current.type];
    assert.ok(suffixes.some((suffix) => sample.name === current.name + suffix), `${sample.name} in the family ${current.name}`);
    if (current.type === 'counter' && !openMetrics) assert.match(current.name, /_total$/);
    const id = `${sample.name}${JSON.stringify(sample.labels)}`;
    assert.ok(!seen.has(id), `twice: ${line}`);
    seen.add(id);
    current.samples.push(sample);
  }
  for (const family of families.values()) if (family.type === 'histogram') checkHistogram(family);
  return families;
}

function parseSample(line) {
  const match = line.match(/^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/);
  assert.ok(match, `not a sample: ${line}`);
  const [, name, text = '', number] = match;
  const labels = {};
  let rest = text;
  while (rest) {
    const label = rest.match(/^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"(?:,|$)/);
    assert.ok(label, `not labels: ${text}`);
    labels[label[1]] = label[2];
    rest = rest.slice(label[0].length);
  }
  assert.match(number, /^-?\d+(\.\d+)?(e[+-]?\d+)?$/);
  return { name, labels, value: Number(number) };
}

/** Buckets rise, the last is +Inf and is the count. */
function checkHistogram(family) {
  const groups = new Map();
  for (const { name, labels: { le, ...labels }, value } of family.samples) {
    const id = JSON.stringify(labels);
    if (!groups.has(id)) groups.set(id, { buckets: [] });
    const group = groups.get(id);
    if (name.endsWith('_bucket')) group.buckets.push([le === '+Inf' ? Infinity : Number(le), value]);
    else group[name.slice(family.name.length + 1)] = value;
  }
  for (const [id, { buckets, sum, count }] of groups) {
    assert.ok(buckets.length > 1 && Number.isFinite(sum), `${family.name}${id}`);
    for (let i = 1; i < buckets.length; i++) assert.ok(buckets[i][0] > buckets[i - 1][0] && buckets[i][1] >= buckets[i - 1][1], `${family.name}${id}`);
    assert.deepEqual(buckets.at(-1), [Infinity, count], `${family.name}${id}`);
  }
}

/** The value of one sample; 0 when there is none. */
export function valueOf(families, family, labels = {}) {
  const wanted = Object.entries(labels);
  return (families.get(family)?.samples ?? [])
    .filter((s) => wanted.every(([name, value]) => s.labels[name] === value))
    .reduce((sum, s) => sum + s.value, 0);
}
