// PostgreSQL through the client program psql: setting up, and looking behind the server's back.

import { run } from './process.js';

/** Executes SQL and returns the output, without the last newline. Any error throws. */
export async function psql(url, sql) {
  const { code, stdout, stderr } = await run('psql', ['-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1', url], {
    input: sql,
    timeout: 120_000,
    env: { ...process.env, PGOPTIONS: '-c client_min_messages=warning' },
  });
  if (code !== 0) throw new Error(`psql: ${stderr.trim()}\n${sql}`);
  return stdout.replace(/\n$/, '');
}

/** The rows of a query, as objects. */
export async function rows(url, query) {
  return JSON.parse(await psql(url, `SELECT coalesce(json_agg(q), '[]') FROM (${query}) q;`));
}

/** `value` as an SQL literal. */
export const literal = (value) => `'${String(value).replaceAll("'", "''")}'`;

/** The same connection URL with another database. */
export function withDatabase(url, name) {
  const other = new URL(url);
  other.pathname = `/${name}`;
  return other.toString();
}
