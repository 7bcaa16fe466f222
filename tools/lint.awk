# The project's own rules for its C, beyond what compilers check.
#
# Usage: awk -f lint.awk FILE.c FILE.h ... (paths from the directory above src and tests)
#
# Findings go to standard output as file:line: rule: text, and make the exit status 1. A place that
# has to break a rule says why, on its line, on the line above, or for "lines" anywhere in the file:
#
#	/* lint: allow clock: the kernel wants its own time here */
#
# Exceptions are counted; one that is not needed, or gives no reason, is a finding itself. Rules:
#	banned	   functions that cannot be used safely
#	memory	   malloc and its kind outside base/mem.c		(sources only, from here)
#	environment  getenv outside core
#	clock	   clocks outside base/time.c
#	random	   random numbers outside core/crypto.c
#	system	   mmap and signals outside core
#	global	   mutable static data
#	sql	   SQL in a C string: it belongs into src/store/sql or src/store/migrations
#	markup	   a tag in a C string outside text: it belongs into share/templates
#	guard	   a header's guard is not FLOOR_FILE_H
#	order	   a file's own header is not its first include
#	top	   a file does not begin with a comment on what it is for		(all files again)
#	columns	   code or comment beyond column 120 (tabs of 8); a message may, so that it can be searched for
#	lines	   more than 500 lines in a file
#	function   more than 60 lines in a function; a table of tests may be longer
#	comment	   a comment of the // kind, or one that puts work off

function call_of(names)
{
	return "(^|[^A-Za-z0-9_.>])(" names ")[ \t]*\\("
}

function rule_add(name, expression, owner, text)
{
	rules++
	rule_name[rules] = name
	rule_match[rules] = expression
	rule_owner[rules] = owner
	rule_text[rules] = text
}

BEGIN {
	rule_add("memory", call_of("malloc|calloc|realloc|reallocarray|free|strdup|strndup|v?asprintf|alloca"),
		"^src/base/mem\\.c$", "only base/mem.c allocates")
	rule_add("environment", call_of("getenv|secure_getenv|setenv|unsetenv|putenv"), "^src/core/",
		"only core reads the environment")
	rule_add("clock", call_of("time|clock|clock_gettime|gettimeofday|timespec_get"), "^src/base/time\\.c$",
		"only base/time.c reads clocks")
	rule_add("random", call_of("random|drand48|lrand48|arc4random|getrandom|getentropy"), "^src/core/crypto\\.c$",
		"only core/crypto.c makes random numbers")
	rule_add("system", call_of("mmap|signal|sigaction|sigprocmask|pthread_sigmask|signalfd"), "^src/core/",
		"only core maps memory and handles signals")
	banned = call_of("strcpy|strncpy|stpcpy|strcat|strncat|v?sprintf|gets|strtok|strtok_r|gmtime|localtime" \
		"|asctime|asctime_r|ctime|ctime_r|atoi|atol|atoll|atof|rand|srand|rand_r|system|popen|tmpnam|tempnam|mktemp")
	sql = "(^|\001)[ \t]*(SELECT|INSERT INTO|INSERT OR|REPLACE INTO|UPDATE|DELETE FROM|CREATE (TABLE|INDEX|UNIQUE" \
		"|TRIGGER|VIEW|VIRTUAL)|DROP|ALTER TABLE|PRAGMA|BEGIN (IMMEDIATE|DEFERRED|EXCLUSIVE)|VACUUM|ATTACH|WITH) "
	markup = "<(/?[a-zA-Z][a-zA-Z0-9-]*([ />=]|\001|$)|!(DOCTYPE|doctype|--))"
}

# A finding, unless an exception for the rule stands at the line or above it.
function finding(line, rule, text,    i)
{
	for (i = 1; i <= exceptions; i++)
		if (allowed[i] == rule && (allowed_at[i] == line || allowed_at[i] == line - 1 || rule == "lines")) {
			used[i] = 1
			return
		}
	print name ":" line ": " rule ": " text
	findings++
}

function exception(comment, line,    text, rule, reason)
{
	text = comment
	sub(/^.*lint: allow[ \t]*/, "", text)
	rule = reason = text
	sub(/:.*$/, "", rule)
	if (!sub(/^[^:]*:[ \t]*/, "", reason) || length(reason) < 10) {
		print name ":" line ": exception: says no reason"
		findings++
	}
	allowed[++exceptions] = rule
	allowed_at[exceptions] = line
	total++
}

