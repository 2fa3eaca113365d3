-- Who sees a project and acts in it. Every statement that reads or changes something inside a project includes
-- one of these, with the alias p for the project, and takes the arguments "caller access".
--
-- member_role and issue_labels are functions and not subqueries, because the executor prepares each subquery of
-- a plan at every execution, also those that it never comes to: for a lookup that was half of the work.

-- Who calls. A personal access token may be limited to some projects: then it is not for :everywhere, but for
-- :only these. Of a zeroed struct nothing is visible.
-- group: access viewer uuid, role text, everywhere bool, only uuid[]?

-- fragment: visible
p.deleted_at IS NULL AND (:everywhere OR p.id = ANY(:only))
AND (p.visibility = 'public' OR :role = 'admin' OR member_role(p.id, :viewer) IS NOT NULL)

-- The role that counts in the project; NULL for those who may not know of it.
-- fragment: role_here
CASE WHEN :role = 'admin' THEN 'admin'::user_role
ELSE coalesce(member_role(p.id, :viewer), CASE WHEN p.visibility = 'public' THEN :role::user_role END) END

-- Who does something, and from where, for the log of security events.
-- group: doer actor uuid?, session uuid?, address text, agent text

-- fragment: log_event
INSERT INTO security_events (type, user_id, actor_id, session_id, address, user_agent, detail)

-- fragment: doer
:actor::uuid, :session::uuid, :address, :agent
