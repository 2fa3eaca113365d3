-- Full-text search: for each issue what its title, its description and its comments say, as one document.

CREATE EXTENSION IF NOT EXISTS btree_gin;
CREATE EXTENSION IF NOT EXISTS pg_trgm;

-- How words are reduced to their stems. Another language changes this configuration in place (search_language_set), so
-- that nothing else needs to know which one it is.
CREATE TEXT SEARCH CONFIGURATION bugd_search (COPY = pg_catalog.english);

CREATE TABLE search_language (
	only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
	name text NOT NULL
);
INSERT INTO search_language (name) VALUES ('english');

-- A row of its own and not columns of issues: those change often, and each time all words would be indexed anew.
-- No foreign key: a check for each row of an import costs as much as the row, and the triggers below are all that writes.
CREATE TABLE issue_search (
	issue_id uuid PRIMARY KEY,
	project_id uuid NOT NULL,
	title text NOT NULL, -- for those who type it with mistakes
	document tsvector NOT NULL,
	comment_bytes integer NOT NULL DEFAULT 0 -- of comments in the document
) WITH (fillfactor = 90);

CREATE INDEX issue_search_document_idx ON issue_search USING gin (project_id, document)
	WITH (gin_pending_list_limit = 1024);
CREATE INDEX issue_search_title_idx ON issue_search USING gin (title gin_trgm_ops) WITH (gin_pending_list_limit = 1024);

-- A document has room for one mebibyte. A description fits whole; of comments, those are found that fit into 250,000
-- bytes.
CREATE FUNCTION search_room() RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 250000';

-- Keys and numbers are words as they are: the parser would take WEB-12 for a word and a negative number.
CREATE FUNCTION issue_document(key text, number integer, title text, description text) RETURNS tsvector LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN array_to_tsvector(ARRAY[lower(key), number::text])
		|| setweight(to_tsvector('bugd_search', title), 'A') || setweight(to_tsvector('bugd_search', description), 'B');
END
$$;

CREATE FUNCTION comment_document(content text) RETURNS tsvector LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN setweight(to_tsvector('bugd_search', content), 'D');
END
$$;

-- The comments of an issue that are found, as one document, and their bytes.
CREATE FUNCTION issue_comments_document(issue uuid, OUT document tsvector, OUT bytes integer) LANGUAGE plpgsql STABLE AS $$
DECLARE
	said record;
BEGIN
	document := '';
	bytes := 0;
	FOR said IN SELECT c.content FROM comments c WHERE c.issue_id = issue AND c.deleted_at IS NULL ORDER BY c.created_at, c.id LOOP
		CONTINUE WHEN bytes + octet_length(said.content) > search_room();
		document := document || comment_document(said.content);
		bytes := bytes + octet_length(said.content);
	END LOOP;
END
$$;

-- Makes the rows of these issues anew.
CREATE FUNCTION search_again(issue_ids uuid[]) RETURNS void LANGUAGE sql AS $$
	INSERT INTO issue_search AS s (issue_id, project_id, title, document, comment_bytes)
	SELECT i.id, i.project_id, i.title, issue_document(i.key, i.number, i.title, i.description) || coalesce(c.document, ''),
		coalesce(c.bytes, 0)
	FROM issues i LEFT JOIN LATERAL issue_comments_document(i.id) c ON i.comment_count > 0
	WHERE i.id = ANY(issue_ids)
	ON CONFLICT (issue_id) DO UPDATE SET project_id = excluded.project_id, title = excluded.title,
		document = excluded.document, comment_bytes = excluded.comment_bytes
$$;

-- To make a document takes nearly as long as all else that an import does for an issue. So whoever brings in many issues at
-- once sets bugd.search_later, and they are put down here, some in a row, and made searchable after that is committed
-- (make_searchable).
CREATE TABLE search_due (
	id uuid PRIMARY KEY, -- in the order of their making
	issue_ids uuid[] NOT NULL
);

CREATE FUNCTION issues_made_searchable() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF current_setting('bugd.search_later', true) = 'on' THEN
		INSERT INTO search_due (id, issue_ids)
		SELECT make_uuid_v7(), array_agg(i.id) -- of half a megabyte, so that none takes long
		FROM (SELECT m.id, sum(1000 + octet_length(m.description)) OVER (ROWS UNBOUNDED PRECEDING) AS bytes FROM made m) i
		GROUP BY i.bytes / 500000;
	ELSE
		INSERT INTO issue_search (issue_id, project_id, title, document)
		SELECT i.id, i.project_id, i.title, issue_document(i.key, i.number, i.title, i.description) FROM made i;
	END IF;
	RETURN NULL;
