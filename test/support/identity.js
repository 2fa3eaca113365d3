// People and what they sign in with, for the tests of identity.

import assert from 'node:assert/strict';
import { bugd } from './bugd.js';
import { email } from './database.js';
import { PASSWORD } from './env.js';
import * as expect from './expect.js';
import { open } from './token.js';

export const LOGIN = '/api/v1/auth/login';
export const REFRESH = '/api/v1/auth/refresh';
export const LOGOUT = '/api/v1/auth/logout';
export const ME = '/api/v1/users/me';

/** Signs in: { client, access_token, refresh_token, session }. */
export async function signIn(anyone, address, password = PASSWORD, headers = {}) {
  const r = await anyone.post(LOGIN, { email: address, password }, { headers });
  const { access_token, refresh_token } = expect.status(r, 200).body;
  return { client: anyone.as(access_token), access_token, refresh_token, session: open(access_token).claims.sid };
}

export const signInAs = (t, person) => signIn(t.anyone, email(person));

let made = 0;

/** A new person of this role, made by the admin, and signed in: signIn's answer with { id, email }. */
export async function newcomer(t, role = 'reporter', client = t.admin) {
  made += 1;
  const address = `person${made}.${process.pid}@example.test`;
  const r = await client.post('/api/v1/users', { email: address, password: PASSWORD, name: `Person ${made}`, role });
  const { id } = expect.status(r, 201).body;
  return { id, email: address, ...(await signIn(t.anyone, address)) };
}

/** Takes a person's access away. */
export async function deactivate(t, id) {
  expect.status(await t.admin.patch(`/api/v1/users/${id}`, { is_active: false }), 200);
}

/** The id of somebody who was deactivated, whom nothing new may name. */
export async function formerUser(t) {
  const { id } = await newcomer(t);
  await deactivate(t, id);
  return id;
}

/** A personal access token: the answer's body and a client that uses it. */
export async function makeToken(t, client, scopes, more = {}) {
  const r = await client.post('/api/v1/users/me/tokens', { name: 'a token', scopes, ...more });
  const { body } = expect.status(r, 201);
  return { ...body, client: t.anyone.as(body.token) };
}

/** What `bugd permissions --json` prints. */
export async function permissions() {
  const done = await bugd(['permissions', '--json']);
  assert.equal(done.code, 0, done.stderr);
  return JSON.parse(done.stdout);
}

/** Every item of the log of security events that has these members. */
export async function events(t, query) {
  return expect.status(await t.admin.get(`/api/v1/audit?size=100&${query}`), 200).body.items;
}
