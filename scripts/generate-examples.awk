# Writes the C source of the recorded exchanges that the documentation shows.
#
#   awk -f scripts/generate-examples.awk docs/examples.tsv >examples.c
#
# A line: operation, status, name, the request's JSON (or nothing), the reply's
# JSON (or nothing), separated by tabs. test/contract/record.js writes the file.
BEGIN {
	FS = "\t"
	print "/* Made by scripts/generate-examples.awk from docs/examples.tsv. */"
	print "#include \"api/openapi_example.h\"\n"
	print "const struct openapi_example openapi_examples[] = {"
}

function literal(s) {
	gsub(/[\\"?]/, "\\\\&", s) # the question mark for the sake of trigraphs
	return "\"" s "\""
}

/^#/ || NF == 0 { next }

NF != 5 {
	printf "%s:%d: %d columns; expected 5\n", FILENAME, FNR, NF > "/dev/stderr"
	failed = 1
	exit 1
}

{
	printf "\t{ %s, %d, %s,\n\t  %s,\n\t  %s },\n", literal($1), $2, literal($3), literal($4), literal($5)
	count++
}

END {
	if (failed)
		exit 1
	if (count == 0)
		print "\t{ \"\", 0, \"\", \"\", \"\" },"
	print "};\n"
	printf "const size_t openapi_example_count = %d;\n", count
}
