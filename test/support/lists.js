// Issues to list: a project with rows that differ in everything that lists filter and sort by, with many ties.

export const SORTS = ['created_at', 'updated_at', 'due_date', 'priority', 'status', 'type', 'id'];
const PRIORITIES = ['low', 'medium', 'high', 'critical'];
const STATUSES = ['open', 'in_progress', 'resolved', 'closed'];
const TYPES = ['bug', 'feature', 'improvement', 'task', 'epic'];

/** Fills a project of its own with `count` issues; { project, issues } as they are in the end. */
export async function fillProject(t, count) {
  const project = await t.project();
  const issues = [];
  for (let i = 0; i < count; i++) {
    const issue = await t.issue({
      project_id: project.id,
      title: `${['Zebra', 'apple', 'Ärger', 'banana', 'apple'][i % 5]} ${i % 3}`,
      type: TYPES[i % 5],
      priority: PRIORITIES[(i * 7) % 4],
      assignee_id: [null, t.ids.developer, t.ids.developer2][i % 3],
      due_date: [null, '2020-05-05', '2090-01-01', '2020-05-06'][i % 4],
      parent_id: i % 6 === 5 ? issues[0].id : null,
      creator_id: i % 2 ? t.ids.reporter : t.ids.developer,
    }, t.manager);
    const status = STATUSES[(i >> 1) % 4];
    issues.push(status === 'open' ? issue : await t.change(issue, { status }));
  }
  return { project, issues };
}

const RANK = { priority: PRIORITIES, status: STATUSES, type: TYPES };

/**
 * Compares two issues as `sort` asks. Nulls come last when rising and first when falling.
 */
export function compareBy(name, descending) {
  const value = (issue) => (RANK[name] ? RANK[name].indexOf(issue[name]) : issue[name]);
  return (a, b) => {
    const [x, y] = [value(a), value(b)];
    if (x === y) return 0;
    if (x === null || y === null) return (x === null ? 1 : -1) * (descending ? -1 : 1);
    return (x < y ? -1 : 1) * (descending ? -1 : 1);
  };
}