END
$$;
CREATE TRIGGER issues_searchable AFTER INSERT ON issues REFERENCING NEW TABLE AS made
	FOR EACH STATEMENT EXECUTE FUNCTION issues_made_searchable();

-- Makes the issues of a row of what is due searchable, which nobody else is at. Whoever changes one of them or comments on it
-- locks it: what they did before is in its document, and what they do afterwards finds that. False: there is no such row.
CREATE FUNCTION make_searchable() RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
	piece uuid[];
BEGIN
	DELETE FROM search_due d WHERE d.id = (SELECT n.id FROM search_due n ORDER BY n.id LIMIT 1 FOR UPDATE SKIP LOCKED)
	RETURNING d.issue_ids INTO piece;
	IF NOT FOUND THEN
		RETURN false;
	END IF;
	PERFORM FROM issues i WHERE i.id = ANY(piece) ORDER BY i.id FOR NO KEY UPDATE;
	PERFORM search_again(piece);
	RETURN true;
END
$$;

CREATE FUNCTION issues_forgotten() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	DELETE FROM issue_search s USING gone g WHERE s.issue_id = g.id;
	RETURN NULL;
END
$$;
CREATE TRIGGER issues_not_searchable AFTER DELETE ON issues REFERENCING OLD TABLE AS gone
	FOR EACH STATEMENT EXECUTE FUNCTION issues_forgotten();

CREATE FUNCTION issue_searchable_again() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	UPDATE issue_search s SET title = NEW.title, comment_bytes = c.bytes,
		document = issue_document(NEW.key, NEW.number, NEW.title, NEW.description) || c.document
	FROM issue_comments_document(NEW.id) c WHERE s.issue_id = NEW.id;
	RETURN NULL;
END
$$;
CREATE TRIGGER issues_searchable_again AFTER UPDATE ON issues FOR EACH ROW
	WHEN (OLD.title IS DISTINCT FROM NEW.title OR OLD.description IS DISTINCT FROM NEW.description)
	EXECUTE FUNCTION issue_searchable_again();

-- One more comment only adds to the document. Whoever writes one has locked the issue before.
CREATE FUNCTION comments_made_searchable() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	UPDATE issue_search s SET document = s.document || said.document, comment_bytes = s.comment_bytes + said.bytes
	FROM (SELECT m.issue_id, comment_document(string_agg(m.content, E'\n' ORDER BY m.created_at, m.id)) AS document,
		sum(octet_length(m.content))::integer AS bytes FROM made m GROUP BY m.issue_id) said
	WHERE s.issue_id = said.issue_id AND s.comment_bytes + said.bytes <= search_room();
	RETURN NULL;
END
$$;
CREATE TRIGGER comments_searchable AFTER INSERT ON comments REFERENCING NEW TABLE AS made
	FOR EACH STATEMENT EXECUTE FUNCTION comments_made_searchable();

CREATE FUNCTION comments_searchable_again() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	PERFORM search_again(ARRAY(SELECT DISTINCT g.issue_id FROM gone g));
	RETURN NULL;
END
$$;
CREATE TRIGGER comments_changed_searchable AFTER UPDATE ON comments REFERENCING OLD TABLE AS gone
	FOR EACH STATEMENT EXECUTE FUNCTION comments_searchable_again();
CREATE TRIGGER comments_deleted_searchable AFTER DELETE ON comments REFERENCING OLD TABLE AS gone
	FOR EACH STATEMENT EXECUTE FUNCTION comments_searchable_again();

-- What is looked for, of items that begin with their kind: + a word, * the beginning of one, = words that follow each
-- other, - what must not be there. NULL when they are all words that mean nothing ("the").
CREATE FUNCTION search_query(items text[]) RETURNS tsquery LANGUAGE plpgsql STABLE AS $$
DECLARE
	item text;
	kind text;
	quoted text;
	part tsquery;
	result tsquery;
BEGIN
	FOREACH item IN ARRAY items LOOP
		kind := left(item, 1);
		item := substr(item, 2);
		quoted := '''' || replace(replace(item, '\', '\\'), '''', '''''') || '''';
		part := to_tsquery('bugd_search', quoted || CASE WHEN kind = '*' THEN ':*' ELSE '' END);
		IF item ~ '^[A-Za-z][A-Za-z0-9]*-[0-9]+$' THEN
			part := part || (lower(quoted) || CASE WHEN kind = '*' THEN ':*' ELSE '' END)::tsquery;
		END IF;
		CONTINUE WHEN numnode(part) = 0;
		IF kind = '-' THEN
			part := !!part;
		END IF;
		result := coalesce(result && part, part);
	END LOOP;
	RETURN result;
