// The tables for the README.

import { execFileSync, spawnSync } from 'node:child_process';
import os from 'node:os';

/** What is aimed at: a ratio of requests/s of two measures, at least. */
const GOALS = [
	['health', 'nginx', '`/health` : nginx constant', 0.9],
	['issue', 'nginx', 'issue by id : nginx constant', 0.5],
	['issue', 'pgbench-select', 'issue by id : `pgbench -S -c 8`', 1],
	['issue-include', 'issue', 'issue with `include=comments,labels,attachments` : without', 0.5],
	['list', 'nginx', 'list of 20, `count=none` : nginx constant', 0.2],
	['create', 'pgbench-create', 'create : pgbench, same statement, 8 clients', 0.9],
	['patch', 'pgbench-patch', 'PATCH : pgbench, same statement, 8 clients', 0.9],
];

export const median = (values) => {
	const sorted = [...values].sort((a, b) => a - b);
	return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
};

const row = (cells) => `| ${cells.join(' | ')} |`;
const table = (head, align, rows) => [row(head), row(align), ...rows.map(row)].join('\n');
const number = (value, digits = 0) => value === undefined || Number.isNaN(value) ? '—'
	: value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
const MIB = 1024 * 1024;

/** `results` holds, by name, the medians { title, rate, p50, p99, cpu, cpuAll, memory } of what was measured. */
export function loadTable(results) {
	return table(['measure', 'requests/s', 'p50, ms', 'p99, ms', 'CPU s / 1,000', '… with PostgreSQL', 'memory, MiB'],
		['---', '--:', '--:', '--:', '--:', '--:', '--:'],
		Object.values(results).map((r) => [
			r.title, number(r.rate), number(r.p50, 2), number(r.p99, 2), number(r.cpu, 3), number(r.cpuAll, 3),
			number(r.memory && r.memory / MIB, 1),
		]));
}

/** The goals; `rest` holds { ready, idle, perConnection, connections } as far as it was measured. */
export function goalTable(results, rest) {
	const rows = GOALS.filter(([a, b]) => results[a] && results[b])
		.map(([a, b, title, goal]) => [title, `≥ ${number(goal, 2)}`, number(results[a].rate / results[b].rate, 2)]);
	if (rest.idle !== undefined) {
		rows.push(['resident memory, idle', '≤ 20 MiB', `${number(rest.idle / MIB, 1)} MiB`]);
		rows.push([`memory per idle keep-alive connection (${number(rest.connections)} of them)`, '≤ 8 KiB', `${number(rest.perConnection / 1024, 2)} KiB`]);
	}
	if (rest.ready !== undefined) rows.push(['ready after exec, database up and migrated', '≤ 100 ms', `${number(rest.ready, 1)} ms`]);
	if (rest.bulk !== undefined) {
		rows.push(['bulk-status of 10,000 issues', '≤ 1,000 ms', `${number(rest.bulk)} ms`]);
		rows.push(['… : the bare UPDATE of as many rows', '≤ 2.00', number(rest.bulk / rest.bare, 2)]);
		rows.push(['… until everybody was told of it', '', `${number(rest.told)} ms`]);
	}
	for (const { path, p50, p99 } of rest.reports ?? []) {
		rows.push([`report \`${path}\` over ${number(rest.rows)} issues, p99`, '≤ 500 ms', `${number(p99)} ms (p50 ${number(p50)} ms)`]);
	}
	rows.push(...rest.lines ?? []);
	const { 'behind-one': one, 'behind-two': two } = results;
	if (one && two) rows.push(['issue by id behind nginx: two processes : one', '', number(two.rate / one.rate, 2)]);
	if (results.search) rows.push(['p99 of a search, alone (100,000 issues, 300,000 comments)', '≤ 25 ms', `${number(results.search.p99, 1)} ms`]);
	const { issue, 'issue-storm': storm } = results;
	if (issue && storm) rows.push(['p99 of issue by id, during a storm of logins : without', '', `${number(storm.p99, 2)} ms : ${number(issue.p99, 2)} ms`]);
	return table(['measure', 'goal', 'measured'], ['---', '--:', '--:'], rows);
}

/** What it ran on, in a sentence. */
export function machine(bindir) {
	const version = (program, args) => {
		const { stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' });
		return /\d+\.\d+(\.\d+)?/.exec(`${stdout}${stderr}`)?.[0] ?? '?';
	};
	const cpus = os.cpus();
	const bugd = execFileSync(process.env.BUGD, ['version'], { encoding: 'utf8' }).split('\n')[0];
	return `Measured with ${bugd} on ${cpus.length} cores (${cpus[0].model.trim()}), ${number(os.totalmem() / 2 ** 30)} GiB, `
		+ `${os.type()} ${os.release()}, PostgreSQL ${version(`${bindir}/postgres`, ['--version'])}, nginx ${version('nginx', ['-v'])}, `
		+ `wrk ${version('wrk', ['--version'])}; clients, servers and PostgreSQL share the cores.`;
}
