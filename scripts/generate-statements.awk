# Turns the SQL of sql/query/ into C: the tables and argument structs that include/db/statement.h describes.
#
#	awk -v header=statements.h -v source=statements.c -f scripts/generate-statements.awk sql/query/*.sql
#
# In the SQL:
#	-- name: issue_by_id :read           begins a statement of the lane read, write or slow
#	-- args: viewer uuid, parent uuid?   its arguments, in one or more such lines; used as :viewer
#	-- group: access viewer uuid, role text   arguments that go together: a statement that takes
#	                                     "caller access" has them all, in a member `caller` of its arguments,
#	                                     and may leave some unused
#	-- many: issues_by_ids               the statement that does the same for many values of one argument, its last,
#	                                     which is an array there; the first column of its rows is the value
#	-- batch: issue_by_id_each           the statement that does the same for many who differ in more, which has
#	-- each: viewer uuid, id uuid        arguments that are arrays; {{each}} makes rows "asked" of them, numbered by
#	                                     asked.n, and :viewer is then that of the row
#	-- let: only = NULL::uuid[]          what an argument that it does not take stands for
#	-- fragment: issue_columns           begins a text that statements include as {{issue_columns}}
#	AND i.status = ANY(:status) --? status   a line that is there only when the option is chosen
#	--@ order   --@ after                where ORDER BY and the cursor's condition go
#	-- order: due_date | expression | type | column   what a list can be sorted by: its name, its SQL, the SQL
#	                                     type of a cursor's value, and the result column that holds it
# Other comments are for the reader.

function fail(text) {
	printf "%s:%d: %s\n", FILENAME, FNR, text > "/dev/stderr"
	failed = 1
	exit 1
}

function trim(s) {
	gsub(/^[ \t]+|[ \t]+$/, "", s)
	return s
}

BEGIN {
	c_type["uuid"] = "struct uuid";           db_type["uuid"] = "DB_UUID"
	c_type["uuid?"] = "const struct uuid *";
	c_type["text"] = "struct str";            db_type["text"] = "DB_TEXT"
	c_type["text?"] = "struct str";
	c_type["jsonb"] = "struct str";           db_type["jsonb"] = "DB_JSONB"
	c_type["int4"] = "int32_t";               db_type["int4"] = "DB_INT4"
	c_type["int4?"] = "const int32_t *";
	c_type["int8"] = "int64_t";               db_type["int8"] = "DB_INT8"
	c_type["int8?"] = "const int64_t *";
	c_type["bool"] = "bool";                  db_type["bool"] = "DB_BOOL"
	c_type["bool?"] = "const bool *";
	c_type["date"] = "int32_t";               db_type["date"] = "DB_DATE"
	c_type["date?"] = "const int32_t *";
	c_type["timestamptz"] = "int64_t";        db_type["timestamptz"] = "DB_TIMESTAMPTZ"
	c_type["timestamptz?"] = "const int64_t *";
	c_type["uuid[]"] = "struct db_array";     db_type["uuid[]"] = "DB_UUID_ARRAY"
	c_type["text[]"] = "struct db_array";     db_type["text[]"] = "DB_TEXT_ARRAY"
	c_type["uuid[]?"] = "const struct db_array *";
	c_type["bool[]"] = "struct db_array";     db_type["bool[]"] = "DB_BOOL_ARRAY"
	c_type["bytea"] = "struct str";           db_type["bytea"] = "DB_BYTEA"
	c_type["bytea?"] = "struct str";
	count = 0
	mode = ""
}

/^-- name:/ {
	if (NF != 4 || $4 !~ /^:(read|write|slow)$/)
		fail("a statement begins with \"-- name: some_name :read\", :write or :slow")
	name = $3
	if (name in seen)
		fail("the statement " name " exists twice")
	seen[name] = 1
	names[++count] = name
	lane[name] = toupper(substr($4, 2))
	mode = "statement"
	next
}

# Reads "name type, name type" into part_name and part_type; returns how many there are.
function read_args(line,    i, n, parts, pair) {
	n = split(line, parts, ",")
	for (i = 1; i <= n; i++) {
		if (split(trim(parts[i]), pair, /[ \t]+/) != 2)
			fail("an argument is a name and a type, not \"" trim(parts[i]) "\"")
		part_name[i] = pair[1]
		part_type[i] = pair[2]
	}
	return n
}