END
$$;

-- What is marked where it was found: each of the words, by itself. For words that have to be there together, or to follow
-- each other, ts_headline tries each place with each: a text that says the same again and again costs it minutes.
CREATE FUNCTION search_marks(items text[]) RETURNS tsquery LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN (SELECT string_agg(DISTINCT '''' || replace(replace(w.lexeme, '\', '\\'), '''', '''''') || ''''
			|| CASE WHEN left(x.item, 1) = '*' THEN ':*' ELSE '' END, ' | ')::tsquery
		FROM unnest(items) x (item) CROSS JOIN LATERAL unnest(to_tsvector('bugd_search', substr(x.item, 2))) w
		WHERE left(x.item, 1) <> '-');
END
$$;

-- Issues whose title is the most like a text with typing errors, the nearest first.
CREATE FUNCTION issues_alike(what text) RETURNS TABLE (issue_id uuid, distance float8) LANGUAGE plpgsql STABLE
SET pg_trgm.word_similarity_threshold = 0.5 AS $$
BEGIN
	RETURN QUERY SELECT s.issue_id, (what <<-> s.title)::float8 FROM issue_search s WHERE what <% s.title
		ORDER BY what <<-> s.title LIMIT 500;
END
$$;

-- Where in the issue it was found (search_marks), as HTML in which nothing but <mark> is not text.
CREATE FUNCTION search_snippet(issue uuid, description text, query tsquery) RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE
	options CONSTANT text := 'StartSel=' || chr(57344) || ', StopSel=' || chr(57345)
		|| ', MaxFragments=2, MinWords=6, MaxWords=16, FragmentDelimiter=" … "';
	own text := translate(left(description, 8000), chr(57344) || chr(57345), '');
	said text;
	found text;
BEGIN
	found := ts_headline('bugd_search', own, query, options);
	IF strpos(found, chr(57344)) = 0 THEN
		SELECT string_agg(left(c.content, 1000), E'\n' ORDER BY c.created_at, c.id) INTO said
		FROM (SELECT * FROM comments c WHERE c.issue_id = issue AND c.deleted_at IS NULL ORDER BY c.created_at, c.id LIMIT 20) c;
		said := ts_headline('bugd_search', translate(said, chr(57344) || chr(57345), ''), query, options);
		found := CASE WHEN strpos(said, chr(57344)) > 0 THEN said ELSE found END;
	END IF;
	found := replace(replace(replace(replace(found, '&', '&amp;'), '<', '&lt;'), '>', '&gt;'), '"', '&quot;');
	RETURN replace(replace(found, chr(57344), '<mark>'), chr(57345), '</mark>');
END
$$;

-- Makes it the language of the search. True when it was another one; then all documents were made anew.
CREATE FUNCTION search_language_set(language text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
	mapping record;
BEGIN
	PERFORM FROM search_language FOR UPDATE; -- processes that start at once: one does it, the others see it done
	IF EXISTS (SELECT FROM search_language l WHERE l.name = language) THEN
		RETURN false;
	END IF;
	IF NOT EXISTS (SELECT FROM pg_ts_config c WHERE c.cfgname = language AND c.cfgnamespace = 'pg_catalog'::regnamespace) THEN
		RAISE EXCEPTION 'PostgreSQL has no text search configuration "%"; it has %', language,
			(SELECT string_agg(c.cfgname, ', ' ORDER BY c.cfgname) FROM pg_ts_config c
			WHERE c.cfgnamespace = 'pg_catalog'::regnamespace) USING ERRCODE = 'invalid_parameter_value';
	END IF;
	FOR mapping IN SELECT t.alias, string_agg(quote_ident(d.dictname), ', ' ORDER BY m.mapseqno) AS dictionaries
		FROM pg_ts_config c JOIN pg_ts_config_map m ON m.mapcfg = c.oid JOIN pg_ts_dict d ON d.oid = m.mapdict
		JOIN ts_token_type('default') t ON t.tokid = m.maptokentype
		WHERE c.cfgname = language AND c.cfgnamespace = 'pg_catalog'::regnamespace GROUP BY t.alias
	LOOP
		EXECUTE format('ALTER TEXT SEARCH CONFIGURATION bugd_search ALTER MAPPING FOR %I WITH %s', mapping.alias,
			mapping.dictionaries);
	END LOOP;
	UPDATE search_language l SET name = language;
	PERFORM search_again(ARRAY(SELECT i.id FROM issues i));
	RETURN true;
END
$$;

SELECT search_again(ARRAY(SELECT i.id FROM issues i));
