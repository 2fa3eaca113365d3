// The benchmark from start to end; scripts/bench/run calls it and says what it does.

import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { ROOT, requireBinary, sleep } from '../../test/support/env.js';
import { bulkTime } from './bulk.mjs';
import { measures } from './measures.mjs';
import { goalTable, loadTable, machine, median } from './report.mjs';
import { reportTimes } from './reports.mjs';
import { readyTime, restingMemory } from './rest.mjs';
import { Bugd, Database, Nginx } from './servers.mjs';
import { measureTransfers } from './transfer.mjs';
import { measureUploads } from './upload.mjs';
import { cpuSeconds, residentBytes } from './usage.mjs';

const REST = ['ready', 'memory', 'bulk', 'reports', 'import', 'export', 'upload'];
/** With a tracker of their own, each. */
const APART = ['reports', 'import', 'export', 'upload'];
const ROWS = 100_000;
const UPLOAD_MIB = 1024;
const READY_STARTS = 5;
const WARM_UP_SECONDS = 1;
/** Until PostgreSQL's processes of connections that ended are gone, and counted as such. */
const SETTLE_MS = 200;

function say(text) {
	process.stderr.write(`${text}\n`);
}

/** A setting of this script: a whole number from 1. */
function setting(name, standard, most = 9999) {
	const text = process.env[name] || String(standard);
	if (!/^[1-9]\d*$/.test(text) || Number(text) > most) throw new Error(`${name} is "${text}"; expected a whole number from 1 to ${most}`);
	return Number(text);
}

/** The names in BENCH_ONLY; null when all are to be measured. */
function chosen(all) {
	if (!process.env.BENCH_ONLY) return null;
	const names = process.env.BENCH_ONLY.split(',').map((name) => name.trim());
	const unknown = names.find((name) => !all.includes(name));
	if (unknown !== undefined) throw new Error(`BENCH_ONLY names "${unknown}"; there are: ${all.join(', ')}`);
	return names;
}

/** One measurement: what the load found, and what the servers used meanwhile. */
async function measureOnce(measure, seconds, database) {
	const { server } = measure;
	const used = () => [server ? cpuSeconds(server.pid) : 0, measure.database ? cpuSeconds(database.pid) : 0];
	const before = used();
	const result = await measure.run(seconds);
	await sleep(SETTLE_MS);
	const after = used();
	const per1000 = (seconds_) => seconds_ / result.count * 1000;
	return {
		...result,
		...(server && { cpu: per1000(after[0] - before[0]), memory: residentBytes(server.pid) }),
		...(measure.database && { cpuAll: per1000(after[0] - before[0] + after[1] - before[1]) }),
	};
}

/** By turns, so that what changes on the machine meanwhile meets all of them; every other round backwards. */
async function measureAll(all, database, rounds, seconds) {
	const found = new Map(all.map((measure) => [measure, []]));
	for (let round = 0; round < rounds; round++) {
		say(`Round ${round + 1} of ${rounds} ...`);
		for (const measure of round % 2 ? [...all].reverse() : all) {
			if (round === 0) await measure.run(WARM_UP_SECONDS);
			const result = await measureOnce(measure, seconds, database);
			found.get(measure).push(result);
			say(`  ${measure.name.padEnd(15)} ${Math.round(result.rate).toString().padStart(7)}/s  p50 ${result.p50.toFixed(2)} ms  p99 ${result.p99.toFixed(2)} ms${result.failed ? `  ${result.failed} FAILED` : ''}`);
		}
	}
	return Object.fromEntries(all.map((measure) => [measure.name, medians(measure.title, found.get(measure))]));
}

function medians(title, results) {
	const names = ['rate', 'p50', 'p99', 'cpu', 'cpuAll', 'memory'].filter((name) => results[0][name] !== undefined);
	return { title, ...Object.fromEntries(names.map((name) => [name, median(results.map((result) => result[name]))])) };
}

async function measureRest(database, bugd, token, wanted) {
	const rest = {};
	if (wanted('ready')) {
		say('How soon it is ready ...');
		const times = [];
		for (let n = 0; n < READY_STARTS; n++) times.push(await readyTime(database));
		rest.ready = median(times);
	}
	if (wanted('memory')) {
		say('Memory of idle connections ...');
		Object.assign(rest, await restingMemory(database, token));
	}
	if (wanted('bulk')) {
		say('Changes of 10,000 issues ...');
		Object.assign(rest, await bulkTime(database, bugd, token));
	}
	return rest;
}

/** What has a tracker of its own, one after the other. */
async function measureApart(rows, mib, wanted) {
	const rest = { rows, lines: [] };
	if (wanted('reports')) {
		say(`Reports over ${rows.toLocaleString('en')} issues ...`);
		rest.reports = await reportTimes(rows);
	}
	if (wanted('import') || wanted('export')) {
		say(`Imports and exports of ${rows.toLocaleString('en')} issues ...`);
		rest.lines.push(...await measureTransfers(rows, wanted, say));
	}
	if (wanted('upload')) {
		say(`Uploads of ${mib.toLocaleString('en')} MiB ...`);
		rest.lines.push(...await measureUploads(mib, say));
	}
	return rest;
}

/** Those that share a tracker with 100,000 issues. */
async function measureTogether(bindir, wanted, rounds, seconds) {
	say('Starting PostgreSQL with 100,000 issues, bugd and nginx ...');
	const database = await Database.create();
	const bugd = await Bugd.start(database.url);
	const logging = await Bugd.start(database.url, { LOG_LEVEL: 'info', LOG_FORMAT: 'json' });
	const second = await Bugd.start(database.url);
	const nginx = await Nginx.start();
	const before = { one: await Nginx.start([bugd]), two: await Nginx.start([bugd, second]) };
	const token = await bugd.login();
	const stage = { database, bindir, bugd, logging, nginx, before, token };

	const rest = await measureRest(database, bugd, token, wanted);
	const results = await measureAll(measures(stage).filter(({ name }) => wanted(name)), database, rounds, seconds);

	await Promise.all([before.one, before.two, bugd, second, logging, nginx].map((server) => server.stop()));
	await database.remove();
	return { rest, results };
}

async function main() {
	requireBinary();
	const seconds = setting('BENCH_SECONDS', 5);
	const rounds = setting('BENCH_ROUNDS', 3);
	const rows = setting('BENCH_ROWS', ROWS, 10_000_000);
	const mib = setting('BENCH_UPLOAD_MIB', UPLOAD_MIB, 100_000);
	const bindir = execFileSync(join(ROOT, 'scripts/postgres'), ['bindir'], { encoding: 'utf8' }).trim();
	const names = [...measures({ database: {}, bugd: {}, nginx: {}, before: {}, logging: {} }).map(({ name }) => name), ...REST];
	const only = chosen(names);
	const wanted = (name) => !only || only.includes(name);

	const together = names.some((name) => wanted(name) && !APART.includes(name));
	const { results, rest } = together ? await measureTogether(bindir, wanted, rounds, seconds) : { results: {}, rest: {} };
	Object.assign(rest, await measureApart(rows, mib, wanted));

	console.log(`${machine(bindir)} 64 connections unless said otherwise, ${seconds} s each, by turns, median of ${rounds}.\n`);
	console.log(goalTable(results, rest));
	if (Object.keys(results).length > 0) console.log(`\n${loadTable(results)}`);
}

main().catch((error) => {
	say(`make bench: ${error.message}`);
	process.exit(1);
});
