// The charts of the reports in a real browser, in light and dark: each is a page by itself, and the browser has nothing to
// complain of. SCREENSHOTS=FOLDER keeps pictures of them.

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { chromium } from 'playwright-core';
import { ms } from '../support/env.js';
import { scratchFolder } from '../support/process.js';
import { login, useTracker } from '../support/tracker.js';

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
const FLAGS = [
  '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', '--disable-dev-shm-usage',
];
const CHARTS = [
  'velocity?project_id=WEB', 'velocity?project_id=WEB&days=1000', 'velocity?project_id=WEB&days=1', 'velocity?project_id=NONE&interval=week', 'latency?project_id=WEB',
  'latency?project_id=NONE', 'summary?project_id=WEB', 'summary?project_id=NONE', 'top-assignees?project_id=WEB', 'top-assignees?project_id=NONE',
  'burndown?project_id=WEB&until=2027-01-31', 'burndown?project_id=NONE',
];

describe('the charts in a browser', { skip: !existsSync(CHROMIUM) && `no ${CHROMIUM}` }, () => {
  const t = useTracker();
  let context;

  before(async () => {
    await t.project({ key: 'NONE', name: 'Nothing yet' });
    const { id } = await t.project({ key: 'WEB', name: 'Web <shop> & more' });
    for (let n = 0; n < 12; n++) {
      const issue = await t.issueIn(['open', 'in_progress', 'resolved', 'closed'][n % 4], { project_id: id, assignee_id: n % 3 ? t.ids.developer2 : null });
      if (n % 4 === 3) await t.change(issue, { status: 'open' }, t.developer2);
    }
    context = await chromium.launchPersistentContext(join(scratchFolder(), 'charts'), {
      executablePath: CHROMIUM, args: FLAGS, viewport: { width: 960, height: 620 }, extraHTTPHeaders: { authorization: `Bearer ${await login(t.anyone, 'manager')}` },
    });
    context.setDefaultTimeout(ms(60_000));
  });
  after(() => context?.close());

  test('one is as wide as the window when that is narrow, and whole', async () => {
    const page = await context.newPage();
    await page.setViewportSize({ width: 400, height: 620 });
    await page.goto(`http://127.0.0.1:${t.server.address.port}/api/v1/reports/velocity?project_id=WEB&format=svg`);
    const { width, height } = await page.evaluate(() => document.documentElement.getBoundingClientRect().toJSON());
    assert.equal(width, 400);
    assert.ok(height > 200 && height < 250, `${height}`);
    await page.close();
  });

  test('the bars of the summary are parts of the whole', async () => {
    const { body } = await t.manager.get('/api/v1/reports/summary?project_id=WEB');
    const svg = (await t.manager.get('/api/v1/reports/summary?project_id=WEB&format=svg')).text;
    const [track, open] = [...svg.matchAll(/<rect x="\S+" y="\S+" width="(\S+)" height="18.0"/g)].map(([, width]) => Number(width));
    assert.ok(Math.abs(open / track - body.status.open / body.total) < 0.01, `${open} of ${track}, ${JSON.stringify(body)}`);
  });

  for (const scheme of ['light', 'dark']) {
    test(`each is shown, in ${scheme}`, async () => {
      for (const path of CHARTS) {
        const page = await context.newPage();
        const complaints = [];
        page.on('pageerror', (error) => complaints.push(error.message));
        page.on('console', (message) => complaints.push(message.text()));
        await page.emulateMedia({ colorScheme: scheme });
        const r = await page.goto(`http://127.0.0.1:${t.server.address.port}/api/v1/reports/${path}&format=svg`);
        assert.equal(r.status(), 200, path);
        const seen = await page.evaluate(() => {
          const svg = document.documentElement;
          const box = svg.getBoundingClientRect();
          return {
            name: svg.localName, error: Boolean(document.querySelector('parsererror')), background: getComputedStyle(document.querySelector('.bg')).fill,
            outside: [...document.querySelectorAll('text')].filter((text) => {
              const { left, right, top, bottom } = text.getBoundingClientRect();
              return left < box.left || right > box.right || top < box.top || bottom > box.bottom;
            }).map((text) => text.textContent),
          };
        });
        assert.deepEqual(seen, { name: 'svg', error: false, background: scheme === 'light' ? 'rgb(255, 255, 255)' : 'rgb(18, 22, 28)', outside: [] }, path);
        if (process.env.SCREENSHOTS) await page.screenshot({ path: join(process.env.SCREENSHOTS, `chart-${path.replaceAll(/[^a-z0-9]+/gi, '-')}-${scheme}.png`) });
        await page.close();
        assert.deepEqual(complaints, [], path);
      }
    });
  }
});
