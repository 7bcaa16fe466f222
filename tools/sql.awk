# Makes C out of src/store/sql/*.sql: once with -v kind=h for the header, once with kind=c for the
# tables. What the annotations mean:
#
#	-- row NAME: FIELD, ...		a list of columns that several queries share
#	-- query NAME: OP TABLE		begins a query; OP and TABLE are symbols of dbops.def, dbtables.def
#	-- in: FIELD, ...		its parameters in the order in which they first appear
#	-- out: FIELD, ...		its columns; may go on in further "-- out:" lines
#	-- needs: fts5			it is prepared only where the search index can be had
#	-- script NAME			begins statements that are run once, as they stand
#
# FIELD is "name INT", "name TEXT", "name BLOB", or "row NAME" for the columns of a row. The text of
# a query or script ends at the first empty line; it may hold comments, which are left out.
#
# A query becomes SQL_NAME of enum sql, its parameters IN_NAME_FIELD, its columns OUT_NAME_FIELD; a
# row's columns are ROW_NAME_FIELD; a script is SCRIPT_NAME of enum script.

function fail(text)
{
	printf "%s:%d: %s\n", FILENAME, FNR, text > "/dev/stderr"
	failed = 1
	exit 1
}

function trim(s)
{
	sub(/^[ \t]+/, "", s)
	sub(/[ \t]+$/, "", s)
	return s
}

function quoted(s)
{
	gsub(/\\/, "\\\\", s)
	gsub(/"/, "\\\"", s)
	return "\"" s "\\n\""
}

# Appends the fields in list to what stands under key in names[], types[], count[].
function add_fields(key, list,    parts, n, i, j, words, other)
{
	sub(/,[ \t]*$/, "", list)
	n = split(list, parts, ",")
	for (i = 1; i <= n; i++) {
		if (split(trim(parts[i]), words, /[ \t]+/) != 2)
			fail("'" trim(parts[i]) "' is not a field: name and type")
		if (words[1] == "row") {
			other = "row " words[2]
			if (!(other in count))
				fail("there is no row '" words[2] "' above")
			for (j = 1; j <= count[other]; j++)
				add_field(key, names[other, j], types[other, j])
		} else {
			add_field(key, words[1], words[2])
		}
	}
}

function add_field(key, name, type,    i)
{
	if (name !~ /^[a-z][a-z0-9_]*$/)
		fail("'" name "' is not a name")
	if (type != "INT" && type != "TEXT" && type != "BLOB")
		fail("'" type "' is not a type")
	for (i = 1; i <= count[key]; i++)
		if (names[key, i] == name)
			fail("the field '" name "' is there twice")
	count[key]++
	names[key, count[key]] = name
	types[key, count[key]] = type
}

function begin(kind_, name)
{
	if (name !~ /^[a-z][a-z0-9_]*$/)
		fail("'" name "' is not a name")
	if ((kind_ " " name) in seen)
		fail("the " kind_ " '" name "' is there twice")
	seen[kind_ " " name] = 1
	finish()
	open_kind = kind_
	open_name = name
}

function finish()
{
	if (open_kind != "" && !(open_name in text))
		fail("the " open_kind " '" open_name "' has no text")
	open_kind = ""
}

FNR == 1 { finish() }

/^-- row / {
	finish()
	name = trim(substr($0, 8, index($0, ":") - 8))
	if (!(("row " name) in count))
		row_list[++n_rows] = name
	add_fields("row " name, substr($0, index($0, ":") + 1))
	next
}

/^-- query / {
	if (split(substr($0, index($0, ":") + 1), part, " ") != 2)
		fail("a query names what it does and to which table")
	begin("query", trim(substr($0, 10, index($0, ":") - 10)))
	query[++n_queries] = open_name
	op[open_name] = part[1]
	table[open_name] = part[2]
	count["in " open_name] = 0
	count["out " open_name] = 0
	next
}

