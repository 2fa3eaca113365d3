// A session with types that were made of the document: what does not fit it does not compile.
//
//   node client.js URL EMAIL PASSWORD

import createClient from 'openapi-fetch';
import type { components, paths } from './schema.js';

declare const process: { argv: string[] };

type Issue = components['schemas']['Issue'];

const [, , baseUrl, email, password] = process.argv;

function must<T>(reply: { data?: T; error?: components['schemas']['Problem']; response: Response }): T {
  if (reply.data === undefined) throw new Error(`${reply.response.status} ${reply.error?.code}: ${reply.error?.detail}`);
  return reply.data;
}

const client = createClient<paths>({ baseUrl });
const tokens = must(await client.POST('/api/v1/auth/login', { body: { email, password } }));
client.use({
  onRequest({ request }) {
    request.headers.set('Authorization', `Bearer ${tokens.access_token}`);
    return request;
  },
});

must(await client.POST('/api/v1/projects', { body: { key: 'CLI', name: 'A client', status: 'active' } }));
const made: Issue = must(await client.POST('/api/v1/issues', { body: { project_id: 'CLI', title: 'From TypeScript', type: 'task' } }));

const changed = must(await client.PATCH('/api/v1/issues/{id}', {
  params: { path: { id: made.key } },
  body: { status: 'resolved', version: made.version },
}));

const stale = await client.PATCH('/api/v1/issues/{id}', {
  params: { path: { id: made.key } },
  body: { title: 'Too late', version: made.version },
});
if (stale.error?.code !== 'version_conflict') throw new Error('a stale version was taken');

const list = must(await client.GET('/api/v1/issues', {
  params: { query: { status: ['resolved', 'closed'], sort: ['-created_at'], fields: ['id', 'key', 'status'], size: 5 } },
}));
if (list.items.length !== 1 || list.items[0].id !== made.id || list.meta.total !== 1) throw new Error('the list is not right');

console.log(`done ${changed.key} ${changed.status}`);
