DROP TABLE issue_links, comments;
DROP TYPE link_type;
ALTER TABLE issues DROP COLUMN milestone_id, DROP COLUMN comment_count;
DROP TABLE milestones;
