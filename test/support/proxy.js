// A proxy that a test stands between two programs, to break the line where it wants to.

import net from 'node:net';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { testDatabaseUrl } from './env.js';

export class Proxy {
  /**
   * Listens on a unix socket named like PostgreSQL's, in a folder of its own, and leads to `upstream` (options of
   * net.connect). `ahead(chunk, line)` and `back(chunk, line)` see what goes to the upstream and what comes from it;
   * a chunk for which one answers false is swallowed. `line.cut()` resets both ends.
   */
  static async start(upstream, { ahead = () => true, back = () => true } = {}) {
    const proxy = new Proxy();
    proxy.folder = await mkdtemp(join(tmpdir(), 'bugd-proxy-'));
    proxy.path = join(proxy.folder, '.s.PGSQL.5432');
    proxy.hooks = { ahead, back };
    proxy.lines = new Set();
    proxy.server = net.createServer((client) => proxy.#join(client, net.connect(upstream)));
    await new Promise((resolve, reject) => {
      proxy.server.once('error', reject).listen(proxy.path, resolve);
    });
    return proxy;
  }

  /** The same in front of the tests' PostgreSQL. */
  static toDatabase(hooks) {
    const folder = new URL(testDatabaseUrl()).searchParams.get('host');
    return Proxy.start({ path: join(folder, '.s.PGSQL.5432') }, hooks);
  }

  /** The URL of a database, reached through this proxy. */
  url(direct) {
    const url = new URL(direct);
    url.searchParams.set('host', this.folder);
    return url.href;
  }

  #join(client, upstream) {
    const line = { client, upstream, cut: () => [client, upstream].forEach((end) => end.destroy()) };
    this.lines.add(line);
    const pass = (from, to, hook) => {
      from.on('data', (chunk) => {
        if (this.hooks[hook](chunk, line) !== false) to.write(chunk);
      });
      from.on('end', () => to.end());
      from.on('error', line.cut);
      from.on('close', () => {
        this.lines.delete(line);
        to.destroy();
      });
    };
    pass(client, upstream, 'ahead');
    pass(upstream, client, 'back');
  }

  async stop() {
    for (const line of this.lines) line.cut();
    await new Promise((resolve) => this.server.close(resolve));
    await rm(this.folder, { recursive: true, force: true });
  }
}
