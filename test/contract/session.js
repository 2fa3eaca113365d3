
// A session that shows what the API is like: its requests and replies are the examples of the document.

import { form, importForm } from '../support/form.js';

/** Runs it: [{ operation, status, name, request, reply }] in order. `t` is a Tracker (test/support/tracker.js). */
export async function session(t) {
  const records = [];

  /** Sends a request and keeps the exchange under the operation's name; the reply's body. */
  async function show(operation, client, method, path, body, options) {
    const r = await client.request(method, path, { body, ...options });
    const name = r.status < 400 ? 'reply' : r.body.code;
    if (!records.some((known) => known.operation === operation && known.status === r.status && known.name === name)) {
      records.push({ operation, status: r.status, name, request: typeof body === 'object' && !Buffer.isBuffer(body) ? body : undefined, reply: r.body });
    }
    return r.body;
  }

  await anyRequest(t, show);
  await people(t, show);
  await projects(t, show);
  await issues(t, show);
  await reports(t, show);
  return records;
}

/** What every operation may answer: kept once, for all. */
async function anyRequest(t, show) {
  await show('*', t.manager, 'POST', '/api/v1/projects', '{"key": "WEB", "name": ');
  await show('*', t.manager, 'GET', '/api/v1/projects?sizes=10');
  await show('*', t.manager, 'GET', '/api/v1/nothing');
  await show('*', t.manager, 'DELETE', '/api/v1/projects');
}

async function people(t, show) {
  const user = { email: 'user@example.org', password: 'correct horse battery staple', name: 'A new user' };
  await show('getHealth', t.anyone, 'GET', '/health');
  await show('getReady', t.anyone, 'GET', '/ready');
  await show('register', t.anyone, 'POST', '/api/v1/auth/register', user);
  await show('register', t.anyone, 'POST', '/api/v1/auth/register', user);
  await show('register', t.anyone, 'POST', '/api/v1/auth/register', { ...user, email: 'example.org', name: ' ' });
  await account(t, show, user);
  await show('getMe', t.anyone, 'GET', '/api/v1/users/me');
  await show('listUsers', t.reporter, 'GET', '/api/v1/users?role=developer&size=2&sort=name');
  await administration(t, show);
}

/** Signing in, and what belongs to oneself. */
async function account(t, show, { email, password }) {
  const signIn = () => show('login', t.anyone, 'POST', '/api/v1/auth/login', { email, password });
  const first = await signIn();
  await show('login', t.anyone, 'POST', '/api/v1/auth/login', { email, password: 'a wrong password' });
  const { refresh_token } = first;
  const tokens = await show('refresh', t.anyone, 'POST', '/api/v1/auth/refresh', { refresh_token });
  await show('refresh', t.anyone, 'POST', '/api/v1/auth/refresh', { refresh_token: 'worn out' });
  await show('getKeys', t.anyone, 'GET', '/.well-known/jwks.json');
  const me = t.anyone.as(tokens.access_token);
  await show('getMe', me, 'GET', '/api/v1/users/me');
  await show('updateMe', me, 'PATCH', '/api/v1/users/me', { name: 'A user' });
  const other = await signIn();
  const { items } = await show('listSessions', me, 'GET', '/api/v1/users/me/sessions');
  await show('endSession', me, 'DELETE', `/api/v1/users/me/sessions/${items.find((session_) => !session_.current).id}`);
  await show('getMe', t.anyone.as(other.access_token), 'GET', '/api/v1/users/me');
  await show('endOtherSessions', me, 'DELETE', '/api/v1/users/me/sessions');
  await show('changePassword', me, 'POST', '/api/v1/users/me/password', { current_password: password, new_password: 'a longer battery, with a staple' });
  const token = await show('createToken', me, 'POST', '/api/v1/users/me/tokens', { name: 'Nightly report', scopes: ['issues:read'], expires_at: '2099-01-01T00:00:00Z' });
  await show('createToken', me, 'POST', '/api/v1/users/me/tokens', { name: '', scopes: ['everything'] });
  await show('createProject', t.anyone.as(token.token), 'POST', '/api/v1/projects', { key: 'APP', name: 'Phone app' });
  await show('listTokens', me, 'GET', '/api/v1/users/me/tokens');
  await show('deleteToken', me, 'DELETE', `/api/v1/users/me/tokens/${token.id}`);
  await show('logout', me, 'POST', '/api/v1/auth/logout');
}

