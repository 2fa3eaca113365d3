// The line to PostgreSQL swallows what is sent, or is cut in the middle of an answer, under load.

import { after, before, describe, test } from 'node:test';
import { withServer } from '../support/bugd.js';
import { ms, sleep } from '../support/env.js';
import * as expect from '../support/expect.js';
import { Traffic } from '../support/load.js';
import { Proxy } from '../support/proxy.js';
import { Tracker } from '../support/tracker.js';

const REQUEST = 600;
const STATEMENT = 400;

describe('the line to the database', () => {
  const t = new Tracker();
  const how = {};
  // A line that lost something delivers nothing more: a stream has no holes.
  const lost = new WeakSet();
  const pass = (way) => (chunk, line) => {
    if (!lost.has(line) && how[way]?.(chunk, line) !== false) return true;
    lost.add(line);
    return false;
  };
  let proxy;
  before(async () => {
    await t.open();
    proxy = await Proxy.toDatabase({ ahead: pass('ahead'), back: pass('back') });
  });
  after(async () => {
    await t.close();
    await proxy?.stop();
  });

  const settings = () => ({
    DATABASE_URL: proxy.url(t.db.url), REQUEST_TIMEOUT: `${ms(REQUEST)}`, DB_STATEMENT_TIMEOUT: `${ms(STATEMENT)}`, DB_CONNECT_TIMEOUT: `${ms(500)}`,
  });

  async function underLoad(use) {
    await withServer(settings(), async (server) => {
      const traffic = await Traffic.start(t, server.anyone.as(t.developer.token));
      try {
        await use(traffic);
      } finally {
        how.ahead = how.back = undefined;
      }
      await traffic.back();
      await traffic.stop(REQUEST + 2000);
    });
  }

  for (const [what, ways] of Object.entries({ 'what goes to it': ['ahead'], 'its answers': ['back'], 'both ways': ['ahead', 'back'] })) {
    test(`swallows ${what}: 503 within the deadline`, () => underLoad(async (traffic) => {
      for (const way of ways) how[way] = () => false;
      await traffic.refused();
      await sleep(ms(REQUEST + 400));
    }));
  }

  test('swallows everything, and nothing else tells of it: /ready says 503, as it asks the database', () => withServer(settings(), async (server) => {
    how.ahead = () => false;
    try {
      expect.unavailable(await server.anyone.get('/ready'));
      expect.status(await server.anyone.get('/health'), 200);
    } finally {
      how.ahead = undefined;
    }
    await server.ready();
  }));

  test('swallows everything on one connection: the others go on', () => underLoad(async (traffic) => {
    const [black] = proxy.lines;
    how.ahead = how.back = (chunk, line) => line !== black;
    await sleep(ms(REQUEST));
    await traffic.flows();
  }));

  test('is cut in the middle of answers, again and again', () => underLoad(async (traffic) => {
    let answers = 0;
    how.back = (chunk, line) => {
      if (chunk.length < 40 || answers++ % 40 !== 39) return true;
      line.client.write(chunk.subarray(0, Math.floor(Math.random() * chunk.length)), line.cut);
      return false;
    };
    await sleep(1500);
    await traffic.flows();
  }));

  test('is cut on all connections at once', () => underLoad(async (traffic) => {
    for (let i = 0; i < 3; i++) {
      for (const line of proxy.lines) line.cut();
      await traffic.back();
    }
  }));
});
