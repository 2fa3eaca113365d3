/*
 * Rows of the route table (routes.c): exports, imports, and their jobs. Half a table means nothing to clang-format.
 */
/* clang-format off */
	{ .method = HTTP_GET,
	  .path = V1 "/issues/export",
	  .handler = issue_export,
	  .frame_size = &issue_export_frame_size,
	  .permission = PERM_ISSUE_READ,
	  .query = &issue_export_query_shape,
	  .streams = true,
	  .tag = "Transfer",
	  .operation = "exportIssues",
	  .summary = "Export issues",
	  .doc = "All that the filters name, oldest first, from one snapshot, sent while they are read. The CSV has the "
		 "columns key, project, title, description, type, status, priority, assignee (e-mail), labels (separated "
		 "by `;`), due_date, external_id, created_at and updated_at, and can be imported again. Cells that a "
		 "spreadsheet would take for a formula have an apostrophe in front, which an import takes off again. HEAD "
		 "tells in X-Total-Count how many there are.",
	  ANSWERS(OK("IssueExport", "The issues."), SIGN_IN, FORBIDDEN, INVALID, AWAY) },
	/* clang-format on */
