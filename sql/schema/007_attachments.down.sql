DROP TABLE attachment_store, project_storage, attachments;
DROP FUNCTION give_storage_back();