async function administration(t, show) {
  const user = { email: 'second@example.org', password: 'correct horse battery staple', name: 'A second user', role: 'developer' };
  const made = await show('createUser', t.admin, 'POST', '/api/v1/users', user);
  await show('createUser', t.admin, 'POST', '/api/v1/users', user);
  await show('createUser', t.manager, 'POST', '/api/v1/users', user);
  await show('getUser', t.reporter, 'GET', `/api/v1/users/${made.id}`);
  await show('updateUser', t.admin, 'PATCH', `/api/v1/users/${made.id}`, { role: 'manager' });
  await show('updateUser', t.admin, 'PATCH', `/api/v1/users/${t.ids.admin}`, { is_active: false });
  await show('listSecurityEvents', t.admin, 'GET', '/api/v1/audit?size=3');
}

async function projects(t, show) {
  const fields = { key: 'WEB', name: 'Web shop', description: 'Everything that customers see.', status: 'active' };
  const project = await show('createProject', t.manager, 'POST', '/api/v1/projects', fields);
  await show('createProject', t.manager, 'POST', '/api/v1/projects', fields);
  await show('createProject', t.reporter, 'POST', '/api/v1/projects', { key: 'APP', name: 'Phone app' });
  await show('createProject', t.manager, 'POST', '/api/v1/projects', { key: 'web shop', name: '' });
  await show('getProject', t.reporter, 'GET', '/api/v1/projects/WEB');
  await show('getProject', t.reporter, 'GET', '/api/v1/projects/NONE');
  await show('listProjects', t.reporter, 'GET', '/api/v1/projects?status=active');
  const change = { status: 'on_hold', version: project.version };
  await show('updateProject', t.manager, 'PATCH', '/api/v1/projects/WEB', change);
  await show('updateProject', t.manager, 'PATCH', '/api/v1/projects/WEB', change);
  await show('updateProject', t.manager, 'PATCH', '/api/v1/projects/WEB', change, { headers: { 'If-Match': '"1-0"' } });
  await show('updateProject', t.manager, 'PATCH', '/api/v1/projects/WEB', { status: 'active' });
  await show('replaceProject', t.manager, 'PUT', '/api/v1/projects/WEB', { name: 'Web shop', status: 'active', version: 2 });
  await show('deleteProject', t.reporter, 'DELETE', '/api/v1/projects/WEB');
  await show('setMember', t.manager, 'PUT', `/api/v1/projects/WEB/members/${t.ids.reporter}`, { role: 'developer' });
  await show('setMember', t.manager, 'PUT', `/api/v1/projects/WEB/members/${t.ids.reporter}`, { role: 'reporter' });
  await show('setMember', t.admin, 'PUT', `/api/v1/projects/WEB/members/${t.ids.manager}`, { role: 'reporter' });
  await show('listMembers', t.reporter, 'GET', '/api/v1/projects/WEB/members?sort=role');
  await show('removeMember', t.manager, 'DELETE', `/api/v1/projects/WEB/members/${t.ids.reporter}`);
}

async function attachments(t, show) {
  const send = (file) => {
    const { body, headers } = form(file);
    return show('createAttachment', t.reporter, 'POST', '/api/v1/issues/WEB-1/attachments', body, { headers });
  };
  const { id } = await send({ filename: 'server.log', type: 'text/plain', data: '2026-11-20 10:10:10 password too long\n' });
  await send({ filename: 'page.html', data: '<!DOCTYPE html><html></html>' });
  await send({ filename: 'shot.png', type: 'image/png', data: 'no image' });
  await send({ filename: '' });
  await show('listAttachments', t.reporter, 'GET', '/api/v1/issues/WEB-1/attachments');
  await show('getAttachment', t.reporter, 'GET', `/api/v1/attachments/${id}`);
  await show('getAttachmentContent', t.reporter, 'GET', `/api/v1/attachments/${id}/content`, undefined, { headers: { Range: 'bytes=100-' } });
  await show('deleteAttachment', t.reporter2, 'DELETE', `/api/v1/attachments/${id}`);
  await show('deleteAttachment', t.reporter, 'DELETE', `/api/v1/attachments/${id}`);
}

