// What is measured under load, and by which name.

import { pgbench, wrk } from './load.mjs';
import { EMAIL, PASSWORD } from './servers.mjs';
import { CREATE, PATCH, pgbenchScript } from './statements.mjs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT, sleep } from '../../test/support/env.js';

const ISSUES = 100_000;
const PROJECTS = 20;
const PGBENCH_CLIENTS = 8;
/** Issues that one measurement of PATCH changes, round and round. */
const PATCHED = 4000;

const ISSUE = { script: 'read', args: ['/api/v1/issues/0000c000-0000-7000-8000-{n}', ISSUES] };
const WITH_PARTS = { script: 'read', args: [`${ISSUE.args[0]}?include=comments,labels,attachments`, ISSUES] };
const list = (count) => ({
	script: 'read',
	args: [`/api/v1/issues?project_id=0000b000-0000-7000-8000-{n}&size=20${count}`, PROJECTS],
});

/**
 * Each: { name, title, run(seconds), server, database }. `server` is the process that is measured besides
 * PostgreSQL, `database` whether that is, too. `stage` holds { database, bindir, nginx, bugd, before, logging, token };
 * `before` those that stand before one and before two processes of bugd.
 */
export function measures(stage) {
	const { database, nginx, bugd, before, logging, token } = stage;
	const issues = new Issues();
	const onBugd = (name, title, load, server = bugd) => ({
		name, title, server, database: true, run: (seconds) => wrk(server.url + (load.path ?? ''), { token, seconds, ...load }),
	});
	const inDatabase = (name, title, script) => ({
		name, title, database: true, run: async (seconds) => pgbench(stage.bindir, database.url, { seconds, ...await script() }),
	});
	return [
		{ name: 'nginx', title: 'nginx, constant of 500 bytes', server: nginx, run: (seconds) => wrk(nginx.url, { seconds }) },
		onBugd('health', '`/health`', { path: '/health', token: undefined }),
		onBugd('issue', 'issue by id', ISSUE),
		onBugd('issue-include', 'issue by id, with comments, labels, attachments', WITH_PARTS),
		{ name: 'behind-one', title: 'issue by id, one process behind nginx', run: (seconds) => wrk(before.one.url, { token, seconds, ...ISSUE }) },
		{ name: 'behind-two', title: 'issue by id, two processes behind nginx', run: (seconds) => wrk(before.two.url, { token, seconds, ...ISSUE }) },
		inDatabase('pgbench-select', '`pgbench -S -c 8`', async () => ({ text: await readFile(join(ROOT, 'test/bench/select.sql'), 'utf8'), sample: 50 })),
		onBugd('list', 'list of 20, `count=none`', list('&count=none')),
		onBugd('list-count', 'list of 20, by default', list('')),
		onBugd('search', 'search of two words, one at a time', { script: 'search', connections: 1 }),
		onBugd('create', 'create', { script: 'create' }),
		checked(inDatabase('pgbench-create', '`pgbench -c 8`, same statement as create', () => ({ text: pgbenchScript(CREATE), variables: CREATE.variables(database) })),
			() => database.exec('SELECT count(*) FROM issues;')),
		{
			...onBugd('patch', 'PATCH', {}),
			run: (seconds) => wrk(bugd.url, { token, seconds, script: 'patch', args: [issues.take(PATCHED), PATCHED] }),
		},
		checked(inDatabase('pgbench-patch', '`pgbench -c 8`, same statement as PATCH', () => ({
			text: pgbenchScript(PATCH), variables: PATCH.variables(database, issues.take(PATCHED), PATCHED / PGBENCH_CLIENTS),
		})), () => database.exec('SELECT sum(version) FROM issues;')),
		onBugd('login', 'login, 8 connections', { script: 'login', args: [EMAIL, PASSWORD], token: undefined, connections: 8 }),
		{ name: 'issue-storm', title: 'issue by id, during a storm of logins', run: (seconds) => storm(bugd, token, seconds) },
		onBugd('health-log', '`/health`, with the access log', { path: '/health', token: undefined }, logging),
		onBugd('issue-log', 'issue by id, with the access log', ISSUE, logging),
	];
}

/** Hands out issues that nobody changed yet. */
class Issues {
	#next = 1;

	take(count) {
		const first = this.#next;
		this.#next += count;
		if (this.#next > ISSUES + 1) throw new Error('there are not enough issues for so many rounds of PATCH');
		return first;
	}
}

/** For pgbench, which does not look at what the statement answers: each transaction must have counted one up. */
function checked(measure, counter) {
	return {
		...measure,
		run: async (seconds) => {
			const before = Number(await counter());
			const result = await measure.run(seconds);
			const done = Number(await counter()) - before;
			// Those that the end of the time cut off.
			if (Math.abs(done - result.count) > PGBENCH_CLIENTS) {
				throw new Error(`${measure.name}: ${result.count} transactions, but ${done} changes`);
			}
			return result;
		},
	};
}

async function storm(bugd, token, seconds) {
	const logins = wrk(bugd.url, { script: 'login', args: [EMAIL, PASSWORD], connections: 16, seconds: seconds + 2 });
	await sleep(1000);
	const result = await wrk(bugd.url, { token, seconds, ...ISSUE });
	await logins;
	return result;
}
