// What is measured: PostgreSQL with its data, bugd, and nginx, all private to this run.

import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import net from 'node:net';
import { join } from 'node:path';
import { Cluster } from '../../test/support/cluster.js';
import { BUGD, ROOT, eventually } from '../../test/support/env.js';
import { atExit, run, scratchFolder } from '../../test/support/process.js';
import { psql } from '../../test/support/psql.js';

export const EMAIL = 'manager@example.org';
export const PASSWORD = 'a password of the benchmark';

/** As in production. The cache holds all; checkpoints come between the measurements, not within one. */
const SETTINGS = { fsync: 'on', shared_buffers: '512MB', max_wal_size: '8GB', checkpoint_timeout: '30min' };

/** A PostgreSQL that is migrated, with the rows of test/bench/seed.sql, or of another file there. */
export class Database {
	static async create(file = 'seed.sql', variables = {}) {
		const database = new Database();
		database.cluster = await Cluster.create(SETTINGS);
		database.url = database.urlOf('bugd');
		await command(['migrate', 'up'], database.url);
		await command(['user', 'create', '--email', EMAIL, '--name', 'Manager', '--role', 'manager'], database.url, `${PASSWORD}\n`);
		await database.#seed(file, variables);
		database.viewer = await database.exec(`SELECT id FROM users WHERE email = '${EMAIL}';`);
		database.pid = Number((await database.exec("SELECT pg_read_file('postmaster.pid');")).split('\n')[0]);
		return database;
	}

	urlOf(role) {
		const url = new URL(this.cluster.url);
		url.pathname = '/bugd';
		url.searchParams.set('user', role);
		return url.toString();
	}

	/** Executes SQL as the superuser. */
	exec(sql) {
		return psql(this.urlOf('postgres'), sql);
	}

	async #seed(file, variables) {
		const values = Object.entries(variables).flatMap(([name, value]) => ['-v', `${name}=${value}`]);
		const args = ['-X', '-q', '-v', 'ON_ERROR_STOP=1', ...values, '-f', join(ROOT, 'test/bench', file), this.urlOf('postgres')];
		const done = await run('psql', args, { timeout: 1_800_000 });
		if (done.code !== 0) throw new Error(`${file}: ${done.stderr}`);
	}

	remove() {
		return this.cluster.remove();
	}
}

/** Runs a command of bugd to its end. */
async function command(args, url, input = '') {
	const done = await run(BUGD, args, { env: environment({ DATABASE_URL: url }), input });
	if (done.code !== 0) throw new Error(`bugd ${args.join(' ')}: exit ${done.code}\n${done.stderr}`);
}

/** All settings are the standard ones, but that tokens outlast the run. */
function environment(settings) {
	return {
		PATH: process.env.PATH, SECRET_KEY: 'a key of the benchmark, long enough for HS256', ACCESS_TOKEN_TTL: '2h', RATE_LIMIT: 'off',
		...settings,
	};
}

/** A port that was free just now. */
async function freePort() {
	const server = net.createServer().listen(0, '127.0.0.1');
	await once(server, 'listening');
	const { port } = server.address();
	server.close();
	await once(server, 'close');
	return port;
}

/** A program that runs until it is stopped, its output in a file. */
class Daemon {
	/** `last` is the signal that ends it, and whatever it started, when this run ends early. */
	constructor(name, program, args, env, last = 'SIGKILL') {
		this.log = join(scratchFolder(), `${name}.log`);
		const out = openSync(this.log, 'a');
		this.child = spawn(program, args, { env, cwd: scratchFolder(), stdio: ['ignore', out, out] });
		closeSync(out);
		this.pid = this.child.pid;
		this.ended = new Promise((resolve) => {
			this.child.once('error', (error) => resolve(error.code));
			this.child.once('exit', (code, signal) => resolve(signal ?? code));
		}).then((end) => (this.end = end));
		this.forget = atExit(() => this.child.kill(last));
	}

	fail(what) {
		return new Error(`${what}; its output:\n${readFileSync(this.log, 'utf8').slice(-4000)}`);
	}

	assertRuns() {
		if (this.end !== undefined) throw this.fail(`${this.child.spawnfile} ended (${this.end})`);
	}

	/** Waits until the address is answered by 200. */
	answers(url) {
		return eventually(`${url} is answered by 200`, async () => {
			this.assertRuns();
			const answer = await fetch(url);
			await answer.arrayBuffer();
			return answer.status === 200;
		});
	}

	async stop() {
		if (this.end === undefined) this.child.kill('SIGTERM');
		await this.ended;
		this.forget();
	}
}

/** `bugd serve`. It logs warnings only, unless the settings say otherwise: nginx logs nothing either. */
export class Bugd extends Daemon {
	static #count = 0;

	static async start(url, settings = {}) {
		const port = await freePort();
		const server = new Bugd({ DATABASE_URL: url, HOST: '127.0.0.1', PORT: port, LOG_LEVEL: 'warn', ...settings });
		server.address = { host: '127.0.0.1', port };
		server.url = `http://127.0.0.1:${port}`;
		await server.answers(`${server.url}/ready`);
		return server;
	}

	/** Does not wait for anything. */
	constructor(settings) {
		super(`bugd-${++Bugd.#count}`, BUGD, ['serve'], environment(settings));
	}

	/** An access token of the manager. */
	async login() {
		const answer = await fetch(`${this.url}/api/v1/auth/login`, {
			method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ email: EMAIL, password: PASSWORD }),
		});
		if (answer.status !== 200) throw this.fail(`login was answered by ${answer.status} ${await answer.text()}`);
		return (await answer.json()).access_token;
	}
}

/** nginx with one worker that answers everything by 500 bytes, or hands it to these servers. */
export class Nginx extends Daemon {
	static #count = 0;

	static async start(servers = []) {
		const folder = join(scratchFolder(), `nginx-${++Nginx.#count}`);
		const port = await freePort();
		const upstream = `\tupstream bugd {\n${servers.map(({ address }) => `\t\tserver ${address.host}:${address.port};\n`).join('')}\t\tkeepalive 64;\n\t}\n`;
		const answer = servers.length === 0 ? `return 200 "${'x'.repeat(500)}";`
			: 'proxy_pass http://bugd; proxy_http_version 1.1; proxy_set_header Connection "";';
		await mkdir(folder);
		const places = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `\t${kind}_temp_path ${folder};\n`).join('');
		await writeFile(join(folder, 'nginx.conf'), `
daemon off;
worker_processes 1;
pid ${folder}/pid;
error_log stderr warn;
events { worker_connections 1024; }
http {
	access_log off;
	keepalive_requests 1000000000;
	default_type text/plain;
${places}${servers.length > 0 ? upstream : ''}	server {
		listen 127.0.0.1:${port};
		location / { ${answer} }
	}
}
`);
		const server = new Nginx(`nginx-${Nginx.#count}`, 'nginx', ['-p', folder, '-c', join(folder, 'nginx.conf')], process.env, 'SIGTERM');
		server.url = `http://127.0.0.1:${port}`;
		await server.answers(servers.length > 0 ? `${server.url}/health` : server.url);
		return server;
	}
}
