/* Handlers and shapes of exports, imports and their jobs. Part of api/resource.h. */
HANDLER(issue_export)
HANDLER(issue_import)
HANDLER(job_list)
HANDLER(job_read)
HANDLER(job_cancel)
HANDLER(job_error_list)

extern const struct shape issue_export_query_shape, issue_import_shape, job_errors_query_shape,
	job_list_query_shape;
extern const struct enum_names job_state_enum;
