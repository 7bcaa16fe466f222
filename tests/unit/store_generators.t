#!/bin/sh
# The generators of the store (tools/sql.awk, tools/migrations.awk): what they make of good files,
# and that every mistake a human can make in an annotation stops the build with its place.
set -u

top=${SP_TOP_SRCDIR:-$(cd "$(dirname "$0")/../.." && pwd)}
# shellcheck source=/dev/null
. "$top/tests/lib/tap.sh"
awk=${AWK:-awk}
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
cd "$tree" || exit 1

# makes NAME KIND TEXT WANTED: the generator's output for the file has that line
makes()
{
	printf '%s\n' "$3" > q.sql
	"$awk" -v kind="$2" -f "$top/tools/sql.awk" q.sql > out 2> err
	grep -qxF -- "$4" out && [ ! -s err ]
	report "$1" $?
}

# refused NAME TEXT PLACE: the generator fails and begins its message with that
refused()
{
	printf '%s\n' "$2" > q.sql
	if "$awk" -v kind=h -f "$top/tools/sql.awk" q.sql > out 2> err; then
		report "$1" 1
		return
	fi
	case $(cat err) in
	"$3"*) report "$1" 0 ;;
	*) sed 's/^/# /' err; report "$1" 1 ;;
	esac
}

good='-- About these queries.
-- row both: a INT, b TEXT
-- query one: SELECT POST
-- in: x INT, y BLOB
-- out: row both,
-- out: c BLOB
-- a remark
SELECT a, "b" -- not cut here
FROM t WHERE x = :x AND y = :y;'

makes "a query is a member of enum sql" h "$good" "	SQL_ONE,"
makes "parameters are numbered from 1" h "$good" "	IN_ONE_Y = 2,"
makes "columns are numbered from 0, those of a row first" h "$good" "	OUT_ONE_C = 2,"
makes "a row has its own enum" h "$good" "	ROW_BOTH_B = 1,"
makes "operation and table become symbols" c "$good" '	[SQL_ONE] = {"one", DBOP_SELECT, DBTABLE_POST,'
makes "quotes in the text are escaped" c "$good" '		"SELECT a, \"b\" -- not cut here\n"'
makes "a script is a member of enum script" h '-- script go
BEGIN;' "	SCRIPT_GO,"

refused "a query without a text" '-- query one: SELECT POST' 'q.sql:1: the query '
refused "a query followed by another before its text" '-- query one: SELECT POST
-- query two: SELECT POST
SELECT 1;' 'q.sql:2: the query '
refused "a query without a table" '-- query one: SELECT
SELECT 1;' 'q.sql:1: a query names'
refused "a query twice" '-- query one: SELECT POST
SELECT 1;

-- query one: SELECT POST
SELECT 2;' 'q.sql:4: the query '
refused "a statement without a name" 'SELECT 1;' 'q.sql:1: a statement without a name'
refused "a second statement behind an empty line" '-- query one: SELECT POST
SELECT 1;

SELECT 2;' 'q.sql:4: a statement without a name'
refused "an unknown type" '-- query one: SELECT POST
-- in: x INTEGER
SELECT :x;' "q.sql:2: 'INTEGER' is not a type"
refused "a field without a type" '-- query one: SELECT POST
-- in: x
SELECT :x;' "q.sql:2: 'x' is not a field"
refused "a field twice" '-- query one: SELECT POST
-- in: x INT, x INT
SELECT :x;' "q.sql:2: the field 'x' is there twice"
refused "an unknown row" '-- query one: SELECT POST
-- out: row none
SELECT 1;' "q.sql:2: there is no row 'none'"
refused "parameters behind the text" '-- query one: SELECT POST
SELECT 1;
-- in: x INT' 'q.sql:3: parameters and columns'
refused "a name that is none in C" '-- query One-two: SELECT POST
SELECT 1;' "q.sql:1: 'One-two' is not a name"

printf 'CREATE TABLE a (x);\n\n-- why\nCREATE TABLE b (\n\tx);\n' > 0001_first.sql
printf 'SELECT "q";\n' > 0002_second.sql
"$awk" -f "$top/tools/migrations.awk" 0001_first.sql 0002_second.sql > out 2> err
grep -qxF '	{2, "0002_second", statements_2},' out && grep -qxF 'const size_t store_n_migrations = 2;' out
report "migrations are numbered by their names" $?
[ "$(grep -c '^	(' out)" -eq 3 ]
report "statements are parted by empty lines" $?
! "$awk" -f "$top/tools/migrations.awk" 0002_second.sql > out 2> err && grep -q '^0002_second.sql:' err
report "a gap in the numbers is refused" $?

plan
