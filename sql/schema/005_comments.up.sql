-- What people are mentioned by in texts: "A new user" is @a.new.user. Those whose names are alike share it.
ALTER TABLE users ADD COLUMN handle text NOT NULL
	GENERATED ALWAYS AS (trim(both '.' from lower(regexp_replace(name, '[^[:alnum:]_-]+', '.', 'g')))) STORED;
CREATE INDEX users_handle_idx ON users (handle);

CREATE INDEX comments_updated_idx ON comments (issue_id, updated_at, id);
CREATE INDEX comments_issue_author_idx ON comments (issue_id, author_id, created_at, id);

-- The people of a text as they are shown, by handle.
CREATE FUNCTION mentioned_people(ids uuid[]) RETURNS json LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN (SELECT coalesce(json_agg(json_build_object('id', u.id, 'handle', u.handle, 'name', u.name)
		ORDER BY u.handle, u.id), '[]') FROM users u WHERE u.id = ANY(ids));
END
$$;

-- Whom these handles name: active people who may see the project.
CREATE FUNCTION people_named(handles text[], project uuid) RETURNS uuid[] LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN ARRAY(SELECT u.id FROM users u JOIN projects p ON p.id = project
		WHERE u.handle = ANY(handles) AND u.is_active
		AND (p.visibility = 'public' OR u.role = 'admin' OR member_role(p.id, u.id) IS NOT NULL)
		ORDER BY u.id LIMIT 100);
END
$$;

-- Empties a comment, and takes it away when nobody has replied; then those above it that stayed only for its sake. One
-- that gets a reply at this very moment stays.
CREATE FUNCTION remove_comment(comment uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	next uuid := comment;
BEGIN
	UPDATE comments SET deleted_at = clock_timestamp(), updated_at = clock_timestamp(), version = version + 1,
		content = '', mentions = '{}' WHERE id = comment;
	WHILE next IS NOT NULL LOOP
		DELETE FROM comments c WHERE c.id = next AND c.deleted_at IS NOT NULL
			AND NOT EXISTS (SELECT FROM comments r WHERE r.parent_id = c.id)
			RETURNING c.parent_id INTO next;
		EXIT WHEN NOT FOUND;
	END LOOP;
EXCEPTION WHEN foreign_key_violation THEN
	UPDATE comments SET deleted_at = clock_timestamp(), updated_at = clock_timestamp(), version = version + 1,
		content = '', mentions = '{}' WHERE id = comment;
END
$$;
