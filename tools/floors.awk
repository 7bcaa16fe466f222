# Checks every #include of the sources against src/FLOORS.
#
# Usage: awk -f floors.awk src/FLOORS src/base/arena.c ... (paths from the directory above src)
#
# Findings go to standard output as file:line: rule: text, and make the exit status 1. Rules:
#	table	  FLOORS itself is wrong: a row may include only lower floors, an owner is unique
#	upward	  a floor includes a higher one
#	sideways  a floor includes another of its own height
#	skip	  a floor includes a lower one that its row does not name
#	foreign	  a library's header is included outside the floor that owns it
#	private	  another floor's priv.h is included
#	path	  a quoted include that is not "floor/file.h"

function finding(where, rule, text)
{
	print where ": " rule ": " text
	findings++
}

function floor_of(path,    part, n)
{
	n = split(path, part, "/")
	for (i = 1; i < n; i++)
		if (part[i] == "src")
			return part[i + 1]
	return ""
}

function may_include(from, to)
{
	return from == to || (may[from] == "*" && height[to] < height[from]) || index("," may[from] ",", "," to ",")
}

function check_table(    f, part, n, i)
{
	for (f in height) {
		n = may[f] == "*" || may[f] == "-" ? 0 : split(may[f], part, ",")
		for (i = 1; i <= n; i++) {
			if (!(part[i] in height))
				finding(at[f], "table", f " names the unknown floor " part[i])
			else if (height[part[i]] >= height[f])
				finding(at[f], "table", f " may not name " part[i] ", which is not below it")
		}
	}
}

function check_own(where, from, header,    part, to)
{
	if (split(header, part, "/") != 2 || !(part[1] in height)) {
		finding(where, "path", "\"" header "\" is not of the form \"floor/file.h\"")
		return
	}
	to = part[1]
	if (height[to] > height[from])
		finding(where, "upward", from " may not include " header " of the higher floor " to)
	else if (to != from && height[to] == height[from])
		finding(where, "sideways", from " and " to " are rooms of equal height and do not know each other: " header)
	else if (!may_include(from, to))
		finding(where, "skip", "the row of " from " in FLOORS does not name " to ": " header)
	else if (to != from && part[2] == "priv.h")
		finding(where, "private", header " is for the files of " to " only")
}

FNR == 1 { file++ }

file == 1 && /^#/ { next }

file == 1 && NF >= 4 {
	height[$1] = $2 + 0
	may[$1] = $3
	at[$1] = FILENAME ":" FNR
	n = $4 == "-" ? 0 : split($4, owned, ",")
	for (i = 1; i <= n; i++) {
		if (owned[i] in owner)
			finding(at[$1], "table", owned[i] " has two owners")
		owner[owned[i]] = $1
	}
	next
}

file == 1 { next }

file == 2 && FNR == 1 { check_table() }

FNR == 1 {
	from = floor_of(FILENAME)
	if (!(from in height))
		finding(FILENAME ":1", "table", "FLOORS has no row for " from)
}

/^[ \t]*#[ \t]*include[ \t]*["<]/ && (from in height) {
	header = $0
	quoted = header ~ /include[ \t]*"/
	sub(/^[^"<]*["<]/, "", header)
	sub(/[">].*$/, "", header)
	if (quoted)
		check_own(FILENAME ":" FNR, from, header)
	else if ((header in owner) && owner[header] != from)
		finding(FILENAME ":" FNR, "foreign", "<" header "> belongs to " owner[header] " alone")
}

END { exit findings > 0 }