# `path` is where the value lies in the struct of arguments.
function add_arg(st, arg, type, path,    k) {
	k = ++arg_count[st]
	arg_name[st, k] = arg
	arg_type[st, k] = type
	arg_path[st, k] = path
	arg_place[st, arg] = k
}

/^-- group:/ {
	line = $0
	sub(/^-- group:[ \t]*[a-z_]+/, "", line)
	group_size[$3] = read_args(line)
	groups[++group_count] = $3
	for (i = 1; i <= group_size[$3]; i++) {
		if (!(part_type[i] in c_type))
			fail("the type " part_type[i] " is not known")
		group_name[$3, i] = part_name[i]
		group_type[$3, i] = part_type[i]
	}
	mode = ""
	next
}

/^-- args:/ {
	if (mode != "statement")
		fail("arguments without a statement")
	line = $0
	sub(/^-- args:/, "", line)
	n = read_args(line)
	for (i = 1; i <= n; i++) {
		type = part_type[i]
		member_name[name, ++member_count[name]] = part_name[i]
		if (type in c_type) {
			member_type[name, member_count[name]] = c_type[type]
			add_arg(name, part_name[i], type, part_name[i])
			continue
		}
		if (!(type in group_size))
			fail("the type " type " is not known")
		member_type[name, member_count[name]] = "struct " type
		for (k = 1; k <= group_size[type]; k++) {
			add_arg(name, group_name[type, k], group_type[type, k], part_name[i] "." group_name[type, k])
			used[name, group_name[type, k]] = 1
		}
	}
	next
}

/^-- many:/ {
	many_of[name] = $3
	next
}

/^-- batch:/ {
	each_of[name] = $3
	next
}

/^-- each:/ {
	line = $0
	sub(/^-- each:/, "", line)
	each_count[name] = read_args(line)
	places = columns = ""
	for (i = 1; i <= each_count[name]; i++) {
		type = part_type[i] "[]"
		if (!(type in c_type))
			fail("the type " type " is not known")
		member_name[name, ++member_count[name]] = part_name[i]
		member_type[name, member_count[name]] = c_type[type]
		add_arg(name, part_name[i], type, part_name[i])
		used[name, part_name[i]] = 1
		let[name, part_name[i]] = "asked." part_name[i]
		places = places (i > 1 ? ", " : "") "$" arg_place[name, part_name[i]]
		columns = columns part_name[i] ", "
	}
	each_rows[name] = "unnest(" places ") WITH ORDINALITY AS asked (" columns "n)"
	next
}

/^-- let:/ {
	line = $0
	sub(/^-- let:[ \t]*[a-z_]+[ \t]*=[ \t]*/, "", line)
	let[name, $3] = line
	next
}

/^-- order:/ {
	line = $0
	sub(/^-- order:/, "", line)
	if (mode != "statement" || split(line, parts, "|") != 4)
		fail("an order is \"-- order: name | expression | type | column\" in a statement")
	k = ++order_count[name]
	for (i = 1; i <= 4; i++)
		order[name, k, i] = trim(parts[i])
	next
}

/^-- fragment:/ {
	name = $3
	if (name in fragment)
		fail("the fragment " name " exists twice")
	fragment[name] = ""
	mode = "fragment"
	next
}

/^[ \t]*--[^?@]/ || /^[ \t]*--$/ || /^[ \t]*$/ {
	next
}

mode == "fragment" {
	fragment[name] = fragment[name] (fragment[name] == "" ? "" : " ") trim($0)
	next
}

mode == "statement" {
	body[name, ++lines[name]] = trim($0)
	next
}

{
	fail("text before the first \"-- name:\" or \"-- fragment:\"")
}

function expand(text,    start, key, rest, guard) {
	guard = 0
	while (match(text, /\{\{[a-z_0-9]+\}\}/)) {
		key = substr(text, RSTART + 2, RLENGTH - 4)
		if (!(key in fragment) || ++guard > 100) {
			printf "the fragment {{%s}} is not known or includes itself\n", key > "/dev/stderr"
			failed = 1
			exit 1
		}
		text = substr(text, 1, RSTART - 1) fragment[key] substr(text, RSTART + RLENGTH)
	}
	return text
}

