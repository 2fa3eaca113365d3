DROP TRIGGER comments_deleted_searchable ON comments;
DROP TRIGGER comments_changed_searchable ON comments;
DROP TRIGGER comments_searchable ON comments;
DROP TRIGGER issues_searchable_again ON issues;
DROP TRIGGER issues_not_searchable ON issues;
DROP TRIGGER issues_searchable ON issues;
DROP FUNCTION search_language_set(text);
DROP FUNCTION search_snippet(uuid, text, tsquery);
DROP FUNCTION issues_alike(text);
DROP FUNCTION search_marks(text[]);
DROP FUNCTION search_query(text[]);
DROP FUNCTION comments_searchable_again();
DROP FUNCTION comments_made_searchable();
DROP FUNCTION issue_searchable_again();
DROP FUNCTION issues_forgotten();
DROP FUNCTION make_searchable();
DROP FUNCTION issues_made_searchable();
DROP FUNCTION search_again(uuid[]);
DROP FUNCTION issue_comments_document(uuid);
DROP FUNCTION comment_document(text);
DROP FUNCTION issue_document(text, integer, text, text);
DROP FUNCTION search_room();
DROP TABLE search_due;
DROP TABLE issue_search;
DROP TABLE search_language;
DROP TEXT SEARCH CONFIGURATION bugd_search;

-- Who else uses them, or made them, keeps them.
DO $$
BEGIN
	DROP EXTENSION btree_gin, pg_trgm;
EXCEPTION WHEN dependent_objects_still_exist OR insufficient_privilege THEN
	RAISE NOTICE 'btree_gin and pg_trgm stay';
END
$$;
