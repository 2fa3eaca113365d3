/* Handlers and shapes of reports. Part of api/resource.h. */
HANDLER(report_assignees)
HANDLER(report_latency)
HANDLER(report_velocity)
HANDLER(report_summary)
HANDLER(report_burndown)

extern const struct shape report_assignees_query_shape, report_latency_query_shape,
	report_velocity_query_shape, report_summary_query_shape, report_burndown_query_shape;