# Replaces :arg by its number; leaves :: alone.
function number_args(st, text,    out, word, before) {
	out = ""
	while (match(text, /:[a-z_][a-z_0-9]*/)) {
		before = substr(text, 1, RSTART - 1)
		word = substr(text, RSTART + 1, RLENGTH - 1)
		if (substr(text, RSTART - 1, 1) == ":") {
			out = out before ":" word
		} else {
			if ((st, word) in let) {
				out = out before let[st, word]
				text = substr(text, RSTART + RLENGTH)
				continue
			}
			if (!((st, word) in arg_place)) {
				printf "%s: the argument :%s is not declared\n", st, word > "/dev/stderr"
				failed = 1
				exit 1
			}
			used[st, word] = 1
			out = out before "$" arg_place[st, word]
		}
		text = substr(text, RSTART + RLENGTH)
	}
	return out text
}

function literal(text) {
	gsub(/\\/, "\\\\", text)
	gsub(/"/, "\\\"", text)
	gsub(/\n/, "\\n\"\n\t\"", text)
	return "\"" text "\""
}

function check_used(st,    k) {
	for (k = 1; k <= arg_count[st]; k++) {
		if (!((st, arg_name[st, k]) in used)) {
			printf "%s: the argument :%s is declared but not used\n", st, arg_name[st, k] > "/dev/stderr"
			failed = 1
			exit 1
		}
	}
}

function emit_member(type, member) {
	printf "\t%s%s%s;\n", type, (type ~ /\*$/ ? "" : " "), member > header
}

function emit_groups(    g, k) {
	for (g = 1; g <= group_count; g++) {
		printf "struct %s {\n", groups[g] > header
		for (k = 1; k <= group_size[groups[g]]; k++)
			emit_member(c_type[group_type[groups[g], k]], group_name[groups[g], k])
		print "};\n" > header
	}
}

function emit_args(st,    k, type) {
	printf "struct %s_args {\n", st > header
	if (arg_count[st] == 0)
		printf "\tchar none; /* takes no arguments */\n" > header
	for (k = 1; k <= member_count[st]; k++)
		emit_member(member_type[st, k], member_name[st, k])
	printf "};\nextern const struct statement statement_%s;\n\n", st > header

	if (arg_count[st] == 0)
		return
	printf "static const struct statement_arg %s_arg_table[] = {\n", st > source
	for (k = 1; k <= arg_count[st]; k++) {
		type = arg_type[st, k]
		nullable = sub(/\?$/, "", type)
		printf "\t{ \"%s\", %s, %s, offsetof(struct %s_args, %s) },\n", arg_name[st, k], db_type[type], (nullable ? "true" : "false"), st, arg_path[st, k] > source
	}
	print "};\n" > source
}

# For each argument of the statement that does it for many, the place of the argument of the same name.
function emit_batch(st, batch, kind,    k, place, bits) {
	printf "static const size_t %s_%s_args[] = {", st, kind > source
	for (k = 1; k <= arg_count[batch]; k++) {
		if (!((st, arg_name[batch, k]) in arg_place)) {
			printf "%s: %s takes :%s, which it does not have\n", st, batch, arg_name[batch, k] > "/dev/stderr"
			failed = 1
			exit 1
		}
		place = arg_place[st, arg_name[batch, k]] - 1
		bits = bits (k > 1 ? " | " : "") "UINT64_C(1) << " place
		printf " %d,", place > source
	}
	print " };\n" > source
	batch_member[st] = batch_member[st] sprintf("\t.%s = { &statement_%s, %s_%s_args, %s },\n", kind, batch, st, kind, bits)
}

function emit_orders(st,    k) {
	if (order_count[st] == 0)
		return
	printf "extern const struct order_column %s_orders[];\nenum { %s_ORDERS = %d };\n\n", st, toupper(st), order_count[st] > header
	printf "const struct order_column %s_orders[] = {\n", st > source
	for (k = 1; k <= order_count[st]; k++)
		printf "\t{ \"%s\", %s, \"%s\", \"%s\" },\n", order[st, k, 1], literal(order[st, k, 2]), order[st, k, 3], order[st, k, 4] > source
	print "};\n" > source
	printf "extern const char *const %s_order_names[];\n\n", st > header
	printf "const char *const %s_order_names[] = {", st > source
	for (k = 1; k <= order_count[st]; k++)
		printf " \"%s\",", order[st, k, 1] > source
	print " };\n" > source
}

