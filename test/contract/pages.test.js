// The pages in a real browser: they render, show every tag, authorise, and send a request by "Try it out"; none
// asks another host for anything. SCREENSHOTS=FOLDER keeps pictures of them.

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { chromium } from 'playwright-core';
import { ms } from '../support/env.js';
import { email } from '../support/database.js';
import { scratchFolder } from '../support/process.js';
import { login, useTracker } from '../support/tracker.js';
import { readDocument } from './document.js';

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
const FLAGS = [
  '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', '--disable-dev-shm-usage',
];

const lacking = process.env.DOCS === '0' ? 'DOCS=0' : !existsSync(CHROMIUM) && `no ${CHROMIUM}`;

describe('the pages in a browser', { skip: lacking }, () => {
  const t = useTracker();
  const tags = readDocument().tags.map((tag) => tag.name);
  let context;
  let origin;

  before(async () => {
    origin = `http://127.0.0.1:${t.server.address.port}`;
    context = await chromium.launchPersistentContext(join(scratchFolder(), 'browser'), {
      executablePath: CHROMIUM, args: FLAGS, viewport: { width: 1280, height: 1000 },
    });
    context.setDefaultTimeout(ms(60_000));
  });
  after(() => context?.close());

  async function picture(page, name) {
    if (process.env.SCREENSHOTS) await page.screenshot({ path: join(process.env.SCREENSHOTS, `${name.replaceAll('/', '_')}.png`) });
  }

  /** Opens a page, hands it to `use`, and fails when it asked another host, or complained. */
  async function visit(path, use) {
    const page = await context.newPage();
    const strangers = [];
    const complaints = [];
    page.on('request', (request) => {
      if (!/^(data|blob):/.test(request.url()) && new URL(request.url()).origin !== origin) strangers.push(request.url());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    try {
      await page.goto(origin + path);
      await use(page);
      await picture(page, path);
    } finally {
      await page.close();
    }
    assert.deepEqual(strangers, [], 'requests to another host');
    assert.deepEqual(complaints, []);
  }

  test('/ leads to the others', () => visit('/', async (page) => {
    await picture(page, 'home');
    await page.getByRole('link', { name: 'Documentation to try out' }).click();
    await page.locator('.swagger-ui .info').waitFor();
    assert.equal(new URL(page.url()).pathname, '/api/docs');
  }));

  test('none is wider than a narrow window', async () => {
    for (const [path, ready] of [['/', 'h1'], ['/api/docs', '.swagger-ui .opblock'], ['/api/redoc', '#redoc h1']]) {
      await visit(path, async (page) => {
        await page.setViewportSize({ width: 400, height: 800 });
        await page.locator(ready).first().waitFor();
        if (path === '/api/docs') {
          await page.locator('#operations-Issues-createIssue .opblock-summary-control').click();
          await page.locator('#operations-Issues-createIssue .responses-table').waitFor();
        }
        assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 400, path);
        await picture(page, `narrow${path}`);
      });
    }
  });

  test('the first page and Swagger UI are dark where the system is', async () => {
    for (const [path, ready] of [['/', 'h1'], ['/api/docs', '.swagger-ui .info']]) {
      for (const colorScheme of ['dark', 'light']) {
        await visit(path, async (page) => {
          await page.emulateMedia({ colorScheme });
          await page.locator(ready).first().waitFor();
          const light = await page.evaluate((at) => Math.max(...getComputedStyle(document.querySelector(at)).color.match(/\d+/g).slice(0, 3)) < 128, path === '/' ? 'h1' : '.swagger-ui .info .title');
          assert.equal(light, colorScheme === 'light', `${path} in ${colorScheme}`);
          await picture(page, `${colorScheme}${path}`);
        });
      }
    }
  });

  test('ReDoc shows every tag and operation', () => visit('/api/redoc', async (page) => {
    await page.getByRole('heading', { name: 'Create an issue' }).first().waitFor();
    const text = await page.locator('#redoc').innerText();
    for (const tag of tags) assert.ok(text.includes(tag), tag);
    for (const item of Object.values(readDocument().paths)) {
      for (const operation of Object.values(item)) assert.ok(text.includes(operation.summary), operation.summary);
    }
    await page.getByPlaceholder(/Search/).fill('restore');
    await page.locator('[data-role="search:results"]').getByText('Restore a deleted issue').first().waitFor();
  }));

  test('Swagger UI shows every tag and operation', () => visit('/api/docs', async (page) => {
    await page.locator('#operations-Issues-createIssue').waitFor();
    for (const tag of tags) assert.equal(await page.locator(`.opblock-tag[data-tag="${tag}"]`).count(), 1, tag);
    for (const item of Object.values(readDocument().paths)) {
      for (const { operationId, tags: [tag] } of Object.values(item)) {
        assert.equal(await page.locator(`#operations-${tag}-${operationId}`).count(), 1, operationId);
      }
    }
  }));

  test('"Try it out" without Authorize is answered 401', () => visit('/api/docs', async (page) => {
    const me = page.locator('#operations-People-getMe');
    await me.locator('.opblock-summary-control').click();
    await me.getByRole('button', { name: 'Try it out' }).click();
    await me.locator('.execute').click();
    await me.locator('.live-responses-table .response-col_status').getByText('401').waitFor();
  }).catch((error) => {
    // A browser itself complains of an answer that is an error.
    if (!/401/.test(error.message)) throw error;
  }));

  test('after Authorize, "Try it out" creates an issue', async () => {
    await t.project({ key: 'WEB', name: 'Web shop' });
    const token = await login(t.anyone, 'developer');
    await visit('/api/docs', async (page) => {
      await page.locator('.btn.authorize').click();
      await page.locator('.auth-container input').fill(token);
      await page.locator('.auth-btn-wrapper .authorize').click();
      await page.locator('.auth-btn-wrapper .btn-done').click();

      const create = page.locator('#operations-Issues-createIssue');
      await create.locator('.opblock-summary-control').click();
      await create.getByRole('button', { name: 'Try it out' }).click();
      await create.locator('.execute').click();
      await create.locator('.live-responses-table .response-col_status').getByText('201').waitFor();
      await create.locator('.live-responses-table').scrollIntoViewIfNeeded();
    });
    const { body } = await t.developer.get('/api/v1/issues?project_id=WEB');
    assert.equal(body.items.length, 1);
    assert.equal(body.items[0].title, 'Login fails with a long password');
    assert.equal(body.items[0].creator_id, t.ids.developer, email('developer'));
  });
});
