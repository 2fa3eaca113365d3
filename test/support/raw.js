// Raw connections, for what a well-behaved client cannot send or see. The reader of answers is strict: what
// RFC 9112 forbids a server to send is an error here.

import net from 'node:net';
import { ms } from './env.js';
import { observeRaw } from './observe.js';

/** A connection that sends bytes and takes answers apart, one at a time and in order. */
export class RawConnection {
  static open(address) {
    return new Promise((resolve, reject) => {
      const socket = net.connect({ ...address, allowHalfOpen: true });
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.off('error', reject);
        resolve(new RawConnection(socket));
      });
    });
  }

  constructor(socket) {
    this.socket = socket;
    this.input = Buffer.alloc(0);
    this.ended = false; // the server will send no more
    this.reset = false; // and has said so by a reset
    socket.setNoDelay(true);
    socket.on('data', (chunk) => {
      this.input = Buffer.concat([this.input, chunk]);
      this.#wake();
    });
    socket.once('end', () => this.#end(false));
    socket.once('error', () => this.#end(true));
    socket.once('close', () => this.#end(this.reset));
  }

  /** Sends text or bytes; resolves when they have left, or the connection is gone. */
  send(data) {
    return new Promise((resolve) => {
      if (this.socket.destroyed || this.socket.writableEnded) return resolve();
      this.socket.once('close', resolve);
      this.socket.write(data, () => {
        this.socket.off('close', resolve);
        resolve();
      });
    });
  }

  /** Sends the pieces one by one, each in a packet of its own as far as a client can do that. */
  async trickle(pieces) {
    for (const piece of pieces) {
      await this.send(piece);
      await new Promise(setImmediate);
    }
  }

  /**
   * The next answer: { status, reason, version, headers, body, json }. An interim one (1xx) is an answer of
   * its own. `head` says that it answers a HEAD. Null when the server closed before sending any byte of it.
   */
  async response({ head = false, timeout = 10_000 } = {}) {
    const timer = setTimeout(() => this.#give(new Error(`no complete answer in time; got ${this.shown()}`)), ms(timeout));
    try {
      for (;;) {
        if (this.error) throw this.error;
        const parsed = parseResponse(this.input, { head, ended: this.ended });
        if (parsed) {
          this.input = this.input.subarray(parsed.length);
          return observeRaw(parsed.response);
        }
        if (this.ended) {
          if (this.input.length === 0) return null;
          throw new Error(`the connection ended in the middle of an answer: ${this.shown()}`);
        }
        await new Promise((wake) => (this.waiting = wake));
      }
    } finally {
      clearTimeout(timer);
    }
  }

  /** `count` answers. */
  async responses(count, options) {
    const all = [];
    for (let i = 0; i < count; i++) all.push(await this.response(options));
    return all;
  }

  /** Waits until the server has closed; anything that it still sent is an error. */
  async closed({ timeout = 10_000 } = {}) {
    const extra = await this.response({ timeout });
    if (extra) throw new Error(`an answer that nobody asked for: ${extra.status} ${extra.body}`);
  }

  /** True when the connection is still open and silent after `time` milliseconds. */
  async silent(time = 100) {
    await new Promise((resolve) => setTimeout(resolve, time));
    return !this.ended && this.input.length === 0;
  }

  /** Says that no more will be sent, and goes on reading. */
  finish() {
    this.socket.end();
  }

  /** Ends it at once, by a reset. */
  destroy() {
    if (typeof this.socket.resetAndDestroy === 'function' && this.socket.remotePort) this.socket.resetAndDestroy();
    else this.socket.destroy();
  }

  close() {
    this.socket.destroy();
  }

  shown() {
    return JSON.stringify(this.input.toString('latin1').slice(0, 300));
  }

  #end(reset) {
    this.ended = true;
    this.reset = reset;
    this.#wake();
  }

  #give(error) {
    this.error = error;
    this.#wake();
  }

  #wake() {
    const wake = this.waiting;
    this.waiting = undefined;
    wake?.();
  }
}

