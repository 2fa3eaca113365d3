// A small HTTP client over node:http with a keep-alive agent. It shows the answer as it came: no redirect, no
// retry, no decoding but JSON's.

import http from 'node:http';
import { ms } from './env.js';
import { observe } from './observe.js';

export class Client {
  /**
   * `address` holds options of net.connect: { host, port } or { path } of a unix socket. `base` stands in front of
   * every path.
   */
  constructor(address, { token, agent, base = '' } = {}) {
    this.address = address;
    this.token = token;
    this.base = base;
    this.agent = agent ?? new http.Agent({ keepAlive: true, maxSockets: 64 });
  }

  /** The same connections with another token. */
  as(token) {
    return new Client(this.address, { token, agent: this.agent, base: this.base });
  }

  get(path, options) {
    return this.request('GET', path, options);
  }
  head(path, options) {
    return this.request('HEAD', path, options);
  }
  options(path, options) {
    return this.request('OPTIONS', path, options);
  }
  delete(path, options) {
    return this.request('DELETE', path, options);
  }
  post(path, body, options) {
    return this.request('POST', path, { body, ...options });
  }
  put(path, body, options) {
    return this.request('PUT', path, { body, ...options });
  }
  patch(path, body, options) {
    return this.request('PATCH', path, { body, ...options });
  }

  /**
   * Sends a request. A body that is neither text nor bytes goes as JSON; text and bytes go as they are, as
   * application/json unless a header says otherwise. Answers { method, path, status, headers, rawHeaders,
   * bytes, text, body }; `body` is the parsed JSON, if it is JSON.
   */
  request(method, path, { headers = {}, body, timeout = 30_000 } = {}) {
    const send = { ...headers };
    const named = (name) => Object.keys(send).some((key) => key.toLowerCase() === name);
    if (this.token && !named('authorization')) send.Authorization = `Bearer ${this.token}`;
    let bytes;
    if (body !== undefined) {
      bytes = Buffer.from(typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body));
      if (!named('content-type')) send['Content-Type'] = 'application/json';
      if (!named('content-length')) send['Content-Length'] = bytes.length;
    }
    const { path: socketPath, ...tcp } = this.address;
    return new Promise((resolve, reject) => {
      const request = http.request({
        ...tcp, ...(socketPath && { socketPath }), agent: this.agent, protocol: this.agent.protocol, method, path: this.base + path, headers: present(send),
      });
      request.setTimeout(ms(timeout), () => request.destroy(new Error(`${method} ${path}: no answer in time`)));
      request.once('error', reject);
      request.once('response', (response) => {
        const chunks = [];
        response.on('data', (chunk) => chunks.push(chunk));
        response.once('error', reject);
        response.once('end', () => {
          try {
            resolve(observe(answer(method, path, response, Buffer.concat(chunks))));
          } catch (error) {
            reject(error);
          }
        });
      });
      request.end(bytes);
    });
  }

  /** All pages of a list by its cursors: the items in order. At most `limit` requests. */
  async walk(path, limit = 1000) {
    const items = [];
    let cursor = '';
    for (let n = 0; n < limit; n++) {
      const { status, body, text } = await this.get(`${path}${path.includes('?') ? '&' : '?'}cursor=${encodeURIComponent(cursor)}`);
      if (status !== 200) throw new Error(`${path}: ${status} ${text}`);
      items.push(...body.items);
      if (!body.meta.has_next) return items;
      cursor = body.meta.next_cursor;
    }
    throw new Error(`${path}: more than ${limit} pages`);
  }

  /** Closes the connections, of every client that was made by `as` too. */
  close() {
    this.agent.destroy();
  }
}

/** A header given as undefined is one that shall not be sent. */
function present(headers) {
  return Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== undefined));
}

function answer(method, path, response, bytes) {
  const text = bytes.toString();
  const type = response.headers['content-type'] ?? '';
  let body;
  const plain = !response.headers['content-encoding'];
  if (plain && /^application\/([a-z-]+\+)?json\b/.test(type) && text) body = JSON.parse(text);
  return {
    method, path, status: response.statusCode, headers: response.headers, rawHeaders: response.rawHeaders, bytes, text, body,
  };
}