async function issues(t, show) {
  const fields = {
    project_id: 'WEB', title: 'Login fails with a long password', description: 'Steps to reproduce: …', type: 'bug', priority: 'high', due_date: '2026-12-24',
  };
  const issue = await show('createIssue', t.developer, 'POST', '/api/v1/issues', fields);
  await show('createIssue', t.developer, 'POST', '/api/v1/issues', { project_id: 'NONE', title: 'Nowhere' });
  await show('createIssue', t.developer, 'POST', '/api/v1/issues', { project_id: 'WEB', title: '', priority: 'urgent', assignee: 'me' });
  await show('getIssue', t.reporter, 'GET', '/api/v1/issues/WEB-1');
  await show('getIssue', t.reporter, 'GET', '/api/v1/issues/WEB-1?include=comments,attachments');
  await show('getIssue', t.reporter, 'GET', '/api/v1/issues/WEB-2');
  await show('listIssues', t.reporter, 'GET', '/api/v1/issues?project_id=WEB&status=open');
  await show('listIssues', t.reporter, 'GET', '/api/v1/issues?q=colour:red');
  await show('exportIssues', t.manager, 'GET', '/api/v1/issues/export?status=open');
  await show('exportIssues', t.manager, 'GET', '/api/v1/issues/export?format=xlsx');
  const { body: file, headers } = importForm('title,type,due_date\nLogout fails,bug,2026-12-24\nNo such day,task,2026-02-30\n', { project_id: 'WEB', dry_run: 'true' });
  const report = await show('importIssues', t.manager, 'POST', '/api/v1/issues/import', file.toString(), { headers });
  await show('importIssues', t.manager, 'POST', '/api/v1/issues/import', file.toString().replace('due_date', 'due'), { headers });
  await show('listJobs', t.manager, 'GET', '/api/v1/jobs?size=2');
  await show('importIssues', t.manager, 'POST', '/api/v1/issues/import', file.toString(), { headers: { ...headers, Prefer: 'respond-async' } });
  await show('getJob', t.manager, 'GET', `/api/v1/jobs/${report.job_id}`);
  await show('listJobErrors', t.manager, 'GET', `/api/v1/jobs/${report.job_id}/errors`);
  await show('cancelJob', t.manager, 'DELETE', `/api/v1/jobs/${report.job_id}`);
  await show('updateIssue', t.developer, 'PATCH', '/api/v1/issues/WEB-1', { status: 'in_progress', assignee_id: t.ids.developer, version: 1 });
  await show('updateIssue', t.developer, 'PATCH', '/api/v1/issues/WEB-1', { priority: 'critical', version: 1 });
  await show('updateIssue', t.developer, 'PATCH', '/api/v1/issues/WEB-1', { priority: 'critical' }, { headers: { 'If-Match': '"1-0"' } });
  await show('updateIssue', t.developer, 'PATCH', '/api/v1/issues/WEB-1', { priority: 'critical' });
  await show('updateIssue', t.reporter, 'PATCH', '/api/v1/issues/WEB-1', { status: 'closed', version: 2 });
  await show('updateIssue', t.developer, 'PATCH', '/api/v1/issues/WEB-1', { status: 'closed', version: 2 });
  await show('replaceIssue', t.developer, 'PUT', '/api/v1/issues/WEB-1', { title: issue.title, priority: 'low', version: 2 });
  await attachments(t, show);
  await show('getTimeline', t.reporter, 'GET', '/api/v1/issues/WEB-1/timeline?sort=-at');
  await show('deleteIssue', t.developer, 'DELETE', '/api/v1/issues/WEB-1');
  await show('deleteIssue', t.manager, 'DELETE', '/api/v1/issues/WEB-1');
  await show('restoreIssue', t.manager, 'POST', '/api/v1/issues/WEB-1/restore');
  const comment = await show('createComment', t.reporter, 'POST', '/api/v1/issues/WEB-1/comments', { content: 'I can reproduce this. @developer, can you, too?' });
  await show('createComment', t.reporter, 'POST', '/api/v1/issues/WEB-1/comments', { content: ' ' });
  await show('createComment', t.developer, 'POST', '/api/v1/issues/WEB-1/comments', { content: 'Yes.', parent_id: comment.id });
  await show('listComments', t.reporter, 'GET', '/api/v1/issues/WEB-1/comments');
  await show('getComment', t.reporter, 'GET', `/api/v1/comments/${comment.id}`);
  await show('updateComment', t.reporter, 'PATCH', `/api/v1/comments/${comment.id}`, { content: 'I can reproduce this, always.', version: 1 });
  await show('updateComment', t.reporter, 'PATCH', `/api/v1/comments/${comment.id}`, { content: 'Never mind.', version: 1 });
  await show('updateComment', t.developer, 'PATCH', `/api/v1/comments/${comment.id}`, { content: 'Never mind.', version: 2 });
  await show('listWatchers', t.reporter, 'GET', '/api/v1/issues/WEB-1/watchers');
  await show('ignoreIssue', t.reporter, 'DELETE', '/api/v1/issues/WEB-1/watchers/me');
  await show('watchIssue', t.reporter, 'PUT', '/api/v1/issues/WEB-1/watchers/me');
  const told = await show('listNotifications', t.developer, 'GET', '/api/v1/notifications?unread=true');
  await show('countUnread', t.developer, 'GET', '/api/v1/notifications/unread');
  await show('markNotification', t.developer, 'PATCH', `/api/v1/notifications/${told.items[0].id}`, { read: true });
  await show('markNotification', t.reporter2, 'PATCH', `/api/v1/notifications/${told.items[0].id}`, { read: true });
  await show('markNotifications', t.developer, 'POST', '/api/v1/notifications/read', { until: told.items[0].id });
  await show('markNotifications', t.developer, 'POST', '/api/v1/notifications/read', {});
  await show('getNotificationSettings', t.developer, 'GET', '/api/v1/notifications/settings');
  await show('changeNotificationSettings', t.developer, 'PATCH', '/api/v1/notifications/settings', { attached: false });
  await show('deleteComment', t.reporter, 'DELETE', `/api/v1/comments/${comment.id}`);
  const label = await show('createLabel', t.manager, 'POST', '/api/v1/labels', { name: 'needs-review', color: '#d73a4a', project_id: 'WEB' });
  await show('createLabel', t.manager, 'POST', '/api/v1/labels', { name: 'Needs-Review', color: '#d73a4a', project_id: 'WEB' });
  await show('createLabel', t.manager, 'POST', '/api/v1/labels', { name: 'bug', color: 'red' });
  await show('listLabels', t.reporter, 'GET', '/api/v1/labels?project_id=WEB&sort=name');
  await show('getLabel', t.reporter, 'GET', `/api/v1/labels/${label.id}`);
  await show('updateLabel', t.manager, 'PATCH', `/api/v1/labels/${label.id}`, { description: 'Somebody should look at it.' });
  await show('setIssueLabels', t.developer, 'PUT', '/api/v1/issues/WEB-1/labels', { label_ids: [label.id] });
  await show('getIssueLabels', t.reporter, 'GET', '/api/v1/issues/WEB-1/labels');
  await show('removeIssueLabel', t.developer, 'DELETE', `/api/v1/issues/WEB-1/labels/${label.id}`);
  await show('addIssueLabel', t.developer, 'POST', '/api/v1/issues/WEB-1/labels', { label_id: label.id });
  await show('deleteLabel', t.manager, 'DELETE', `/api/v1/labels/${label.id}`);
  const milestone = await show('createMilestone', t.manager, 'POST', '/api/v1/projects/WEB/milestones', { name: 'Release 2.0', due_date: '2026-12-24' });
  await show('createMilestone', t.manager, 'POST', '/api/v1/projects/WEB/milestones', { name: 'release 2.0' });
  await show('createMilestone', t.developer, 'POST', '/api/v1/projects/WEB/milestones', { name: 'Release 3.0' });
  await show('listMilestones', t.reporter, 'GET', '/api/v1/projects/WEB/milestones?state=open');
  await show('getMilestone', t.reporter, 'GET', `/api/v1/milestones/${milestone.id}`);
  await show('updateMilestone', t.manager, 'PATCH', `/api/v1/milestones/${milestone.id}`, { state: 'closed', version: 1 });
  await show('updateMilestone', t.manager, 'PATCH', `/api/v1/milestones/${milestone.id}`, { due_date: null, version: 1 });
  await show('deleteMilestone', t.manager, 'DELETE', `/api/v1/milestones/${milestone.id}`);
  await show('createIssue', t.developer, 'POST', '/api/v1/issues', { project_id: 'WEB', title: 'Passwords are cut at 72 bytes' });
  const link = await show('createLink', t.developer, 'POST', '/api/v1/issues/WEB-2/links', { type: 'blocks', issue_id: 'WEB-1' });
  await show('createLink', t.developer, 'POST', '/api/v1/issues/WEB-2/links', { type: 'blocks', issue_id: 'WEB-1' });
  await show('createLink', t.developer, 'POST', '/api/v1/issues/WEB-1/links', { type: 'blocks', issue_id: 'WEB-2' });
  await show('createLink', t.developer, 'POST', '/api/v1/issues/WEB-1/links', { type: 'blocks', issue_id: 'WEB-1' });
  await show('listLinks', t.reporter, 'GET', '/api/v1/issues/WEB-1/links');
  await show('getLink', t.reporter, 'GET', `/api/v1/issues/WEB-1/links/${link.id}`);
  await show('deleteLink', t.developer, 'DELETE', `/api/v1/issues/WEB-1/links/${link.id}`);
  await show('listChildren', t.reporter, 'GET', '/api/v1/issues/WEB-1/children');
  const filter = await show('createFilter', t.developer, 'POST', '/api/v1/filters', { name: 'My urgent bugs', query: 'type=bug&priority=critical&assignee_id=me', project_id: 'WEB' });
  await show('createFilter', t.developer, 'POST', '/api/v1/filters', { name: 'my urgent bugs', query: 'type=bug' });
  await show('createFilter', t.developer, 'POST', '/api/v1/filters', { name: 'Page 2', query: 'status=done&page=2' });
  await show('listFilters', t.reporter, 'GET', '/api/v1/filters?project_id=WEB');
  await show('getFilter', t.reporter, 'GET', `/api/v1/filters/${filter.id}`);
  await show('updateFilter', t.developer, 'PATCH', `/api/v1/filters/${filter.id}`, { query: 'type=bug&assignee_id=me' });
  await show('updateFilter', t.developer, 'PATCH', `/api/v1/filters/${filter.id}`, { name: 'My bugs', version: 1 });
  await show('deleteFilter', t.developer, 'DELETE', `/api/v1/filters/${filter.id}`);
  await show('setStatusOfIssues', t.developer, 'POST', '/api/v1/issues/bulk-status', { issue_ids: [issue.id], new_status: 'in_progress', dry_run: true });
  await show('setStatusOfIssues', t.reporter, 'POST', '/api/v1/issues/bulk-status', { issue_ids: [issue.id], new_status: 'resolved' });
  await show('changeIssues', t.developer, 'POST', '/api/v1/issues/bulk', { issue_ids: [issue.id], set: { priority: 'medium', due_date: null }, mode: 'partial' });
}

async function reports(t, show) {
  await show('getTopAssignees', t.reporter, 'GET', '/api/v1/reports/top-assignees?project_id=WEB&limit=3');
  await show('getTopAssignees', t.reporter, 'GET', '/api/v1/reports/top-assignees?limit=0');
  await show('getTopAssignees', t.reporter, 'GET', '/api/v1/reports/top-assignees', undefined, { headers: { accept: 'application/pdf' } });
  await show('getLatency', t.reporter, 'GET', '/api/v1/reports/latency?project_id=WEB&days=7');
  await show('getVelocity', t.reporter, 'GET', '/api/v1/reports/velocity?project_id=WEB&days=7&interval=week&time_zone=Europe/Berlin');
  await show('getVelocity', t.reporter, 'GET', '/api/v1/reports/velocity?days=100000&time_zone=Europe/Nowhere');
  await show('getSummary', t.reporter, 'GET', '/api/v1/reports/summary?project_id=WEB');
  await show('getBurndown', t.reporter, 'GET', '/api/v1/reports/burndown?project_id=WEB&days=3');
}
