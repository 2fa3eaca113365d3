// What most test files need: a database of their own, a server on it, and people signed in.

import { after, before } from 'node:test';
import { Server } from './bugd.js';
import { Cluster } from './cluster.js';
import { CAST, createDatabase, email } from './database.js';
import { PASSWORD } from './env.js';
import * as expect from './expect.js';

/** The access token of a person of the cast. */
export async function login(client, person, password = PASSWORD) {
  const r = await client.post('/api/v1/auth/login', { email: email(person), password });
  return expect.status(r, 200).body.access_token;
}

/**
 * To be called inside a describe: before its tests there is a database with the cast (see database.js), a
 * server with these settings, and a client for each person, `t.admin`, `t.reporter` and so on; `t.anyone` has
 * no token. Afterwards the server must end cleanly, and the database is dropped.
 */
export function useTracker(env = {}) {
  const t = new Tracker(env);
  before(() => t.open());
  after(() => t.close());
  return t;
}

/**
 * The same on a PostgreSQL of its own with these settings, `t.cluster`, for tests that break it or read its log.
 */
export function useTrackerOnCluster(settings = {}, env = {}) {
  const t = new Tracker(env);
  before(async () => {
    t.cluster = await Cluster.create(settings);
    await t.open(t.cluster.url);
  });
  after(async () => {
    try {
      await t.close();
    } finally {
      await t.cluster?.remove();
    }
  });
  return t;
}

export class Tracker {
  #made = 0;
  #project;

  constructor(env = {}) {
    this.env = env;
  }

  /** `postgres` is the URL of another superuser than the tests' common one. */
  async open(postgres) {
    try {
      this.db = await createDatabase(postgres);
      this.server = await Server.start({ DATABASE_URL: this.db.url, ...this.env });
      this.anyone = this.server.anyone;
      await this.signIn(Object.keys(CAST));
    } catch (error) {
      // Node 18 calls no `after` when `before` failed, and a server that runs on would keep the test from ending.
      await this.close().catch(() => this.server?.kill());
      throw error;
    }
  }

  async signIn(people) {
    const tokens = await Promise.all(people.map((person) => login(this.anyone, person)));
    this.ids ??= {};
    await Promise.all(people.map(async (person, i) => {
      this[person] = this.anyone.as(tokens[i]);
      this.ids[person] = expect.status(await this[person].get('/api/v1/users/me'), 200).body.id;
    }));
  }

  async close() {
    try {
      await this.server?.stop();
    } finally {
      await this.db?.drop();
    }
  }

  /** A number that nobody in this file got before. */
  unique() {
    this.#made += 1;
    return this.#made;
  }

  /** Makes a project, by default an active and public one of the manager's; its representation. */
  async project(fields = {}, client = this.manager) {
    const n = this.unique();
    const r = await client.post('/api/v1/projects', { key: `P${n}`, name: `Project ${n}`, status: 'active', ...fields });
    return expect.status(r, 201).body;
  }

  /** Makes an issue, by default the developer's in a project that all such issues share; its representation. */
  async issue(fields = {}, client = this.developer) {
    if (!fields.project_id) this.#project ??= this.project();
    const project_id = fields.project_id ?? (await this.#project).id;
    const r = await client.post('/api/v1/issues', { title: `Issue ${this.unique()}`, ...fields, project_id });
    return expect.status(r, 201).body;
  }

  /** Changes an issue on the version that the given representation has; the new representation. */
  async change(issue, fields, client = this.developer) {
    const r = await client.patch(`/api/v1/issues/${issue.id}`, { version: issue.version, ...fields });
    return expect.status(r, 200).body;
  }

  /** An issue brought into this status by allowed steps. */
  async issueIn(status, fields = {}) {
    const issue = await this.issue(fields);
    return status === 'open' ? issue : this.change(issue, { status });
  }

  async read(issue, client = this.developer) {
    return expect.status(await client.get(`/api/v1/issues/${issue.id}`), 200).body;
  }

  /**
   * Runs `attempts`, and fails when any row of the database is another afterwards. Logging in inside would be
   * such a change.
   */
  async unchanged(attempts) {
    const before = await this.db.fingerprint();
    await attempts();
    const diff = (await this.db.fingerprint()).split('\n').filter((line) => !before.includes(line));
    if (diff.length > 0) throw new Error(`these tables changed:\n${diff.join('\n')}`);
  }
}
