// The OpenAPI document of the program under test, as something to look answers up in.

import { spawnSync } from 'node:child_process';
import Ajv from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { BUGD } from '../support/env.js';

const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'];

let shared;

/** The document of the binary, read once a process. */
export function contract() {
  shared ??= new Contract(readDocument());
  return shared;
}

export function readDocument() {
  const done = spawnSync(BUGD, ['openapi'], { encoding: 'utf8', maxBuffer: 64 << 20 });
  if (done.status !== 0) throw new Error(`bugd openapi: exit ${done.status}\n${done.stderr}`);
  return JSON.parse(done.stdout);
}

export class Contract {
  #validators = new Map();

  constructor(document) {
    this.document = document;
    this.operations = [];
    for (const [path, item] of Object.entries(document.paths)) {
      for (const method of METHODS.filter((name) => item[name])) {
        this.operations.push({ path, method, ...item[method], matches: matcher(path) });
      }
    }
    // A literal segment wins over a parameter, as in the router.
    this.operations.sort((a, b) => a.path.split('{').length - b.path.split('{').length);
    /** Every status that is anywhere in the document; 204 is what OPTIONS answers. */
    this.statuses = new Set([204, ...Object.keys(document['x-any-request']).map(Number),
      ...this.operations.flatMap(({ responses }) => Object.keys(responses).map(Number))]);
    this.ajv = new Ajv({ strict: false, allErrors: true, validateFormats: true });
    addFormats(this.ajv);
    this.ajv.addSchema(closed(document), 'document');
  }

  /** The operation of a request; of HEAD that of GET. Undefined: the path does not have the method, or is none. */
  find(method, target) {
    const path = pathOf(target);
    const wanted = method === 'HEAD' ? 'get' : method.toLowerCase();
    return this.operations.find((operation) => operation.method === wanted && operation.matches(path));
  }

  hasPath(target) {
    return this.operations.some((operation) => operation.matches(pathOf(target)));
  }

  resolve(object) {
    if (!object?.$ref) return object;
    return object.$ref.slice(2).split('/').reduce((at, key) => at[unescape(key)], this.document);
  }

  /** The documented answer of a status, with the place of it in the document; undefined when there is none. */
  answer(operation, status) {
    const own = operation?.responses[status];
    if (own?.$ref) return { at: own.$ref.slice(1), ...this.resolve(own) };
    if (own) return { at: `/paths/${escape(operation.path)}/${operation.method}/responses/${status}`, ...own };
    const any = this.document['x-any-request'][status];
    return any && { at: `/x-any-request/${status}`, ...any };
  }

  /** What is wrong with a value by the schema at this place of the document; '' when nothing is. */
  errors(place, value) {
    let validate = this.#validators.get(place);
    if (!validate) {
      validate = this.ajv.compile({ $ref: `document#${place}` });
      this.#validators.set(place, validate);
    }
    return validate(value) ? '' : this.ajv.errorsText(validate.errors, { separator: '\n' });
  }

  /**
   * What is wrong with an answer: { method, path, status, headers, body, text }. Empty: it is as documented.
   */
  violations({ method, path, status, headers, text, body }) {
    const operation = this.find(method, path);
    if (method === 'OPTIONS' && !operation) return status === 204 && !headers.allow ? ['204 without Allow'] : [];
    if (!operation && status < 400) return ['no operation of the document'];
    if (!operation && (status === 404) === this.hasPath(path) && [404, 405].includes(status)) return [`${status}, but the document says otherwise`];
    const answer = this.answer(operation, status);
    // A request that is no operation's may fail as any operation's may.
    if (!answer && !operation && status >= 400) return [];
    if (!answer) return [`status ${status} is not documented`];
    return [...this.#headers(answer, headers), ...this.#content(operation, answer, { method, path, status, headers, text, body })];
  }

  #headers(answer, headers) {
    const wrong = [];
    for (const [name, ref] of Object.entries(answer.headers ?? {})) {
      const value = headers[name.toLowerCase()];
      if (value === undefined && this.resolve(ref).required) wrong.push(`no header ${name}`);
    }
    return wrong;
  }

  #content(operation, answer, { method, path, status, headers, text, body }) {
    if (method === 'HEAD' || status === 304) return text ? ['a body'] : [];
    if (!answer.content) return text ? [`a body with ${status}: ${text.slice(0, 200)}`] : [];
    const media = (headers['content-type'] ?? '').split(';')[0].trim();
    const content = answer.content[media] ?? (media === 'application/problem+json' ? undefined : answer.content['*/*']);
    if (!content) return [`media type ${media || '(none)'}, not ${Object.keys(answer.content)}`];
    if (!/[/+]json$/.test(media) || headers['content-encoding']) return [];
    const place = `${answer.at}/content/${escape(media)}/schema`;
    // Unless the client has asked for less, it gets the whole.
    if (!operation || /[?&]fields=/.test(path)) return messages(this.errors(place, body));
    if (content.schema.anyOf) return messages(this.errors(`${place}/anyOf/0`, body));
    const items = content.schema.$ref && this.resolve(content.schema).properties?.items?.items?.anyOf;
    const whole = items ? body.items.map((item) => this.errors(items[0].$ref.slice(1), item)) : [];
    return messages(this.errors(place, body), ...whole);
  }
}

const messages = (...texts) => texts.filter(Boolean);
const pathOf = (target) => decoded(target.split('?')[0]).replace(/(.)\/$/, '$1');
const decoded = (path) => {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
};
const escape = (key) => encodeURIComponent(key.replaceAll('~', '~0').replaceAll('/', '~1'));
const unescape = (key) => decodeURIComponent(key).replaceAll('~1', '/').replaceAll('~0', '~');

function matcher(path) {
  const pattern = new RegExp(`^${path.split(/\{[^}]+\}/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('[^/]+')}$`);
  return (actual) => pattern.test(actual);
}

/**
 * The document with every object closed: clients should bear a new member, but the tests shall see that it is
 * not documented.
 */
function closed(document) {
  return JSON.parse(JSON.stringify(document), (key, value) => {
    if (value?.properties && value.type === 'object' && value.additionalProperties === undefined) return { ...value, additionalProperties: false };
    return value;
  });
}