/^-- script / {
	begin("script", trim(substr($0, 11)))
	script[++n_scripts] = open_name
	next
}

/^-- (in|out):/ {
	if (open_kind != "query" || (open_name in text))
		fail("parameters and columns stand between a query's name and its text")
	part[1] = $2
	sub(/:$/, "", part[1])
	if (part[1] == "out" && $3 == "row" && $0 !~ /,/ && count["out " open_name] == 0)
		out_row[open_name] = $4
	else if (part[1] == "out")
		delete out_row[open_name]
	add_fields(part[1] " " open_name, substr($0, index($0, ":") + 1))
	next
}

/^-- needs: / {
	if (open_kind != "query" || $3 != "fts5" || NF != 3)
		fail("a query can need fts5")
	needs[open_name] = 1
	next
}

/^[ \t]*--/ { next }

/^[ \t]*$/ {
	if (open_kind != "" && (open_name in text))
		open_kind = ""
	next
}

{
	if (open_kind == "")
		fail("a statement without a name")
	text[open_name] = text[open_name] "\n\t\t" quoted($0)
}

function enumerate(prefix, key, first,    i)
{
	printf "enum {\n"
	for (i = 1; i <= count[key]; i++)
		printf "\t%s_%s = %d,\n", prefix, toupper(names[key, i]), i - 1 + first
	printf "};\n\n"
}

function header(    i)
{
	print "/* Made by tools/sql.awk out of the files in store/sql. */"
	print "#ifndef STORE_GEN_SQL_H\n#define STORE_GEN_SQL_H\n\nenum sql {"
	for (i = 1; i <= n_queries; i++)
		printf "\tSQL_%s,\n", toupper(query[i])
	print "\tSQL__MAX\n};\n\nenum script {"
	for (i = 1; i <= n_scripts; i++)
		printf "\tSCRIPT_%s,\n", toupper(script[i])
	print "\tSCRIPT__MAX\n};\n"
	for (i = 1; i <= n_rows; i++)
		enumerate("ROW_" toupper(row_list[i]), "row " row_list[i], 0)
	for (i = 1; i <= n_queries; i++) {
		if (count["in " query[i]])
			enumerate("IN_" toupper(query[i]), "in " query[i], 1)
		if (count["out " query[i]] && !(query[i] in out_row))
			enumerate("OUT_" toupper(query[i]), "out " query[i], 0)
	}
	print "#endif"
}

function fields(key, name,    i)
{
	if (!count[key])
		return
	printf "static const struct sql_field %s[] = {\n", name
	for (i = 1; i <= count[key]; i++)
		printf "\t{\"%s\", SQL_TYPE_%s},\n", names[key, i], types[key, i]
	printf "};\n\n"
}

function tables(    i, q)
{
	print "/* Made by tools/sql.awk out of the files in store/sql. */"
	print "#include \"store/stmt.h\"\n"
	for (i = 1; i <= n_queries; i++) {
		fields("in " query[i], query[i] "_in")
		fields("out " query[i], query[i] "_out")
	}
	print "const struct sql_query sql_queries[SQL__MAX] = {"
	for (i = 1; i <= n_queries; i++) {
		q = query[i]
		printf "\t[SQL_%s] = {\"%s\", DBOP_%s, DBTABLE_%s,\n", toupper(q), q, op[q], table[q]
		printf "\t\t%s, %d, %s, %d,%s%s},\n", count["in " q] ? q "_in" : "NULL", count["in " q],
			count["out " q] ? q "_out" : "NULL", count["out " q], text[q],
			(q in needs) ? ", true" : ", false"
	}
	print "};\n\nconst char *const sql_scripts[SCRIPT__MAX] = {"
	for (i = 1; i <= n_scripts; i++)
		printf "\t[SCRIPT_%s] = (%s),\n", toupper(script[i]), text[script[i]]
	print "};"
}

END {
	if (failed)
		exit 1
	finish()
	if (kind == "h")
		header()
	else
		tables()
}
