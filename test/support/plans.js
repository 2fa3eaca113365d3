// How PostgreSQL ran what the server sent: plans that auto_explain writes into its log.

import { eventually } from './env.js';
import { useTrackerOnCluster } from './tracker.js';

const SETTINGS = {
  session_preload_libraries: 'auto_explain', 'auto_explain.log_min_duration': '0', 'auto_explain.log_format': 'json',
  'auto_explain.log_analyze': 'on', 'auto_explain.log_timing': 'off', jit: 'off', autovacuum: 'off',
};

/** A tracker (see tracker.js) whose PostgreSQL logs each plan, with these settings besides. */
export function useTrackerWithPlans(settings = {}) {
  return useTrackerOnCluster({ ...SETTINGS, ...settings });
}

/** All plans so far: { 'Query Text', Plan }. */
export async function plans(t) {
  const log = await t.cluster.log();
  return [...log.matchAll(/ plan:\n((?:\t.*\n)+)/g)].map(([, text]) => JSON.parse(text.replace(/^\t/gm, '')));
}

/** The plans that look at the table, of what `requests` sends; it answers how many there must be, which are waited for. */
export async function plansOf(t, table, requests) {
  const earlier = (await plans(t)).length;
  const least = await requests();
  return eventually('PostgreSQL has logged the plans', async () => {
    const list = (await plans(t)).slice(earlier).filter((plan) => reads(plan, table));
    return list.length >= least && list;
  });
}

/** The nodes of a plan, from the top. */
export function nodes(plan) {
  const below = (node) => [node, ...(node.Plans ?? []).flatMap(below)];
  return below(plan.Plan);
}

function reads(plan, table) {
  return nodes(plan).some((node) => node['Relation Name'] === table);
}

/** The tables that a plan scans from end to end. */
export function scanned(plan) {
  return nodes(plan).filter((node) => node['Node Type'] === 'Seq Scan').map((node) => node['Relation Name']);
}

/** How many entries of tables or indexes a node looked at. */
export function looked(node) {
  return (node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0)) * node['Actual Loops'];
}
