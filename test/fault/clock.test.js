// The clock of the day jumps by an hour, forwards and back, under load: deadlines do not care, tokens live by it, and
// nothing that is remembered lives longer for it.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { email } from '../support/database.js';
import { PASSWORD, ms, sleep } from '../support/env.js';
import * as expect from '../support/expect.js';
import { Faults, noFaults } from '../support/faults.js';
import { Traffic, holdCounters } from '../support/load.js';
import { Tracker, login } from '../support/tracker.js';

const HOUR = 3600;

describe('a clock that jumps', { skip: noFaults }, () => {
  const t = new Tracker();
  const REQUEST = 500;
  let faults;
  let server;
  before(async () => {
    await t.open();
    faults = new Faults();
    server = await faults.start({
      DATABASE_URL: t.db.url, REQUEST_TIMEOUT: `${ms(REQUEST)}`, DB_STATEMENT_TIMEOUT: `${ms(400)}`, ACCESS_TOKEN_TTL: '24h', IDLE_TIMEOUT: '30s',
    });
  });
  after(async () => {
    try {
      await server?.stop();
    } finally {
      faults?.close();
      await t.close();
    }
  });
  const pair = async () => expect.status(await server.anyone.post('/api/v1/auth/login', { email: email('developer'), password: PASSWORD }), 200).body;

  test('by an hour ahead, and back to the right time, under load: every answer is right', async () => {
    const traffic = await Traffic.start(t, server.anyone.as(await login(server.anyone, 'developer')));
    for (const jump of [HOUR, 0, HOUR, 0]) {
      faults.moveClock(jump);
      await sleep(150);
      await traffic.flows();
    }
    await traffic.back();
    await traffic.stop(REQUEST + 1500);
  });

  for (const jump of [HOUR, -HOUR]) {
    test(`by ${jump} s while requests wait: each gets its answer in its time`, async () => {
      const developer = server.anyone.as(await login(server.anyone, 'developer'));
      const project = await t.project();
      const lock = await holdCounters(t.db, project);
      try {
        const begin = performance.now();
        const waiting = Array.from({ length: 4 }, () => developer.post('/api/v1/issues', { project_id: project.id, title: 'x' }));
        await sleep(100);
        faults.moveClock(jump);
        for (const answer of waiting) expect.unavailable(await answer);
        const took = performance.now() - begin;
        assert.ok(took > 300 && took < ms(REQUEST + 1500), `it took ${took} ms`);
      } finally {
        faults.moveClock(0);
        await lock.release();
      }
      expect.status(await developer.post('/api/v1/issues', { project_id: project.id, title: 'x' }), 201);
    });
  }

  test('back by an hour: tokens of the future are refused until one signs in again, sessions can be refreshed', async () => {
    const { access_token, refresh_token } = await pair();
    try {
      faults.moveClock(-HOUR);
      expect.unauthenticated(await server.anyone.as(access_token).get('/api/v1/users/me'));
      const { body } = expect.status(await server.anyone.post('/api/v1/auth/refresh', { refresh_token }), 200);
      expect.status(await server.anyone.as(body.access_token).get('/api/v1/users/me'), 200);
      expect.status(await server.anyone.as((await pair()).access_token).get('/api/v1/users/me'), 200);
    } finally {
      faults.moveClock(0);
    }
  });

  test('ahead by two days: tokens have expired, and sessions can be refreshed', async () => {
    const { access_token, refresh_token } = await pair();
    try {
      faults.moveClock(48 * HOUR);
      expect.unauthenticated(await server.anyone.as(access_token).get('/api/v1/users/me'));
      const { body } = expect.status(await server.anyone.post('/api/v1/auth/refresh', { refresh_token }), 200);
      expect.status(await server.anyone.as(body.access_token).get('/api/v1/users/me'), 200);
    } finally {
      faults.moveClock(0);
    }
  });

  test('in no direction are connections cut, or ids made twice', async () => {
    const developer = server.anyone.as(await login(server.anyone, 'developer'));
    const project = await t.project();
    const ids = new Set();
    for (const jump of [0, HOUR, 0]) {
      faults.moveClock(jump);
      for (let i = 0; i < 20; i++) ids.add(expect.status(await developer.post('/api/v1/issues', { project_id: project.id, title: 'x' }), 201).body.id);
    }
    assert.equal(ids.size, 60);
    const walked = await developer.walk(`/api/v1/issues?project_id=${project.id}&size=7`);
    assert.deepEqual(new Set(walked.map(({ id }) => id)), ids);
  });
});
