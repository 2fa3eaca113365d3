-- Labels and milestones, in the orders and by the filters that their lists and that of issues offer.

CREATE INDEX labels_created_at_idx ON labels (created_at, id);
CREATE INDEX labels_name_idx ON labels ((lower(name)), id);
CREATE INDEX labels_project_idx ON labels (project_id, created_at, id);

-- Issues without labels are not in it, so that they cost nothing.
CREATE INDEX issues_label_idx ON issues USING gin (label_ids) WHERE label_ids <> '{}';

-- Whether an issue with these labels has all labels of one of the groups, each of which is names or ids with commas.
CREATE FUNCTION has_labels(ids uuid[], groups text[]) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
DECLARE
	own text[] := ARRAY(SELECT lower(l.name) FROM labels l WHERE l.id = ANY(ids)) || ids::text[];
	one text;
BEGIN
	FOREACH one IN ARRAY groups LOOP
		IF string_to_array(one, ',') <@ own THEN
			RETURN true;
		END IF;
	END LOOP;
	RETURN false;
END
$$;

-- Every label that one of the groups names, wherever it belongs to.
CREATE FUNCTION labels_named(groups text[]) RETURNS uuid[] LANGUAGE plpgsql STABLE AS $$
DECLARE
	names text[] := string_to_array(array_to_string(groups, ','), ',');
BEGIN
	RETURN ARRAY(SELECT l.id FROM labels l WHERE lower(l.name) = ANY(names)
		UNION SELECT l.id FROM labels l WHERE l.id::text = ANY(names));
END
$$;

CREATE INDEX milestones_project_idx ON milestones (project_id, created_at, id);
CREATE INDEX milestones_due_date_idx ON milestones (project_id, (coalesce(due_date, 'infinity'::date)), id);
CREATE INDEX milestones_project_name_idx ON milestones (project_id, name, id);

-- Counting what is done of a milestone reads this index alone.
CREATE INDEX issues_progress_idx ON issues (milestone_id, status) WHERE milestone_id IS NOT NULL AND deleted_at IS NULL;

CREATE FUNCTION milestone_progress(milestone uuid) RETURNS json LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN (SELECT json_build_object('done', count(*) FILTER (WHERE i.status IN ('resolved', 'closed')), 'total', count(*))
		FROM issues i WHERE i.milestone_id = milestone AND i.deleted_at IS NULL);
END
$$;

-- What a link is for one of its two issues.
CREATE FUNCTION link_as_seen(type link_type, forward boolean) RETURNS text LANGUAGE sql IMMUTABLE AS $$
	SELECT CASE WHEN type = 'relates_to' OR forward THEN type::text
		WHEN type = 'blocks' THEN 'blocked_by' ELSE 'duplicated_by' END
$$;

-- Whether a way of such links leads from `target` back to `source`, for one who links these. The two may be of any
-- projects, so all who make links of the type wait for each other here, else two could close a circle together. That
-- is the last lock they take. As the function is volatile, it sees what was committed while it waited.
CREATE FUNCTION closes_link_cycle(kind link_type, source uuid, target uuid) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
	PERFORM pg_advisory_xact_lock(hashtext('issue_links'), hashtext(kind::text));
	RETURN EXISTS (
		WITH RECURSIVE behind (id) AS (
			SELECT target
			UNION SELECT l.to_id FROM behind b JOIN issue_links l ON l.from_id = b.id AND l.type = kind
		) SELECT FROM behind b WHERE b.id = source);
END
$$;

-- How much of an issue's parts is done.
CREATE FUNCTION issue_progress(issue uuid) RETURNS json LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN (SELECT json_build_object('done', count(*) FILTER (WHERE i.status IN ('resolved', 'closed')), 'total', count(*))
		FROM issues i WHERE i.parent_id = issue AND i.deleted_at IS NULL);
END
$$;

-- A query of the list of issues that somebody keeps; with a project, for all who see that.
CREATE TABLE saved_filters (
	id uuid PRIMARY KEY,
	owner_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
	project_id uuid REFERENCES projects ON DELETE CASCADE,
	name text NOT NULL,
	query text NOT NULL,
	version integer NOT NULL DEFAULT 1,
	created_at timestamptz NOT NULL DEFAULT now(),
	updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX saved_filters_name_key ON saved_filters (owner_id, lower(name));
CREATE INDEX saved_filters_owner_idx ON saved_filters (owner_id, created_at, id);
CREATE INDEX saved_filters_project_idx ON saved_filters (project_id, created_at, id);
CREATE INDEX saved_filters_created_at_idx ON saved_filters (created_at, id);
CREATE INDEX saved_filters_name_idx ON saved_filters (lower(name), id);
