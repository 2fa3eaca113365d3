// Values made of JSON Schemas: some that fit, some that do not. The same seed gives the same values.

/** Random numbers of a seed (mulberry32). */
export class Random {
  constructor(seed) {
    this.state = seed >>> 0;
  }
  next() {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let t = this.state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }
  below(n) {
    return Math.floor(this.next() * n);
  }
  chance(p) {
    return this.next() < p;
  }
  pick(list) {
    return list[this.below(list.length)];
  }
}

const LETTERS = ['a', 'B', '7', ' ', '-', '_', '"', '\\', '/', '%', "'", ';', 'é', '漢', '😀', '\u200b', '\u202e', '\t', '\n', '<', '&'];
const STRANGE = [
  '', ' ', '\u0000', '\u0007', 'null', 'true', '-1', '0', 'NaN', '../..', '%00', '%2e%2e', '{{7*7}}', "' OR 1=1 --", '$1', 'x'.repeat(5000),
  '\ud800', '2026-02-30', '2026-11-20T25:00:00Z', '9999-12-31', '-0001-01-01', '00000000-0000-0000-0000-000000000000', 'WEB-0',
  'WEB-99999999999999999999', '9'.repeat(40), '1e400', '＊', 'İı',
];

export class Generator {
  /** `known` holds values of things that are there, by the property's name. */
  constructor(random, resolve, known = {}) {
    this.random = random;
    this.resolve = resolve; // of $ref
    this.known = known;
  }

  text(min = 0, max = min + 12) {
    const n = min + this.random.below(Math.min(max, min + 30) - min + 1);
    return Array.from({ length: n }, () => this.random.pick(LETTERS)).join('');
  }

  uuid() {
    const hex = Array.from({ length: 32 }, () => this.random.below(16).toString(16)).join('');
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-7${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
  }

  strange() {
    return this.random.pick(STRANGE);
  }

  /** A value that fits the schema, but for patterns. */
  fitting(given) {
    const schema = this.resolve(given);
    if (schema.enum) return this.random.pick(schema.enum);
    if (schema.anyOf) return this.fitting(this.random.pick(schema.anyOf));
    if (schema.allOf) return this.fitting(schema.allOf[0]);
    const type = this.random.pick([schema.type ?? 'string'].flat());
    if (type === 'null') return null;
    if (type === 'boolean') return this.random.chance(0.5);
    if (type === 'integer' || type === 'number') return (schema.minimum ?? 0) + this.random.below(Math.min(1000, (schema.maximum ?? 1000) - (schema.minimum ?? 0) + 1));
    if (type === 'array') return Array.from({ length: this.#count(schema) }, () => this.fitting(schema.items));
    if (type === 'object') return this.object(schema);
    return this.#formatted(schema);
  }

  #count(schema) {
    const min = schema.minItems ?? 0;
    return min + this.random.below(Math.min(3, (schema.maxItems ?? 3) - min + 1));
  }

  #formatted(schema) {
    switch (schema.format) {
      case 'uuid':
        return this.uuid();
      case 'date':
        return `20${10 + this.random.below(90)}-0${1 + this.random.below(9)}-1${this.random.below(10)}`;
      case 'date-time':
        return `20${10 + this.random.below(90)}-0${1 + this.random.below(9)}-1${this.random.below(10)}T10:10:10.${this.random.below(1000)}Z`;
      case 'email':
        return `${this.uuid().slice(0, 8)}@example.org`;
      default:
        return this.text(schema.minLength ?? 0, schema.maxLength);
    }
  }

  object(schema) {
    const result = {};
    for (const [name, property] of Object.entries(schema.properties ?? {})) {
      if (!schema.required?.includes(name) && this.random.chance(0.5)) continue;
      result[name] = this.known[name] && this.random.chance(0.8) ? this.random.pick(this.known[name]) : this.fitting(property);
    }
    return result;
  }

  /** A value that may or may not fit, made of one that does. */
  bent(given) {
    const schema = this.resolve(given);
    const value = this.fitting(schema);
    if (schema.type !== 'object') return this.#otherValue(schema);
    const names = Object.keys(schema.properties ?? {});
    switch (this.random.below(6)) {
      case 0:
        return { ...value, [this.text(1)]: this.strange() };
      case 1:
        delete value[this.random.pick(names)];
        return value;
      case 2:
        return this.random.pick([null, [], 7, 'text', true, [value]]);
      default: {
        const name = this.random.pick(names);
        return { ...value, [name]: this.#otherValue(this.resolve(schema.properties[name])) };
      }
    }
  }

  #otherValue(schema) {
    const others = [null, 0, -1, 1.5, 1e300, 2 ** 53, true, {}, [], [[]], this.strange(), this.strange(), this.strange()];
    if (schema.maxLength) others.push('x'.repeat(schema.maxLength + 1), 'é'.repeat(schema.maxLength));
    if (schema.maximum !== undefined) others.push(schema.maximum + 1);
    if (schema.minimum !== undefined) others.push(schema.minimum - 1);
    if (schema.maxItems) others.push(Array.from({ length: schema.maxItems + 1 }, () => this.fitting(schema.items)));
    return this.random.pick(others);
  }
}
