// A change of 10,000 issues by one request, against the bare UPDATE of the same rows by PostgreSQL.

import { sleep } from '../../test/support/env.js';
import { median } from './report.mjs';

/** The last ones of the database: the measurements of PATCH take theirs from the first on. */
const FIRST = 90_001;
const ISSUES = 10_000;
const ROUNDS = 5;

const id = (n) => `0000c000-0000-7000-8000-${n.toString(16).padStart(12, '0')}`;

/** { bulk, told, bare }: milliseconds, medians of rounds by turns; `told` until all were told of it. */
export async function bulkTime(database, bugd, token) {
	const ids = Array.from({ length: ISSUES }, (_, n) => id(FIRST + n));
	const list = `ANY('{${ids.join(',')}}'::uuid[])`;
	await database.exec(`UPDATE issues SET status = 'open' WHERE id = ${list};`);
	const bulk = [];
	const told = [];
	const bare = [];
	for (let round = 0; round < ROUNDS; round++) {
		const started = performance.now();
		bulk.push(await ask(bugd, token, ids));
		while (Number(await database.exec('SELECT count(*) FROM notices_due;')) > 0) await sleep(20);
		told.push(performance.now() - started);
		bare.push(await update(database, list));
	}
	return { bulk: median(bulk), told: median(told), bare: median(bare) };
}

async function ask(bugd, token, ids) {
	const started = performance.now();
	const answer = await fetch(`${bugd.url}/api/v1/issues/bulk-status`, {
		method: 'POST', headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${token}` },
		body: JSON.stringify({ issue_ids: ids, new_status: 'in_progress' }),
	});
	const body = await answer.json();
	if (body.success_count !== ids.length) throw bugd.fail(`bulk-status was answered by ${answer.status} ${JSON.stringify(body).slice(0, 300)}`);
	return performance.now() - started;
}

/** Back again, by PostgreSQL alone. */
async function update(database, list) {
	const plan = await database.exec(`EXPLAIN (ANALYZE, TIMING OFF, SUMMARY)
		UPDATE issues SET status = 'open', version = version + 1, updated_at = clock_timestamp() WHERE id = ${list};`);
	return Number(/Execution Time: ([\d.]+) ms/.exec(plan)[1]);
}
