// What is measured of a bugd at rest: how soon it is ready, its memory, and what idle connections add to it.

import net from 'node:net';
import { join } from 'node:path';
import { sleep } from '../../test/support/env.js';
import { scratchFolder } from '../../test/support/process.js';
import { Bugd } from './servers.mjs';
import { residentBytes } from './usage.mjs';

const CONNECTIONS = 10_000;
const AT_ONCE = 50;

/** Milliseconds from the start of the program until /ready was answered by 200. */
export async function readyTime(database) {
	const path = join(scratchFolder(), 'ready.sock');
	const started = performance.now();
	const server = new Bugd({ DATABASE_URL: database.url, HOST: `unix:${path}`, LOG_LEVEL: 'warn' });
	while (!(await asksReady(path))) {
		server.assertRuns();
		if (performance.now() - started > 20_000) throw server.fail('bugd is not ready after 20 s');
	}
	const time = performance.now() - started;
	await server.stop();
	return time;
}

/** One connection, asked again and again as long as it lives: whether it said 200. */
function asksReady(path) {
	const request = 'GET /ready HTTP/1.1\r\nHost: localhost\r\n\r\n';
	return new Promise((resolve) => {
		const socket = net.connect({ path }, () => socket.write(request));
		socket.on('error', () => resolve(false));
		socket.on('close', () => resolve(false));
		socket.on('data', (data) => {
			if (data.toString('latin1').startsWith('HTTP/1.1 200')) {
				resolve(true);
				socket.destroy();
			} else socket.write(request);
		});
	});
}

/** { idle, perConnection, connections }: resident bytes after the start, and what each of many idle connections adds. */
export async function restingMemory(database, token) {
	const server = await Bugd.start(database.url, { MAX_CONNECTIONS: CONNECTIONS + 100 });
	await sleep(500);
	const idle = residentBytes(server.pid);
	const sockets = [];
	try {
		await openMore(server, token, sockets, AT_ONCE);
		const before = residentBytes(server.pid);
		await openMore(server, token, sockets, CONNECTIONS);
		await sleep(500);
		const after = residentBytes(server.pid);
		const alive = sockets.filter((socket) => socket.readyState === 'open').length;
		if (alive !== CONNECTIONS + AT_ONCE) throw server.fail(`only ${alive} connections stayed open`);
		return { idle, perConnection: (after - before) / CONNECTIONS, connections: CONNECTIONS };
	} finally {
		for (const socket of sockets) socket.destroy();
		await server.stop();
	}
}

/** Opens connections; each has read an issue before it rests. */
async function openMore(server, token, sockets, count) {
	for (let n = 0; n < count; n += AT_ONCE) {
		await Promise.all(Array.from({ length: AT_ONCE }, () => openOne(server, token, sockets)));
	}
}

function openOne(server, token, sockets) {
	const request = `GET /api/v1/issues/0000c000-0000-7000-8000-000000000001 HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${token}\r\n\r\n`;
	return new Promise((resolve, reject) => {
		const socket = net.connect(server.address, () => socket.write(request));
		sockets.push(socket);
		socket.on('error', reject);
		socket.on('close', () => reject(new Error('bugd closed a connection')));
		socket.once('data', (data) => {
			if (data.toString('latin1').startsWith('HTTP/1.1 200')) resolve();
			else reject(new Error(`not 200: ${data.toString('latin1').slice(0, 200)}`));
		});
	});
}
