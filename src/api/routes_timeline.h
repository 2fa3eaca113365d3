/* Rows of the route table (routes.c): the history of issues. */
/* clang-format off */
	{ .method = HTTP_GET,
	  .path = V1 "/issues/{id}/timeline",
	  .handler = timeline_list,
	  .frame_size = &timeline_list_frame_size,
	  .permission = PERM_ISSUE_READ,
	  .query = &timeline_query_shape,
	  .tag = "Issues",
	  .operation = "getTimeline",
	  .summary = "Read the history of an issue",
	  .doc = "Every change since it was made, with its comments and attachments; the oldest first, unless told. "
		 "Nothing in it is ever changed. Managers read that of a deleted issue, too.",
	  ANSWERS(OK("TimelineEventList", "A page of its history."), NOT_MODIFIED, SIGN_IN, FORBIDDEN, MISSING, INVALID,
		  AWAY) },