# Takes a line apart: code without strings and comments, the strings, the comments.
function scan(s,    i, c, n, two)
{
	code = strings = comments = ""
	n = length(s)
	for (i = 1; i <= n; i++) {
		c = substr(s, i, 1)
		two = substr(s, i, 2)
		if (in_comment) {
			if (two == "*/") {
				in_comment = 0
				i++
			} else
				comments = comments c
		} else if (two == "/*") {
			in_comment = 1
			i++
		} else if (c == "\"" && s !~ /^[ \t]*#[ \t]*include/) {
			strings = strings "\001"
			for (i++; i <= n && substr(s, i, 1) != "\""; i++) {
				if (substr(s, i, 1) == "\\")
					i++
				strings = strings substr(s, i, 1)
			}
			code = code "\"\""
		} else if (c == "'" && match(substr(s, i), /^'(\\[^']*|\\'|[^'\\])'/)) {
			code = code "' '"
			i += RLENGTH - 1
		} else
			code = code c
	}
}

function file_end()
{
	if (name == "")
		return
	if (lines > 500)
		finding(501, "lines", lines " lines; split it by noun")
	if (name ~ /\.h$/ && source && guard != guard_wanted)
		finding(1, "guard", "the guard is not " guard_wanted)
	for (i = 1; i <= exceptions; i++)
		if (!(i in used)) {
			print name ":" allowed_at[i] ": exception: nothing here needs '" allowed[i] "'"
			findings++
		}
}

function file_begin(    stem)
{
	file_end()
	name = FILENAME
	source = name ~ /^src\//
	in_comment = in_function = exceptions = 0
	guard = own = ""
	split("", allowed); split("", allowed_at); split("", used)
	stem = name
	sub(/^src\//, "", stem)
	guard_wanted = toupper(stem)
	gsub(/[\/.-]/, "_", guard_wanted)
	sub(/\.c$/, ".h", stem)
	if (name ~ /\.c$/ && source && (getline first_line < ("src/" stem)) > 0) {
		close("src/" stem)
		own = stem
	}
	if ($0 !~ /^\/\*/)
		finding(1, "top", "the file does not begin with a comment on what it is for")
}

# The column behind the last character of a line.
function width(s,    n, at, i)
{
	n = split(s, parts, "\t")
	for (i = 1; i <= n; i++) {
		at += length(parts[i])
		if (i < n)
			at += 8 - at % 8
	}
	return at
}

function check_source(line,    i)
{
	if (strings == "" && width($0) > 120)
		finding(line, "columns", "ends in column " width($0))
	for (i = 1; i <= rules; i++)
		if (code ~ rule_match[i] && name !~ rule_owner[i])
			finding(line, rule_name[i], rule_text[i])
	if (code ~ /^[ \t]*static [^()]*[;=]/ && code !~ /const/)
		finding(line, "global", "mutable static data; put it into a struct that goes down with the call")
	if (strings ~ sql)
		finding(line, "sql", "SQL in a C string")
	if (strings ~ markup && name !~ /^src\/text\//)
		finding(line, "markup", "markup in a C string")
	if (guard == "" && code ~ /^#ifndef /)
		guard = substr(code, 9)
	if (own != "" && code ~ /^#[ \t]*include/) {
		if (index($0, "\"" own "\"") == 0)
			finding(line, "order", "the first include is not \"" own "\"")
		own = ""
	}
}

function check_function(line)
{
	if (code ~ /^[a-z_][A-Za-z0-9_]*\(/ && code !~ /;[ \t]*$/)
		function_start = line
	if (code ~ /^\{/)
		in_function = 1
	if (code ~ /^\}/ && in_function) {
		in_function = 0
		if (function_start && line - function_start + 1 > 60 && !has_tests)
			finding(function_start, "function", line - function_start + 1 " lines in a function")
		function_start = has_tests = 0
	}
	if (in_function && code ~ /struct CMUnitTest/)
		has_tests = 1
}

FNR == 1 { file_begin() }

{
	lines = FNR
	scan($0)
	if (comments ~ /lint: allow/)
		exception(comments, FNR)
	if (code ~ banned)
		finding(FNR, "banned", "a function that cannot be used safely")
	if (code ~ /\/\//)
		finding(FNR, "comment", "comments are /* */")
	if (comments ~ /(^|[^A-Za-z])(TODO|FIXME|XXX|HACK)([^A-Za-z]|$)/)
		finding(FNR, "comment", "finish it or leave it out")
	if (source)
		check_source(FNR)
	check_function(FNR)
}

END {
	file_end()
	print "# exceptions: " total + 0
	exit findings > 0
}
