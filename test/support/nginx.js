// A real nginx with scripts/deploy/nginx.conf, on any ports of 127.0.0.1, with a certificate made for it; or with
// compose-nginx.conf, which knows no TLS.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import https from 'node:https';
import net from 'node:net';
import { join } from 'node:path';
import { ROOT, eventually, within } from './env.js';
import { Client } from './client.js';
import { run, scratchFolder, start } from './process.js';

const NGINX = ['/usr/sbin/nginx', '/usr/bin/nginx', '/usr/local/sbin/nginx'].find(existsSync) ?? 'nginx';

let certificate;
let made = 0;

/** A self-signed certificate for localhost: { cert, key } as paths. */
async function makeCertificate() {
  const [cert, key] = ['certificate.pem', 'key.pem'].map((name) => join(scratchFolder(), name));
  const done = await run('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2',
    '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1', '-keyout', key, '-out', cert]);
  if (done.code !== 0) throw new Error(`openssl: ${done.stderr}`);
  return { cert, key };
}

async function freePort() {
  const server = net.createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

export class Nginx {
  /** `upstreams` are two addresses of net.connect's; `uploads` is their UPLOAD_DIR; `compose` takes compose-nginx.conf. */
  static async start(upstreams, { uploads = '/nowhere', compose = false } = {}) {
    certificate ??= await makeCertificate();
    const nginx = new Nginx();
    const folder = join(scratchFolder(), `nginx-${made++}`);
    mkdirSync(folder);
    const [plain, tls] = [await freePort(), await freePort()];
    const [one, other] = upstreams.map(({ path, host, port }) => (path ? `unix:${path}` : `${host}:${port}`));
    const replaced = compose ? [
      [/bugd1:8080/, one], [/bugd2:8080/, other], [/listen 80;/, `listen 127.0.0.1:${plain};`], [/fail_timeout=5s/g, 'fail_timeout=1s'],
    ] : [
      [/127\.0\.0\.1:8080/, one], [/unix:\/run\/bugd\.sock/, other], [/listen 80;/, `listen 127.0.0.1:${plain};`], [/listen \[::\]:80;/, ''],
      [/listen 443 ssl/, `listen 127.0.0.1:${tls} ssl`], [/listen \[::\]:443 ssl http2;/, ''],
      [/fail_timeout=5s/g, 'fail_timeout=1s'], // tests wait for it
      [/\/var\/lib\/bugd\/uploads\//, `${uploads}/`],
      [/\/etc\/ssl\/bugd\/certificate\.pem/, certificate.cert], [/\/etc\/ssl\/bugd\/key\.pem/, certificate.key],
    ];
    const file = `scripts/deploy/${compose ? 'compose-' : ''}nginx.conf`;
    let site = readFileSync(join(ROOT, file), 'utf8').replace(/^#.*$/gm, '');
    for (const [from, to] of replaced) {
      if (!from.test(site)) throw new Error(`${file} has no ${from}`);
      site = site.replace(from, to);
    }
    const temp = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${folder}/${name};`).join('\n');
    const log = `${folder}/access.log`;
    writeFileSync(join(folder, 'nginx.conf'), `daemon off; pid ${folder}/pid; error_log stderr warn; worker_processes 1;
      ${process.getuid() === 0 ? 'user root;' : ''} events { worker_connections 512; }
      http { ${temp} log_format test '$upstream_addr|$upstream_status|$status|$request'; access_log ${log} test;\n${site}\n}`);
    const args = ['-p', folder, '-e', 'stderr', '-c', join(folder, 'nginx.conf')];
    const checked = spawnSync(NGINX, ['-t', ...args]);
    if (checked.status !== 0) throw new Error(`nginx -t: ${checked.stderr ?? checked.error}`);
    nginx.child = start(NGINX, args);
    nginx.stderr = '';
    nginx.child.stderr.on('data', (chunk) => (nginx.stderr += chunk));
    nginx.ended = new Promise((resolve) => nginx.child.once('close', resolve));
    nginx.plain = { host: '127.0.0.1', port: plain };
    nginx.address = { host: '127.0.0.1', port: tls };
    nginx.tls = { ca: readFileSync(certificate.cert), servername: 'localhost' };
    nginx.log = () => readFileSync(log, 'utf8').split('\n').filter(Boolean);
    await eventually('nginx listens', () => new Promise((resolve, reject) => {
      const socket = net.connect(compose ? nginx.plain : nginx.address, () => resolve(socket.destroy())).once('error', reject);
    }));
    return nginx;
  }

  /** A client over TLS; `localAddress` is who it seems to be. */
  client({ token, localAddress } = {}) {
    const agent = new https.Agent({ keepAlive: true, maxSockets: 32, localAddress, ...this.tls });
    return new Client(this.address, { token, agent });
  }

  async stop() {
    this.child.kill('SIGTERM');
    await within('nginx ends', 10_000, this.ended);
  }
}
