DROP FUNCTION remove_comment(uuid), people_named(text[], uuid), mentioned_people(uuid[]);
DROP INDEX comments_updated_idx, comments_issue_author_idx;
ALTER TABLE users DROP COLUMN handle;
