-- What bugd does by itself.

-- The times are milliseconds.
-- name: maintenance_purge :write
-- args: deleted_for int8, logged_for int8, told_for int8, at_most int4
SELECT g.what AS _what, g.removed AS _removed
FROM purge(:deleted_for * interval '1 millisecond', :logged_for * interval '1 millisecond', :at_most) g
UNION ALL SELECT g.what, g.removed FROM purge_notifications(:told_for * interval '1 millisecond', :at_most) g

-- Tells of some events of changes of many issues: how many notifications that made; null: there are none to tell of.
-- name: maintenance_tell :write
SELECT tell_of_due() AS _told

-- Makes some of the issues of an import searchable; false: there are none.
-- name: maintenance_make_searchable :write
SELECT make_searchable() AS _more
