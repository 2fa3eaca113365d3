// Reports over a tracker with a past (test/bench/history.sql), one after the other, nobody else being there.

import { Bugd, Database } from './servers.mjs';

const ROUNDS = 30;
const REPORTS = [
	'top-assignees', 'latency', 'latency?days=1000', 'velocity', 'velocity?days=366&time_zone=Asia/Kolkata', 'velocity?days=1000&interval=week',
	'summary', 'burndown?project_id=PRJ7&days=366', 'velocity?project_id=PRJ7&days=366',
];

/** [{ path, p50, p99 }], milliseconds; the worst of so few rounds stands for the p99. */
export async function reportTimes(issues) {
	const database = await Database.create('history.sql', { issues });
	const bugd = await Bugd.start(database.url);
	const headers = { Authorization: `Bearer ${await bugd.login()}` };
	const results = [];
	for (const path of REPORTS) {
		const times = [];
		for (let round = -2; round < ROUNDS; round++) {
			const started = performance.now();
			const answer = await fetch(`${bugd.url}/api/v1/reports/${path}`, { headers });
			const text = await answer.text();
			if (answer.status !== 200) throw bugd.fail(`${path} was answered by ${answer.status} ${text.slice(0, 300)}`);
			if (round >= 0) times.push(performance.now() - started);
		}
		times.sort((a, b) => a - b);
		results.push({ path, p50: times[ROUNDS / 2], p99: times.at(-1) });
	}
	await bugd.stop();
	await database.remove();
	return results;
}
