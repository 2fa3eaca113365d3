/* Handlers and shapes of exports, imports and their jobs. Part of api/resource.h. */
HANDLER(issue_export)

extern const struct shape issue_export_query_shape;