function emit_parts(st, text,    n, i, rows, option, line, options) {
	n = split(text, rows, "\n")
	options = 0
	printf "static const struct statement_part %s_parts[] = {\n", st > source
	for (i = 1; i <= n; i++) {
		line = rows[i]
		if (line ~ /^--@ *order$/) {
			print "\t{ \"\", STATEMENT_ORDER }," > source
			continue
		}
		if (line ~ /^--@ *after$/) {
			print "\t{ \"\", STATEMENT_AFTER }," > source
			continue
		}
		option = "STATEMENT_ALWAYS"
		if (match(line, /--\? *[a-z_0-9]+$/)) {
			option = substr(line, RSTART + 3)
			option = trim(option)
			line = trim(substr(line, 1, RSTART - 1))
			if (!((st, option) in option_number)) {
				option_number[st, option] = options
				option_name[st, options++] = option
			}
			option = option_number[st, option]
		}
		number_args(st, line)
		printf "\t{ %s, %s },\n", literal(line "\n"), option > source
	}
	print "};\n" > source
	if (options == 0)
		return 0
	printf "enum {\n" > header
	printf "static const char *const %s_option_names[] = {", st > source
	for (i = 0; i < options; i++) {
		printf "\t%s_%s = %d,\n", toupper(st), toupper(option_name[st, i]), i > header
		printf " \"%s\",", option_name[st, i] > source
	}
	print "};\n" > header
	print " };\n" > source
	return options
}

END {
	if (failed)
		exit 1
	print "/* Made by scripts/generate-statements.awk from sql/query/. */" > header
	print "#ifndef BUGD_STATEMENTS_H\n#define BUGD_STATEMENTS_H\n\n#include \"db/compose.h\"\n" > header
	print "/* Made by scripts/generate-statements.awk from sql/query/. */" > source
	print "#include \"statements.h\"\n" > source
	emit_groups()
	for (s = 1; s <= count; s++) {
		st = names[s]
		text = ""
		template = 0
		for (i = 1; i <= lines[st]; i++) {
			line = body[st, i]
			if (st in each_rows)
				sub(/\{\{each\}\}/, each_rows[st], line)
			line = expand(line)
			if (line ~ /--[?@]/)
				template = 1
			text = text (i == 1 ? "" : "\n") line
		}
		sub(/;$/, "", text)
		emit_args(st)
		emit_orders(st)
		options = 0
		if (template)
			options = emit_parts(st, text)
		else
			numbered = number_args(st, text)
		check_used(st)
		if (st in many_of)
			emit_batch(st, many_of[st], "many")
		if (st in each_of)
			emit_batch(st, each_of[st], "each")
		printf "const struct statement statement_%s = {\n\t.name = \"%s\",\n\t.lane = DB_%s,\n\t.index = %d,\n", st, st, lane[st], s - 1 > source
		if (arg_count[st] > 0)
			printf "\t.args = %s_arg_table,\n\t.arg_count = %d,\n", st, arg_count[st] > source
		if (order_count[st] > 0)
			printf "\t.orders = %s_orders,\n\t.order_count = %d,\n", st, order_count[st] > source
		if (template) {
			printf "\t.parts = %s_parts,\n\t.part_count = sizeof(%s_parts) / sizeof(*%s_parts),\n", st, st, st > source
			if (options)
				printf "\t.options = %s_option_names,\n\t.option_count = %d,\n", st, options > source
		} else {
			printf "\t.text =\n\t%s,\n", literal(numbered) > source
		}
		printf "%s", batch_member[st] > source
		print "};\n" > source
	}
	print "const struct statement *const statements[] = {" > source
	for (s = 1; s <= count; s++)
		printf "\t&statement_%s,\n", names[s] > source
	print "};\n" > source
	printf "const size_t statement_count = %d;\n", count > source
	print "#endif" > header
}
