/* What the charts of reports have in common. */
#ifndef BUGD_API_REPORT_CHART_H
#define BUGD_API_REPORT_CHART_H

#include "api/report.h"
#include "domain/chart.h"

/* "Velocity · Web shop"; without a project " · all projects". Of the report's arena. */
struct str report_title(const struct report *r, const char *what);

/* A number as the charts write it, of the report's arena. */
struct str report_number(const struct report *r, double v);
struct str report_duration(const struct report *r, double seconds);
struct str report_day(const struct report *r, int32_t day);

/* "1 issue", "12 issues". */
struct str report_issues(const struct report *r, int64_t n);

/* The largest value of a column. */
int64_t report_largest(const struct report *r, int column);

#endif
