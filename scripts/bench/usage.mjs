// What processes use, from /proc: CPU time and resident memory.

import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';

const TICKS = Number(execFileSync('getconf', ['CLK_TCK']));

/** { pid, parent, own, ended } of a process, times in seconds; `ended` is that of its children that are gone. */
function stat(pid) {
	let text;
	try {
		text = readFileSync(`/proc/${pid}/stat`, 'utf8');
	} catch {
		return null; // it ended meanwhile
	}
	// The name, in parentheses, may hold anything.
	const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
	const seconds = (from) => (Number(fields[from]) + Number(fields[from + 1])) / TICKS;
	return { pid, parent: Number(fields[1]), own: seconds(11), ended: seconds(13) };
}

/** The process and its children. */
function family(root) {
	const all = readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map((name) => stat(Number(name)));
	return all.filter((process) => process && (process.pid === root || process.parent === root));
}

/** CPU seconds that the process and its children, those that ended too, have used. */
export function cpuSeconds(root) {
	return family(root).reduce((sum, process) => sum + process.own + process.ended, 0);
}

/** Resident memory of the process and its children, in bytes. */
export function residentBytes(root) {
	return family(root).reduce((sum, { pid }) => sum + residentOf(pid), 0);
}

function residentOf(pid) {
	try {
		return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024;
	} catch {
		return 0;
	}
}

/** From here on peakBytes counts. */
export function resetPeak(pid) {
	writeFileSync(`/proc/${pid}/clear_refs`, '5');
}

/** The most resident memory of the process since resetPeak, in bytes. */
export function peakBytes(pid) {
	return Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) * 1024;
}
