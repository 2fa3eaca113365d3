-- Who sees a project and acts in it. Every statement that reads or changes something inside a project includes
-- one of these, with the alias p for the project and the arguments :viewer and :role (the global one).

-- fragment: visible
p.deleted_at IS NULL
AND (p.visibility = 'public' OR :role = 'admin'
OR EXISTS (SELECT FROM project_members m WHERE m.project_id = p.id AND m.user_id = :viewer))

-- The role that counts in the project; NULL for those who may not know of it.
-- fragment: role_here
CASE WHEN :role = 'admin' THEN 'admin'::user_role
ELSE coalesce((SELECT m.role FROM project_members m WHERE m.project_id = p.id AND m.user_id = :viewer),
CASE WHEN p.visibility = 'public' THEN :role::user_role END) END
