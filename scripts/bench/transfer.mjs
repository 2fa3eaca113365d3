// Imports and exports against psql's \copy of the same rows, over a tracker that has little else (test/bench/transfer.sql).

import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { join } from 'node:path';
import { sleep } from '../../test/support/env.js';
import { run, scratchFolder } from '../../test/support/process.js';
import { wrk } from './load.mjs';
import { median } from './report.mjs';
import { Bugd, Database } from './servers.mjs';
import { peakBytes, resetPeak, residentBytes } from './usage.mjs';

const ROUNDS = 3;
const POLL_MS = 50;
/** One measurement of reads while an import runs. */
const READ_SECONDS = 2;
const READ = { script: 'read', args: ['/api/v1/issues/0000c000-0000-7000-8000-{n}', 1000] };
const PROJECT = '0000b000-0000-7000-8000-000000000001';

const DESCRIPTION = 'Seen in the newest version. Steps: open the page; wait for the list; look again; compare all of it...';
const TYPES = ['bug', 'feature', 'improvement', 'task', 'epic'];
const STATUSES = ['open', 'in_progress', 'resolved', 'closed'];
const PRIORITIES = ['low', 'medium', 'high', 'critical'];

const row = (n) => `Issue ${n}: the page is not what was expected,${DESCRIPTION},${TYPES[n % 5]},${PRIORITIES[n % 4]},`
	+ `${STATUSES[(n >> 2) % 4]},user${1 + n % 200}@example.org,label ${n % 10};label ${(n * 3 + 1) % 10}\n`;

function* pieces(rows) {
	yield 'title,description,type,priority,status,assignee,labels\n';
	for (let first = 0; first < rows; first += 1000) {
		let text = '';
		for (let n = first; n < Math.min(first + 1000, rows); n++) text += row(n);
		yield text;
	}
}

/** The rows to be imported, as a file. */
export async function writeRows(rows) {
	const file = join(scratchFolder(), 'issues.csv');
	await pipeline(pieces(rows), createWriteStream(file));
	return file;
}

/** Milliseconds that a program takes, which must succeed; and what it said. */
export async function timed(program, args) {
	const started = performance.now();
	const done = await run(program, args, { timeout: 3_600_000 });
	if (done.code !== 0) throw new Error(`${program} ${args.join(' ').slice(0, 500)}: exit ${done.code}\n${done.stderr}`);
	return { time: performance.now() - started, said: done.stdout };
}

const curl = (token, args) => timed('curl', ['-sS', '--fail-with-body', '-H', `Authorization: Bearer ${token}`, ...args]);

/** What `work` answers, and by how many bytes the server's memory grew at most meanwhile, as its `memory`. */
export async function withMemory(server, work) {
	const before = residentBytes(server.pid);
	resetPeak(server.pid);
	const result = await work();
	return { ...result, memory: peakBytes(server.pid) - before };
}

/** One import, from the first byte until the job has succeeded. */
async function importOnce(stage) {
	const { bugd, token, file, rows } = stage;
	const started = performance.now();
	const { said } = await curl(token, ['-H', 'Prefer: respond-async', '-F', 'project_id=WEB', '-F', `file=@${file}`, `${bugd.url}/api/v1/issues/import`]);
	const job = `${bugd.url}/api/v1/jobs/${JSON.parse(said).id}`;
	for (;;) {
		const answer = await (await fetch(job, { headers: { Authorization: `Bearer ${token}` } })).json();
		if (answer.state === 'succeeded' && answer.created_count === rows) return { time: performance.now() - started };
		if (answer.state !== 'running') throw bugd.fail(`the import ended as ${JSON.stringify(answer)}`);
		await sleep(POLL_MS);
	}
}

/** Until all that was imported is found by the search. */
async function searchable({ database }) {
	const started = performance.now();
	while (Number(await database.exec('SELECT count(*) FROM search_due;')) > 0) await sleep(POLL_MS);
	return performance.now() - started;
}

/** The columns that can be written, in their order. */
const columnsOf = (database) => database.exec(`SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute
	WHERE attrelid = 'issues'::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = '';`);

const psql = (database, command) => timed('psql', ['-X', '-q', '-v', 'ON_ERROR_STOP=1', '-c', command, database.urlOf('postgres')]);

/** The rows that the import has made, into a copy of the table without keys to others. */
class BareCopy {
	static async create(stage) {
		const bare = new BareCopy();
		bare.database = stage.database;
		bare.file = join(scratchFolder(), 'bare.csv');
		bare.columns = await columnsOf(stage.database);
		await psql(stage.database, `\\copy (SELECT ${bare.columns} FROM issues WHERE project_id = '${PROJECT}' ORDER BY number) TO '${bare.file}' (FORMAT csv)`);
		await stage.database.exec('CREATE TABLE bare (LIKE issues INCLUDING ALL);');
		return bare;
	}

	async copyOnce() {
		await this.database.exec('TRUNCATE bare;');
		await this.database.exec('CHECKPOINT;');
		return psql(this.database, `\\copy bare (${this.columns}) FROM '${this.file}' (FORMAT csv)`);
	}
}

async function reset({ database }) {
	await database.exec('SELECT bench_reset();');
	await database.exec('CHECKPOINT;');
}