/** Opens a connection, hands it to `use`, and closes it whatever happens. */
export async function withConnection(address, use) {
  const connection = await RawConnection.open(address);
  try {
    return await use(connection);
  } finally {
    connection.close();
  }
}

/** The text of a request: its lines and perhaps a body. A Host line is not added. */
export function message(requestLine, headerLines = [], body = '') {
  return Buffer.concat([Buffer.from(`${[requestLine, ...headerLines].join('\r\n')}\r\n\r\n`, 'latin1'), Buffer.from(body)]);
}

/** A chunked body of these chunks, ended by the last chunk and the trailer lines. */
export function chunked(chunks, trailer = []) {
  const parts = chunks.map((chunk) => Buffer.concat([
    Buffer.from(`${Buffer.byteLength(chunk).toString(16)}\r\n`), Buffer.from(chunk), Buffer.from('\r\n'),
  ]));
  return Buffer.concat([...parts, Buffer.from(`0\r\n${trailer.map((line) => `${line}\r\n`).join('')}\r\n`)]);
}

/** Every byte as a piece of its own. */
export const bytewise = (data) => Array.from(Buffer.from(data), (byte) => Buffer.from([byte]));

/** The answer at the start of the bytes, and its length; null when it is not complete yet. */
export function parseResponse(bytes, { head = false, ended = false } = {}) {
  const headEnd = bytes.indexOf('\r\n\r\n');
  if (headEnd < 0) return null;
  const lines = bytes.subarray(0, headEnd).toString('latin1').split('\r\n');
  const start = /^(HTTP\/1\.1) (\d{3}) ([\t\x20-\x7e]*)$/.exec(lines[0]);
  if (!start) throw new Error(`not a status line: ${JSON.stringify(lines[0])}`);
  const headers = {};
  for (const line of lines.slice(1)) {
    const field = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\x20-\x7e\t]*?)[ \t]*$/.exec(line);
    if (!field) throw new Error(`not a header field: ${JSON.stringify(line)}`);
    const name = field[1].toLowerCase();
    headers[name] = name in headers ? `${headers[name]}, ${field[2]}` : field[2];
  }
  const response = { version: start[1], status: Number(start[2]), reason: start[3], headers };
  const body = parseBody(bytes.subarray(headEnd + 4), response, { head, ended });
  if (!body) return null;
  response.body = body.content.toString();
  if (/json/.test(headers['content-type'] ?? '') && response.body) response.json = JSON.parse(response.body);
  return { response, length: headEnd + 4 + body.length };
}

function parseBody(bytes, { status, headers }, { head, ended }) {
  const none = { content: Buffer.alloc(0), length: 0 };
  if (status < 200 || status === 204) {
    for (const name of ['content-length', 'transfer-encoding']) {
      if (name in headers) throw new Error(`a ${status} must not have ${name}`);
    }
    return none;
  }
  if (head || status === 304) return none;
  if ('transfer-encoding' in headers) {
    if ('content-length' in headers) throw new Error('an answer with Transfer-Encoding and Content-Length');
    return dechunk(bytes);
  }
  if ('content-length' in headers) {
    if (!/^\d+$/.test(headers['content-length'])) throw new Error(`Content-Length: ${headers['content-length']}`);
    const length = Number(headers['content-length']);
    return bytes.length < length ? null : { content: bytes.subarray(0, length), length };
  }
  return ended ? { content: bytes, length: bytes.length } : null;
}

function dechunk(bytes) {
  const parts = [];
  let at = 0;
  for (;;) {
    const lineEnd = bytes.indexOf('\r\n', at);
    if (lineEnd < 0) return null;
    const line = bytes.subarray(at, lineEnd).toString('latin1');
    if (!/^[0-9a-fA-F]+$/.test(line)) throw new Error(`not a chunk size: ${JSON.stringify(line)}`);
    const size = parseInt(line, 16);
    at = lineEnd + 2 + size + 2;
    if (bytes.length < at) return null;
    if (bytes.subarray(at - 2, at).toString() !== '\r\n') throw new Error('no line end after a chunk');
    if (size === 0) return { content: Buffer.concat(parts), length: at };
    parts.push(bytes.subarray(at - 2 - size, at - 2));
  }
}
