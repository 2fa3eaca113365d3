/*
 * Rows of the route table (routes.c): reports. Half a table means nothing to clang-format.
 */
/* clang-format off */
#define REPORT_ANSWERS(shape_name, text)                                                                      \
	ANSWERS(OK(shape_name, text), NOT_MODIFIED, SIGN_IN, FORBIDDEN,                                       \
		PROBLEM(406, "The client takes neither JSON nor CSV nor SVG."), INVALID, AWAY)
	{ .method = HTTP_GET,
	  .path = V1 "/reports/top-assignees",
	  .handler = report_assignees,
	  .frame_size = &report_assignees_frame_size,
	  .rate = RATE_HEAVY,
	  .permission = PERM_REPORT_READ,
	  .query = &report_assignees_query_shape,
	  .tag = "Reports",
	  .operation = "getTopAssignees",
	  .summary = "Who has how many issues",
	  .doc = "As it is now, by status, those with the most first; deleted issues do not count. In CSV and in the chart, "
		 "those without an assignee and those beyond the limit are rows of their own.",
	  REPORT_ANSWERS("TopAssignees", "The people.") },
	{ .method = HTTP_GET,
	  .path = V1 "/reports/latency",
	  .handler = report_latency,
	  .frame_size = &report_latency_frame_size,
	  .rate = RATE_HEAVY,
	  .permission = PERM_REPORT_READ,
	  .query = &report_latency_query_shape,
	  .tag = "Reports",
	  .operation = "getLatency",
	  .summary = "How long people wait",
	  .doc = "From the creation of an issue, in seconds, by its history. The first response is the first comment, change "
		 "of status or change of assignee by somebody other than the creator. The resolution is the last move from "
		 "open or in progress to resolved or closed, if the issue was not opened again since: one that was opened "
		 "again counts anew, with all the time since its creation. Percentiles are the nearest rank. What counts is "
		 "when the response or the resolution was, not when the issue was created.",
	  REPORT_ANSWERS("Latency", "The times.") },
	{ .method = HTTP_GET,
	  .path = V1 "/reports/velocity",
	  .handler = report_velocity,
	  .frame_size = &report_velocity_frame_size,
	  .rate = RATE_HEAVY,
	  .permission = PERM_REPORT_READ,
	  .query = &report_velocity_query_shape,
	  .tag = "Reports",
	  .operation = "getVelocity",
	  .summary = "What is created and resolved, day by day",
	  .doc = "By the history of the issues that are not deleted. An issue is resolved whenever it moves from open or in "
		 "progress to resolved or closed, and reopened by the way back; `net` is created + reopened - resolved, and "
		 "`open` is what is neither resolved nor closed at the end. The last day or week is the one that is not over.",
	  REPORT_ANSWERS("Velocity", "The days or weeks, those without any event too.") },
	{ .method = HTTP_GET,
	  .path = V1 "/reports/summary",
	  .handler = report_summary,
	  .frame_size = &report_summary_frame_size,
	  .rate = RATE_HEAVY,
	  .permission = PERM_REPORT_READ,
	  .query = &report_summary_query_shape,
	  .tag = "Reports",
	  .operation = "getSummary",
	  .summary = "How many issues there are",
	  .doc = "As it is now, by status, priority and type; and by age those that are neither resolved nor closed. Deleted "
		 "issues do not count.",
	  REPORT_ANSWERS("Summary", "The counts.") },
	{ .method = HTTP_GET,
	  .path = V1 "/reports/burndown",
	  .handler = report_burndown,
	  .frame_size = &report_burndown_frame_size,
	  .rate = RATE_HEAVY,
	  .permission = PERM_REPORT_READ,
	  .query = &report_burndown_query_shape,
	  .tag = "Reports",
	  .operation = "getBurndown",
	  .summary = "What is left to do, day by day",
	  .doc = "At the end of each day, by the history: of a milestone the issues that were in it on that day, of a project "
		 "all that are not deleted. The ideal line leads straight from the day on which most was left to nothing "
		 "on the day `until`. One of `milestone_id` and `project_id` is needed.",
	  REPORT_ANSWERS("Burndown", "The days, up to today and to the goal.") },
	/* clang-format on */
