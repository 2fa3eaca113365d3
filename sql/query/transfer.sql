-- What is brought in and taken out by the thousand.

-- For exports, which have the ids of labels and want the labels.
-- name: labels_by_id :slow
-- args: ids uuid[]
SELECT l.id, l.name, lower(l.name) AS _key, json_build_object('id', l.id, 'name', l.name, 'color', l.color) AS label
FROM labels l WHERE l.id = ANY(:ids)
