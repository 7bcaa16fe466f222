# shellcheck shell=sh
# TAP for tests in shell, to be sourced: a line a check, what explains a failed one, the plan at the end.
tap_count=0

# report NAME STATUS [FILE]: one check, passed if STATUS is 0; FILE is shown if not
report()
{
	tap_count=$((tap_count + 1))
	if [ "$2" -eq 0 ]; then
		echo "ok $tap_count - $1"
		return
	fi
	echo "not ok $tap_count - $1"
	[ ! -s "${3:-}" ] || sed 's/^/# /' "$3"
}

# none NAME FOUND: one check, passed if nothing was found; what was is shown
none()
{
	tap_count=$((tap_count + 1))
	if [ -z "$2" ]; then
		echo "ok $tap_count - $1"
		return
	fi
	echo "not ok $tap_count - $1"
	printf '%s\n' "$2" | sed 's/^/# /'
}

# skip NAME REASON: one check that cannot be made here
skip()
{
	tap_count=$((tap_count + 1))
	echo "ok $tap_count - $1 # SKIP $2"
}

# plan: the last line
plan()
{
	echo "1..$tap_count"
}
