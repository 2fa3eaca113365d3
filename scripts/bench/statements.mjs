// The scripts for pgbench that run bugd's own statements, with the arguments that bugd gives them. The texts
// and the types are those of the generated source, so that both sides always run the same.

import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { ROOT } from '../../test/support/env.js';

/** pgbench's variables have no NULL; a dash becomes one. */
const NOTHING = "nullif(:nothing, '-')";

/** No ids at all. */
const NO_IDS = "'{}'";

/** A UUID of the present time and the number :n, as bugd's UUIDv7 are, so that it goes where bugd's would. */
const UUID_V7 = "(lpad(to_hex((extract(epoch FROM clock_timestamp()) * 1000)::bigint), 12, '0') || '70008000' || lpad(to_hex(:n::bigint), 12, '0'))";

const id = (kind, number) => `('${kind}-0000-7000-8000-' || lpad(to_hex(${number}::bigint), 12, '0'))`;

export const CREATE = {
	statement: 'issue_create',
	sets: ['k :k + 1', 'n :k * 8 + :client_id', 'project random(1, 20)'],
	args: {
		viewer: ':viewer', role: ':role', everywhere: ':yes', only: NOTHING, id: UUID_V7, event_id: UUID_V7, project_id: id('0000b000', ':project'),
		project_key: NOTHING, title: ":k", description: ':description', type: ':type', priority: ':priority',
		creator_id: NOTHING, assignee_id: NOTHING, parent_id: NOTHING, milestone_id: NOTHING, due_date: NOTHING,
		label_ids: NO_IDS,
	},
	variables: (database) => ({ ...common(database), k: 1_000_000_000, type: 'bug', priority: 'high', description: 'Seen in version 7. Steps: open the page, wait, and look again.' }),
};

/** Each client has `count` issues of its own, from number `first` on, and changes one after another, round and round. */
export const PATCH = {
	statement: 'issue_update',
	sets: ['k :k + 1', 'n :k * 8 + :client_id', 'issue :first + :client_id * :count + :k % :count', 'version 1 + :k / :count'],
	args: {
		viewer: ':viewer', role: ':role', everywhere: ':yes', only: NOTHING, id: id('0000c000', ':issue'), key: NOTHING, event_id: UUID_V7,
		any_version: ':no', versions: 'ARRAY[:version::text]', beyond_own: ':no', title: ':version', description: NOTHING,
		type: NOTHING, status: NOTHING, priority: NOTHING, set_assignee: ':no', assignee_id: NOTHING, set_parent: ':no',
		parent_id: NOTHING, set_milestone: ':no', milestone_id: NOTHING, set_due_date: ':no', due_date: NOTHING, force: ':no',
		set_labels: ':no', label_ids: NO_IDS, add_labels: NO_IDS, remove_labels: NO_IDS,
	},
	variables: (database, first, count) => ({ ...common(database), k: -1, first, count, no: 'false' }),
};

const common = (database) => ({ viewer: database.viewer, role: 'manager', nothing: '-', yes: 'true' });

/** The text of a script for pgbench. */
export function pgbenchScript({ statement, sets, args }) {
	const { text, types } = generated(statement);
	const used = types.map(([name, type]) => {
		if (!(name in args)) throw new Error(`scripts/bench/statements.mjs does not know the argument ${name} of ${statement}`);
		return `${args[name]}::${type}`;
	});
	const body = text.replace(/\$(\d+)/g, (_, number) => used[number - 1]);
	return `${sets.map((set) => `\\set ${set}\n`).join('')}${body};\n`;
}

/** A statement's text, and its arguments as [name, type], out of BUILD/gen/statements.c. */
function generated(statement) {
	const source = readFileSync(resolve(ROOT, process.env.BUILD, 'gen/statements.c'), 'utf8');
	const table = new RegExp(`${statement}_arg_table\\[\\] = {\n(.*?)\n};`, 's').exec(source)?.[1];
	const literals = new RegExp(`statement_${statement} = {.*?\\.text =\n(.*?),\n};`, 's').exec(source)?.[1];
	if (!table || !literals) throw new Error(`${statement} is not found in the generated statements`);
	const types = [...table.matchAll(/{ "(\w+)", DB_(\w+),/g)].map(([, name, type]) => [name, type.toLowerCase().replace(/_array$/, '[]')]);
	const text = [...literals.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, literal]) => JSON.parse(`"${literal}"`)).join('');
	return { text, types };
}
