// Reports: how tests ask for them, and days as they count them.

import * as expect from './expect.js';

export const REPORTS = '/api/v1/reports';
export const DAY = 86_400_000;

/** How to ask a tracker for reports: the manager does, unless another client is given. */
export function reportsOf(t) {
  const get = (path, client = t.manager, headers = {}) => client.request('GET', `${REPORTS}/${path}`, { headers });
  /** What a report says, as JSON. */
  const read = async (path, client) => expect.status(await get(path, client), 200).body;
  return { get, read };
}

const days = new Map();
const NUMBERS = { calendar: 'gregory', numberingSystem: 'latn', year: 'numeric', month: '2-digit', day: '2-digit' };

function makeDay(zone, at) {
  const parts = new Intl.DateTimeFormat('en', { ...NUMBERS, timeZone: zone }).formatToParts(new Date(at));
  const { year, month, day } = Object.fromEntries(parts.map(({ type, value }) => [type, value]));
  return `${year}-${month}-${day}`;
}

/** The day that a moment has in a time zone, as YYYY-MM-DD. */
export function dayIn(zone, at) {
  const key = `${zone} ${at}`;
  if (!days.has(key)) days.set(key, makeDay(zone, at));
  return days.get(key);
}

export const plusDays = (day, n) => new Date(Date.parse(`${day}T00:00:00Z`) + n * DAY).toISOString().slice(0, 10);

/** The Monday of the week of a day. */
export function monday(day) {
  const weekday = (new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7;
  return plusDays(day, -weekday);
}
