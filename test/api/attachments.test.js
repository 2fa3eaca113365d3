// Files of issues: what comes back, in whole and in part, and what is refused.

import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { uploadDir } from '../support/bugd.js';
import { eventually, ms } from '../support/env.js';
import * as expect from '../support/expect.js';
import { attach, form } from '../support/form.js';
import { RawConnection } from '../support/raw.js';
import { useTracker } from '../support/tracker.js';

const V1 = '/api/v1';
const PNG = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');

describe('attachments', () => {
  const t = useTracker({ MAX_ATTACHMENT_BYTES: '1MiB' });
  const content = (id, client = t.reporter, options = {}) => client.get(`${V1}/attachments/${id}/content`, options);
  const files = () => readdirSync(uploadDir(t.db.url), { recursive: true, withFileTypes: true }).filter((each) => each.isFile() && each.name !== 'owner').map((each) => each.name);
  const arriving = () => readdirSync(join(uploadDir(t.db.url), 'incoming'));
  const made = async (file, client = t.reporter) => expect.status(await attach(client, (await t.issue()).id, file), 201).body;

  test('what was attached comes back byte by byte, with its name, type and SHA-256', async () => {
    const issue = await t.issue();
    const r = expect.status(await attach(t.reporter, issue.key.toLowerCase(), { filename: 'shot.png', type: 'image/png', data: PNG }), 201);
    const { id, created_at, ...rest } = r.body;
    assert.deepEqual(rest, {
      issue_id: issue.id, uploader_id: t.ids.reporter, filename: 'shot.png', content_type: 'image/png', size: PNG.length, sha256: createHash('sha256').update(PNG).digest('hex'),
    });
    assert.equal(r.headers.location, `${V1}/attachments/${id}`);
    const back = expect.status(await content(id), 200);
    assert.deepEqual(back.bytes, PNG);
    assert.equal(back.headers['content-type'], 'image/png');
    assert.equal(back.headers['content-disposition'], 'attachment; filename="shot.png"');
    assert.equal(back.headers['x-content-type-options'], 'nosniff');
    assert.equal(back.headers.etag, `"${rest.sha256}"`);
    assert.equal(back.headers['accept-ranges'], 'bytes');
    assert.deepEqual(expect.status(await t.reporter.get(`${V1}/attachments/${id}`), 200).body, r.body);
    const list = expect.status(await t.reporter.get(`${V1}/issues/${issue.key}/attachments`), 200).body;
    assert.deepEqual(list.items, [r.body]);
    assert.equal(list.meta.total, 1);
  });

  test('every size around the buffers comes back as it was', async () => {
    for (const size of [1, 131071, 131072, 131073, 262144, 300000, 1048576]) {
      const data = randomBytes(Math.ceil(size / 2)).toString('hex').slice(0, size);
      const { id } = await made({ data });
      assert.equal((await content(id)).text, data, `${size}`);
    }
  });

  test('names are kept, and paths in front of them are not', async () => {
    const names = {
      '../../etc/passwd': 'passwd', 'C:\\temp\\a.txt': 'a.txt', 'äöü €.txt': 'äöü €.txt', '%22quoted%22.txt': '"quoted".txt', 'a;b.txt': 'a;b.txt', '50%25.txt': '50%25.txt',
    };
    for (const [sent, kept] of Object.entries(names)) {
      const { id, filename } = await made({ filename: sent });
      assert.equal(filename, kept);
      const { headers } = await content(id);
      assert.match(headers['content-disposition'], /^attachment; filename="[ -~]*"/);
      if (/[^ -~]|["%\\]/.test(kept)) assert.ok(headers['content-disposition'].endsWith(`; filename*=UTF-8''${encodeURIComponent(kept)}`), headers['content-disposition']);
    }
    assert.ok(files().every((name) => /^[0-9a-f-]{36}$/.test(name)));
  });

  test('names that are none are refused', async () => {
    const issue = await t.issue();
    const refused = async (filename, code) => assert.deepEqual(expect.problem(await attach(t.reporter, issue.id, { filename }), 422, 'validation_failed').body.errors.map((e) => [e.field, e.code]), [['file', code]]);
    await refused('a'.repeat(5000), 'filename_too_long');
    await refused('', 'filename_required');
    await refused('..', 'filename_required');
    await refused('a/', 'filename_required');
    await refused('a%0d%0ab', 'filename_invalid');
    await refused('a\u202Egpj.exe', 'filename_invalid');
    expect.problem(await attach(t.reporter, issue.id, { filename: 'a\0b' }), 400, 'bad_request');
    expect.problem(await attach(t.reporter, issue.id, { filename: 'a\nb' }), 400, 'bad_request');
  });

  test('what is no form with one file is refused, and nothing is left', async () => {
    const issue = await t.issue();
    const send = (body, headers) => t.reporter.post(`${V1}/issues/${issue.id}/attachments`, body, { headers });
    const fields = async (parts, expected) => {
      const { body, headers } = form(...parts);
      assert.deepEqual(expect.problem(await send(body, headers), 422, 'validation_failed').body.errors.map((e) => [e.field, e.code]), expected);
    };
    const file = { filename: 'a.txt', data: 'hello' };
    await fields([], [['file', 'required']]);
    await fields([{ ...file, data: '' }], [['file', 'empty']]);
    await fields([file, file], [['file', 'too_many']]);
    await fields([{ ...file, name: 'upload' }], [['upload', 'unknown_field']]);
    await fields([{ name: 'comment', data: 'x' }, file], [['comment', 'unknown_field']]);
    await fields([{ name: 'file', data: 'x' }], [['file', 'filename_required']]);
    const { body, headers } = form(file);
    expect.problem(await send(body, { 'Content-Type': 'multipart/form-data; boundary=another' }), 400, 'bad_request');
    expect.problem(await send(body, { 'Content-Type': 'multipart/form-data' }), 400, 'bad_request');
    assert.equal(expect.problem(await send('{}', {}), 415, 'unsupported_media_type').headers['accept-post'], 'multipart/form-data');
    expect.problem(await send(body.subarray(0, body.length - 10), headers), 400, 'bad_request');
    expect.problem(await send(form({ head: 'Content-Disposition: form-data; name="file"; filename*=UTF-8\'\'a' }).body, headers), 400, 'bad_request');
    await eventually('nothing is left of it', () => arriving().length === 0);
    assert.equal((await t.reporter.get(`${V1}/issues/${issue.id}/attachments`)).body.meta.total, 0);
  });

  test('one byte over the limit is refused, announced or not', async () => {
    const issue = await t.issue();
    expect.problem(await attach(t.reporter, issue.id, { data: 'x'.repeat(1048577) }), 413, 'body_too_large');
    expect.problem(await attach(t.reporter, issue.id, { data: 'x'.repeat(3000000) }), 413, 'body_too_large');
    const { body, headers } = form({ filename: 'a.txt', data: 'x'.repeat(1048577) });
    const connection = await RawConnection.open(t.server.address);
    await connection.send(`POST ${V1}/issues/${issue.id}/attachments HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${t.reporter.token}\r\nContent-Type: ${headers['Content-Type']}\r\nTransfer-Encoding: chunked\r\n\r\n`);
    await connection.send(Buffer.concat([Buffer.from(`${body.length.toString(16)}\r\n`), body, Buffer.from('\r\n0\r\n\r\n')]));
    assert.equal((await connection.response()).status, 413);
    connection.close();
    await eventually('nothing is left of it', () => arriving().length === 0);
  });

  test('types go by content, against the list and against what was declared', async () => {
    const issue = await t.issue();
    const html = '<!DOCTYPE html><html><body><script>alert(1)</script></body></html>';
    const svg = '<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script/></svg>';
    expect.problem(await attach(t.reporter, issue.id, { filename: 'a.png', type: 'image/png', data: html }), 415, 'file_type_not_allowed');
    expect.problem(await attach(t.reporter, issue.id, { filename: 'a.svg', type: 'image/svg+xml', data: svg }), 415, 'file_type_not_allowed');
    expect.problem(await attach(t.reporter, issue.id, { filename: 'a.pdf', type: 'application/pdf', data: PNG }), 422, 'file_type_mismatch');
    expect.problem(await attach(t.reporter, issue.id, { filename: 'a.png', type: 'image/png', data: 'only text' }), 422, 'file_type_mismatch');
    assert.equal((await made({ filename: 'a.png', data: PNG })).content_type, 'image/png');
    assert.equal((await made({ filename: 'a.md', type: 'text/markdown; charset=utf-8', data: '# Title' })).content_type, 'text/plain');
  });

  test('an issue that is deleted or foreign takes none and shows none', async () => {
    const hidden = await t.project({ visibility: 'private' });
    const issue = expect.status(await t.manager.post(`${V1}/issues`, { project_id: hidden.id, title: 'x' }), 201).body;
    const { id } = expect.status(await attach(t.manager, issue.id), 201).body;
    for (const r of [await attach(t.reporter, issue.id), await attach(t.reporter, 'NO-1'), await content(id), await t.reporter.get(`${V1}/attachments/${id}`),
      await t.reporter.delete(`${V1}/attachments/${id}`), await t.reporter.get(`${V1}/issues/${issue.key}/attachments`), await content('nothing')]) expect.problem(r, 404, 'not_found');
    expect.status(await t.manager.delete(`${V1}/issues/${issue.id}`), 204);
    expect.problem(await content(id, t.manager), 404, 'not_found');
    expect.problem(await attach(t.manager, issue.id), 404, 'not_found');
    expect.status(await t.manager.post(`${V1}/issues/${issue.id}/restore`), 200);
    expect.status(await content(id, t.manager), 200);
  });

  test('one removes what is one\'s own, and managers remove any; the history keeps both', async () => {
    const issue = await t.issue();
    const mine = expect.status(await attach(t.reporter, issue.id), 201).body;
    const other = expect.status(await attach(t.reporter, issue.id, { filename: 'other.txt' }), 201).body;
    expect.problem(await t.reporter2.delete(`${V1}/attachments/${mine.id}`), 403, 'forbidden');
    expect.problem(await t.developer2.delete(`${V1}/attachments/${mine.id}`), 403, 'forbidden');
    expect.status(await t.reporter.delete(`${V1}/attachments/${mine.id}`), 204);
    expect.status(await t.manager.delete(`${V1}/attachments/${other.id}`), 204);
    expect.problem(await content(mine.id), 404, 'not_found');
    const events = await t.db.rows(`SELECT type, version, changes FROM issue_events WHERE issue_id = '${issue.id}' AND type = 'attached' ORDER BY id`);
    assert.deepEqual(events.map((e) => [e.version, e.changes.filename]), [
      [1, { from: null, to: 'notes.txt' }], [1, { from: null, to: 'other.txt' }], [1, { from: 'notes.txt', to: null }], [1, { from: 'other.txt', to: null }],
    ]);
    assert.equal(expect.status(await t.reporter.get(`${V1}/issues/${issue.id}`), 200).body.version, 1);
  });

  test('a part of a file', async () => {
    const { id, sha256 } = await made({ data: '0123456789' });
    const range = async (Range, status, text, more = {}) => {
      const r = await content(id, t.reporter, { headers: { Range, ...more } });
      if (status === 416) {
        expect.problem(r, 416, 'range_not_satisfiable');
        assert.equal(r.headers['content-range'], 'bytes */10');
        return;
      }
      expect.status(r, status);
      assert.equal(r.text, text, Range);
      const first = '0123456789'.indexOf(text);
      assert.equal(r.headers['content-range'], status === 206 ? `bytes ${first}-${first + text.length - 1}/10` : undefined);
    };
    await range('bytes=0-0', 206, '0');
    await range('bytes=2-4', 206, '234');
    await range('BYTES=5-', 206, '56789');
    await range('bytes=-3', 206, '789');
    await range('bytes=-300', 206, '0123456789');
    await range('bytes=8-99999999999999999999999', 206, '89');
    await range('bytes=10-', 416);
    await range('bytes=99999999999999999999999-', 416);
    await range('bytes=-0', 416);
    for (const whole of ['bytes=0-1,4-5', 'bytes=5-4', 'bytes=a-b', 'bytes=', 'bytes=-', 'lines=0-1', 'bytes=1', 'nonsense']) await range(whole, 200, '0123456789');
    await range('bytes=2-4', 206, '234', { 'If-Range': `"${sha256}"` });
    await range('bytes=2-4', 200, '0123456789', { 'If-Range': '"another"' });
    await range('bytes=2-4', 200, '0123456789', { 'If-Range': `W/"${sha256}"` });
    await range('bytes=2-4', 200, '0123456789', { 'If-Range': 'Sat, 21 Nov 2026 00:00:00 GMT' });
  });

  test('a client that has the file gets 304, and HEAD gets the head', async () => {
    const { id, sha256, size } = await made({ data: 'x'.repeat(200000) });
    const same = await content(id, t.reporter, { headers: { 'If-None-Match': `"other", "${sha256}"` } });
    assert.equal(expect.status(same, 304).bytes.length, 0);
    const head = expect.status(await t.reporter.head(`${V1}/attachments/${id}/content`, { headers: { Range: 'bytes=0-1' } }), 200);
    assert.equal(head.headers['content-length'], String(size));
    assert.equal(head.bytes.length, 0);
  });

  test('a client that leaves in the middle leaves nothing', async () => {
    const issue = await t.issue();
    const { body, headers } = form({ filename: 'a.txt', data: 'x'.repeat(800000) });
    const connection = await RawConnection.open(t.server.address);
    await connection.send(`POST ${V1}/issues/${issue.id}/attachments HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${t.reporter.token}\r\nContent-Type: ${headers['Content-Type']}\r\nContent-Length: ${body.length}\r\n\r\n`);
    await connection.send(body.subarray(0, 500000));
    await eventually('some of it is there', () => arriving().length === 1);
    connection.close();
    await eventually('it is gone', () => arriving().length === 0);
  });

  test('a repetition with the same key is the same attachment', async () => {
    const issue = await t.issue();
    const key = { 'Idempotency-Key': 'the-same' };
    const first = expect.status(await attach(t.reporter, issue.id, {}, key), 201);
    const again = expect.status(await attach(t.reporter, issue.id, {}, key), 201);
    assert.equal(again.headers['idempotency-replayed'], 'true');
    assert.deepEqual(again.body, first.body);
    assert.equal((await content(first.body.id)).text, 'hello');
    assert.equal((await t.reporter.get(`${V1}/issues/${issue.id}/attachments`)).body.meta.total, 1);
  });
});

describe('files that are open', () => {
  const t = useTracker();

  test('are half of those that there may be at most for one person, however slow his uploads are', async () => {
    const issue = await t.issue();
    const { body, headers } = form({ filename: 'notes.txt', data: 'hello' });
    const head = [`POST ${V1}/issues/${issue.id}/attachments HTTP/1.1`, 'Host: localhost', `Authorization: Bearer ${t.reporter.token}`,
      `Content-Length: ${body.length}`, `Content-Type: ${headers['Content-Type']}`, '', ''].join('\r\n');
    const answers = [];
    const slow = await Promise.all(Array.from({ length: 140 }, async () => {
      const connection = await RawConnection.open(t.server.address);
      await connection.send(head);
      await connection.send(body.subarray(0, 40));
      connection.response({ timeout: ms(60_000) }).then(({ status }) => answers.push(status), () => {});
      return connection;
    }));
    await eventually('what is more is refused', async () => answers.length === 12);
    assert.deepEqual(new Set(answers), new Set([429]));
    expect.problem(await attach(t.reporter, issue.id), 429, 'too_many_requests');
    const file = expect.status(await attach(t.reporter2, issue.id), 201).body;
    expect.problem(await t.reporter.get(`${V1}/attachments/${file.id}/content`), 429, 'too_many_requests');
    expect.status(await t.reporter2.get(`${V1}/attachments/${file.id}/content`), 200);
    for (const connection of slow) await connection.send(body.subarray(40));
    await eventually('the rest is done', async () => answers.filter((status) => status === 201).length === 128);
    expect.status(await t.reporter.get(`${V1}/attachments/${file.id}/content`), 200);
    for (const connection of slow) connection.socket.destroy();
  });
});

describe('room for attachments', () => {
  const t = useTracker({ PROJECT_ATTACHMENT_QUOTA: '10KiB' });

  test('all of a project together have a quota, which removing gives back', async () => {
    const issue = await t.issue();
    const data = 'x'.repeat(6000);
    const { id } = expect.status(await attach(t.reporter, issue.id, { data }), 201).body;
    expect.problem(await attach(t.reporter, issue.id, { data }), 413, 'quota_exceeded');
    expect.problem(await attach(t.reporter, issue.id, { data: 'x'.repeat(100000) }), 413, 'quota_exceeded');
    expect.status(await attach(t.reporter, issue.id, { data: 'x'.repeat(4240) }), 201);
    expect.problem(await attach(t.reporter, issue.id, { data: 'x' }), 413, 'quota_exceeded');
    expect.status(await t.reporter.delete(`${V1}/attachments/${id}`), 204);
    expect.status(await attach(t.reporter, issue.id, { data }), 201);
  });

  test('two at once do not take more than there is', async () => {
    const project = await t.project();
    const issue = await t.issue({ project_id: project.id });
    const all = await Promise.all(Array.from({ length: 8 }, () => attach(t.reporter, issue.id, { data: 'x'.repeat(3000) })));
    assert.equal(all.filter((r) => r.status === 201).length, 3);
    assert.ok(all.every((r) => r.status === 201 || r.body.code === 'quota_exceeded'));
  });
});

describe('files that nginx sends', () => {
  const t = useTracker({ X_ACCEL_REDIRECT: '/internal/files' });

  test('are named to it, and not sent', async () => {
    const { id } = expect.status(await attach(t.reporter, (await t.issue()).id), 201).body;
    const r = expect.status(await t.reporter.get(`${V1}/attachments/${id}/content`, { headers: { Range: 'bytes=0-1' } }), 200);
    assert.equal(r.headers['x-accel-redirect'], `/internal/files/${id.slice(-2)}/${id}`);
    assert.equal(r.headers['content-disposition'], 'attachment; filename="notes.txt"');
    assert.equal(r.bytes.length, 0);
  });
});

