// The makers of load, wrk and pgbench, and what they found out.

import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT } from '../../test/support/env.js';
import { run, scratchFolder } from '../../test/support/process.js';

/** Answers beyond this share that are not 2xx make a measurement worthless. */
const TRACE = 0.001;

async function program(name, args, seconds, env = process.env) {
	const done = await run(name, args, { env, timeout: (seconds + 30) * 1000 });
	if (done.code !== 0) throw new Error(`${name} ${args.join(' ')}: exit ${done.code}\n${done.stderr}`);
	return done.stdout;
}

/**
 * Runs wrk on `url` with a script of test/bench/: { count, rate, p50, p99, failed }, times in milliseconds.
 * `args` are the script's.
 */
export async function wrk(url, { script = 'same', args = [], token, connections = 64, seconds }) {
	const header = token ? ['-H', `Authorization: Bearer ${token}`] : [];
	const output = await program('wrk', ['-t1', `-c${connections}`, `-d${seconds}s`, '--timeout', '10s', ...header,
		'-s', join(ROOT, `test/bench/${script}.lua`), url, '--', ...args.map(String)], seconds);
	const line = /^RESULT (.*)$/m.exec(output)?.[1];
	if (!line) throw new Error(`wrk said nothing of ${url}:\n${output}`);
	const { requests, us, p50, p99, ...errors } = JSON.parse(line);
	const failed = Object.values(errors).reduce((sum, n) => sum + n, 0);
	if (failed > requests * TRACE || requests === 0) {
		throw new Error(`${url}, ${script}.lua: ${failed} of ${requests} requests failed: ${JSON.stringify(errors)}`);
	}
	return { count: requests, rate: requests / us * 1e6, p50: p50 / 1000, p99: p99 / 1000, failed };
}

/** What bugd sets for each of its sessions and what would change the plans. */
const SESSION = { PGOPTIONS: '-c plan_cache_mode=force_generic_plan -c jit=off' };

/** Runs pgbench with 8 clients on a script: as for wrk. Every `sample`th transaction is timed for p50 and p99. */
export async function pgbench(bindir, url, { text, variables = {}, sample = 1, seconds }) {
	const folder = await mkdtemp(join(scratchFolder(), 'pgbench-'));
	const file = join(folder, 'script.sql');
	await writeFile(file, text);
	const defines = Object.entries(variables).flatMap(([name, value]) => ['-D', `${name}=${value}`]);
	const output = await program(join(bindir, 'pgbench'), ['-n', '-M', 'prepared', '-c', '8', '-j', '1', '-T', String(seconds), '-l',
		`--log-prefix=${folder}/log`, ...(sample > 1 ? [`--sampling-rate=${1 / sample}`] : []), ...defines, '-f', file, url],
	seconds, { ...process.env, ...SESSION });
	const found = (pattern) => Number(pattern.exec(output)?.[1]);
	const failed = found(/number of failed transactions: (\d+)/) || 0;
	const times = await transactionTimes(folder);
	await rm(folder, { recursive: true });
	return {
		count: found(/transactions actually processed: (\d+)/), rate: found(/tps = ([\d.]+) \(without/),
		p50: quantile(times, 0.5), p99: quantile(times, 0.99), failed,
	};
}

/** From pgbench's logs: the milliseconds of each transaction, in ascending order. */
async function transactionTimes(folder) {
	const names = (await readdir(folder)).filter((name) => name.startsWith('log'));
	const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')));
	return Float64Array.from(texts.join('').split('\n').filter(Boolean), (line) => Number(line.split(' ')[2]) / 1000).sort();
}

const quantile = (sorted, q) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))];