/** Reads by turns of READ_SECONDS, until the import that runs meanwhile has ended; the turn in which it does not count. */
async function readsMeanwhile(stage) {
	const { bugd, token } = stage;
	const reads = [];
	let over = false;
	const importing = importOnce(stage).finally(() => { over = true; });
	while (!over) {
		const result = await wrk(bugd.url, { ...READ, token, seconds: READ_SECONDS });
		if (!over) reads.push(result);
	}
	await importing;
	await searchable(stage);
	return reads;
}

async function measureReads(stage) {
	const { bugd, token } = stage;
	const alone = [];
	await wrk(bugd.url, { ...READ, token, seconds: 1 });
	for (let round = 0; round < ROUNDS; round++) alone.push(await wrk(bugd.url, { ...READ, token, seconds: READ_SECONDS }));
	await reset(stage);
	const meanwhile = await readsMeanwhile(stage);
	if (meanwhile.length === 0) return []; // so few rows that it was over at once
	const rate = (results) => median(results.map((result) => result.rate));
	return [
		['issue by id while an import runs : without', '≥ 0.50', (rate(meanwhile) / rate(alone)).toFixed(2)],
		['… p99', '≤ 20 ms', `${median(meanwhile.map(({ p99 }) => p99)).toFixed(1)} ms (alone ${median(alone.map(({ p99 }) => p99)).toFixed(1)} ms)`],
	];
}

const MIB = 1024 * 1024;
const perSecond = (rows, time) => Math.round(rows / time * 1000).toLocaleString('en');
export const growth = (results) => `${(Math.max(...results.map(({ memory }) => memory)) / MIB).toFixed(1)} MiB`;
export const middle = (results) => median(results.map(({ time }) => time));

async function measureImport(stage) {
	const imports = [];
	const copies = [];
	const later = [];
	let bare;
	for (let round = 0; round < ROUNDS; round++) {
		await reset(stage);
		imports.push(await withMemory(stage.bugd, () => importOnce(stage)));
		later.push(await searchable(stage));
		bare ??= await BareCopy.create(stage);
		copies.push(await bare.copyOnce());
		stage.say(`  import ${(imports.at(-1).time / 1000).toFixed(1)} s, \\copy ${(copies.at(-1).time / 1000).toFixed(1)} s`);
	}
	await stage.database.exec('DROP TABLE bare;');
	await rm(bare.file);
	const rows = stage.rows.toLocaleString('en');
	return [
		[`import of ${rows} rows : \`psql \\copy\` into a bare copy of the table`, '≥ 0.30',
			`${(middle(copies) / middle(imports)).toFixed(2)} (${perSecond(stage.rows, middle(imports))} : ${perSecond(stage.rows, middle(copies))} rows/s)`],
		['… from its end until all of it is found by the search', '', `${(median(later) / 1000).toFixed(1)} s`],
		['… memory that it takes', '≤ 32 MiB', growth(imports)],
	];
}

async function exportOnce({ bugd, token, rows }, format) {
	const done = await curl(token, ['-o', '/dev/null', '-w', '%{size_download}', `${bugd.url}/api/v1/issues/export?project_id=WEB&format=${format}`]);
	if (Number(done.said) < rows * 200) throw bugd.fail(`the export of ${rows} rows had ${done.said} bytes`);
	return done;
}

/** The same columns, as they lie in the table. */
const COPY_OUT = `\\copy (SELECT key, project_id, title, description, type, status, priority, assignee_id, label_ids, due_date, NULL,
	created_at, updated_at FROM issues WHERE project_id = '${PROJECT}' AND deleted_at IS NULL) TO '/dev/null' (FORMAT csv)`.replace(/\s+/g, ' ');

async function measureExport(stage) {
	const found = { csv: [], ndjson: [], copy: [] };
	await stage.database.exec('VACUUM (ANALYZE) issues;');
	await exportOnce(stage, 'csv');
	for (let round = 0; round < ROUNDS; round++) {
		for (const format of ['csv', 'ndjson']) found[format].push(await withMemory(stage.bugd, () => exportOnce(stage, format)));
		found.copy.push(await psql(stage.database, COPY_OUT));
		stage.say(`  export ${Object.values(found).map((results) => `${(results.at(-1).time / 1000).toFixed(1)} s`).join(', ')}`);
	}
	const copy = middle(found.copy);
	const line = (format) => `${(copy / middle(found[format])).toFixed(2)} (${perSecond(stage.rows, middle(found[format]))} : ${perSecond(stage.rows, copy)} rows/s)`;
	return [
		[`export of ${stage.rows.toLocaleString('en')} rows as CSV : \`psql \\copy (SELECT …) TO\``, '≥ 0.50', line('csv')],
		['… as NDJSON', '', line('ndjson')],
		['… memory that it takes', 'flat', growth([...found.csv, ...found.ndjson])],
	];
}

/** Lines of the table of goals: [title, goal, measured]. `wanted` says which of import and export. */
export async function measureTransfers(rows, wanted, say) {
	const database = await Database.create('transfer.sql');
	const bugd = await Bugd.start(database.url, { MAX_IMPORT_BYTES: '4GiB' });
	const stage = { database, bugd, rows, say, token: await bugd.login(), file: await writeRows(rows) };
	const lines = [];
	if (wanted('import')) lines.push(...await measureImport(stage));
	else await importOnce(stage);
	if (wanted('export')) lines.push(...await measureExport(stage));
	if (wanted('import')) lines.push(...await measureReads(stage));
	await bugd.stop();
	await rm(stage.file);
	await database.remove();
	return lines;
}
