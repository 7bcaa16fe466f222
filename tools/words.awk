# The texts of templates, {{_}}...{{/_}} and {{_ context}}...{{/_}}, as C that xgettext reads:
#
#	awk -f tools/words.awk share/templates/*.html
#
# White space counts once, as text/tmpl_words.c has it.

function put(context, text) {
	gsub(/[ \t\n]+/, " ", text)
	sub(/^ /, "", text)
	sub(/ $/, "", text)
	gsub(/\\/, "\\\\", text)
	gsub(/"/, "\\\"", text)
	printf "# 1 \"%s\"\n", name
	if (context == "")
		printf "TEXT(\"%s\")\n", text
	else
		printf "TEXT_FOR(\"%s\", \"%s\")\n", context, text
}

function file_end(    end, context) {
	while (match(source, /\{\{_( [^{}]*)?\}\}/)) {
		context = substr(source, RSTART + 3, RLENGTH - 5)
		gsub(/^ +| +$/, "", context)
		source = substr(source, RSTART + RLENGTH)
		end = index(source, "{{/_}}")
		if (!end) {
			printf "%s: a text does not end\n", name > "/dev/stderr"
			bad = 1
			exit 1
		}
		put(context, substr(source, 1, end - 1))
		source = substr(source, end + 6)
	}
	source = ""
}

FNR == 1 { file_end(); name = FILENAME }
{ source = source $0 "\n" }
END { if (!bad) file_end() }
