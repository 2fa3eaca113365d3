\set n random(1, 100000)
SELECT i.id, i.number, i.project_id, i.title, i.description, i.type, i.status, i.priority, i.creator_id,
  i.assignee_id, i.parent_id, i.due_date, i.label_ids, i.version, i.created_at, i.updated_at, i.resolved_at, i.closed_at
FROM issues i WHERE i.id = ('0000c000-0000-7000-8000-' || lpad(to_hex(:n::bigint), 12, '0'))::uuid;
