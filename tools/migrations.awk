# Makes the C table of migrations out of src/store/migrations/NNNN_name.sql, in the order given. The
# statements of a migration are separated by empty lines, so that each is a string of its own: the
# longest string that a C compiler must take has 4095 bytes.

function quoted(s)
{
	gsub(/\\/, "\\\\", s)
	gsub(/"/, "\\\"", s)
	return "\"" s "\\n\""
}

function close_statement()
{
	if (statement != "")
		print "\t(" statement "),"
	statement = ""
}

function close_file()
{
	close_statement()
	if (version)
		print "\tNULL\n};\n"
}

BEGIN {
	print "/* Made by tools/migrations.awk out of the files in store/migrations. */"
	print "#include \"store/priv.h\"\n"
}

FNR == 1 {
	close_file()
	name = FILENAME
	sub(/^.*\//, "", name)
	sub(/\.sql$/, "", name)
	version = substr(name, 1, 4) + 0
	if (name !~ /^[0-9][0-9][0-9][0-9]_[a-z0-9_]+$/ || version != n + 1) {
		printf "%s: migrations are numbered 0001_name, 0002_name, ... without a gap\n",
			FILENAME > "/dev/stderr"
		failed = 1
		exit 1
	}
	files[++n] = name
	printf "static const char *const statements_%d[] = {\n", n
}

/^[ \t]*--/ { next }
/^[ \t]*$/ { close_statement(); next }
{ statement = statement (statement == "" ? "" : "\n\t") quoted($0) }

END {
	if (failed)
		exit 1
	close_file()
	print "const struct migration store_migrations[] = {"
	for (i = 1; i <= n; i++)
		printf "\t{%d, \"%s\", statements_%d},\n", i, files[i], i
	print "};\n"
	printf "const size_t store_n_migrations = %d;\n", n
}
