DROP TABLE issue_external_ids;
