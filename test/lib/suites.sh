# test/lib/suites.sh: the suites of test/run, one function each.
#
# Run by test/run, never as root, in a private directory $CLR_WORK:
#   src/   copy of the checkout		  pgsql/  private PostgreSQL
#   data/  market data, if there is any   log/    what is kept
# Every suite writes TAP into log/<suite>.log; what it says is counted here into
# log/<suite>.result (passed, failed, skipped, seconds), log/skips and
# log/failures.
set -u

src=$CLR_WORK/src
log=$CLR_WORK/log
# pg_config of the PostgreSQL to test with
system_pg_config=${PG_CONFIG:-/usr/lib/postgresql/15/bin/pg_config}
[ -x "$system_pg_config" ] || system_pg_config=$(command -v pg_config)

# Counts the TAP of a log.  A plan that is not kept, a program that fails
# without a failed test and a log without any test are failures too.
# usage: count SUITE LOG STATUS
count() {
	awk -v suite="$1" -v status="$3" -v skips="$log/skips" -v failures="$log/failures" '
		function leave(text) { sub(/^(not )?ok +[0-9]* *(- )?/, "", text); return text }
		function end_plan() {
			if (planned >= 0 && planned != seen) {
				failed++
				print suite ": " unit ": " planned " tests planned, " seen " run" >> failures
			}
			planned = -1; seen = 0
		}
		BEGIN { planned = -1; unit = suite }
		/^### / { end_plan(); unit = substr($0, 5) }
		/^1\.\.0 *# *[Ss][Kk][Ii][Pp]/ {
			skipped++
			reason = $0; sub(/^1\.\.0 *# *[A-Za-z]* */, "", reason)
			print suite ": " unit ": " reason >> skips
			next
		}
		/^1\.\.[0-9]+/ { planned = substr($1, 4) + 0; next }
		/^ok .*# *[Ss][Kk][Ii][Pp]/ {
			seen++; skipped++
			reason = $0; sub(/^.*# *[Ss][Kk][Ii][Pp][A-Za-z]* */, "", reason)
			name = leave($0); sub(/ *# *[Ss][Kk][Ii][Pp].*$/, "", name)
			print suite ": " name ": " reason >> skips
			next
		}
		/^ok / { seen++; passed++; next }
		/^not ok .*# *TODO/ { seen++; skipped++; print suite ": " leave($0) >> skips; next }
		/^not ok / { seen++; failed++; print suite ": " unit ": " leave($0) >> failures; next }
		/^Bail out!/ { failed++; print suite ": " unit ": " $0 >> failures }
		/^### exit status [1-9]/ && failed == 0 { failed++; print suite ": " before ": " substr($0, 5) >> failures }
		/^### / { before = unit }
		END {
			end_plan()
			if (status != 0 && failed == 0) {
				failed++
				print suite ": exit status " status >> failures
			}
			if (passed + failed + skipped == 0) {
				failed++
				print suite ": no test ran" >> failures
			}
			print passed + 0, failed + 0, skipped + 0
		}' "$2"
}

# usage: suite NAME
suite() {
	local name=$1 started=$SECONDS status counts
	printf '%-14s ' "$name"
	"suite_$name" > "$log/$name.log" 2>&1
	status=$?
	counts=$(count "$name" "$log/$name.log" "$status")
	echo "$counts $((SECONDS - started))" > "$log/$name.result"
	echo "$counts $((SECONDS - started))" |
		awk '{ printf "%d passed, %d failed, %d skipped in %d s\n", $1, $2, $3, $4 }'
	[ "$(echo "$counts" | cut -d' ' -f2)" = 0 ]
}

# usage: check NUMBER NAME COMMAND...; prints the command's output as comments
# unless it succeeds
check() {
	local number=$1 name=$2 out
	shift 2
	if out=$("$@" 2>&1); then
		echo "ok $number - $name"
	else
		echo "not ok $number - $name"
		printf '%s\n' "$out" | tail -40 | sed 's/^/# /'
		return 1
	fi
}

#----------------------------------------------------------------
# build: with gcc and clang, without a warning; installed
#----------------------------------------------------------------

# The server finds its libraries relative to its own binary: a tree of links
# with real binaries is an installation of its own.
private_postgresql() {
	local from bin
	from=$("$system_pg_config" --bindir)
	bin=$CLR_WORK/pgsql$from
	mkdir -p "$CLR_WORK/pgsql$(dirname "$from")" "$CLR_WORK/pgsql$("$system_pg_config" --sharedir)"
	cp -rs "$(dirname "$from")/." "$CLR_WORK/pgsql$(dirname "$from")" &&
		cp -rs "$("$system_pg_config" --sharedir)/." "$CLR_WORK/pgsql$("$system_pg_config" --sharedir)" &&
		ln -s /usr/include "$CLR_WORK/pgsql/usr/include" || return 1
	for link in "$bin"/*; do
		cp --remove-destination "$(readlink -f "$link")" "$link" || return 1
	done
	[ "$("$bin/pg_config" --bindir)" = "$bin" ]
}

no_warning() {
	! grep -nE 'warning:|error:' "$1"
}

# clang is told to keep quiet about options meant for gcc, nothing else
build_with() {
	local dir=$1 out=$2
	shift 2
	make -C "$dir" -j "$JOBS" PG_CONFIG="$pg_config" "$@" > "$out" 2>&1 || { cat "$out"; return 1; }
}

# What install puts anywhere, the documents with it, uninstall removes.
installs_and_uninstalls() {
	local to=$CLR_WORK/installed file
	make -C "$src" install PG_CONFIG="$pg_config" DESTDIR="$to" || return 1
	for file in "$src"/doc/*.md; do
		find "$to" -path "*/doc/*/extension/pg_clearing/doc/$(basename "$file")" | grep . || return 1
	done
	find "$to" -path '*/extension/pg_clearing/README.md' | grep . || return 1
	make -C "$src" uninstall PG_CONFIG="$pg_config" DESTDIR="$to" || return 1
	! find "$to" ! -type d | grep . && rm -rf "$to"
}

suite_build() {
	echo 1..7
	check 1 "a private PostgreSQL" private_postgresql || return 1
	check 2 "builds with gcc" build_with "$src" "$log/gcc.log" CC=gcc || return 1
	check 3 "gcc has no warning" no_warning "$log/gcc.log"
	check 4 "installs" make -C "$src" install PG_CONFIG="$pg_config" || return 1
	mkdir "$CLR_WORK/clang"
	(cd "$src" && tar -cf - --exclude='*.o' --exclude='*.so' .) | tar -xf - -C "$CLR_WORK/clang"
	check 5 "installs the documents too, and uninstalls everything" installs_and_uninstalls
	check 6 "builds with clang" build_with "$CLR_WORK/clang" "$log/clang.log" CC=clang \
		COPT="-Wno-unknown-warning-option -Wno-ignored-optimization-argument"
	check 7 "clang has no warning" no_warning "$log/clang.log"
	rm -rf "$CLR_WORK/clang"
	true
}

#----------------------------------------------------------------
# unit: the engine by itself, under the sanitizers, without -fwrapv
#----------------------------------------------------------------
unit_flags="-std=gnu11 -Wall -Wextra -Werror -g -O1 -fsanitize=address,undefined -fno-sanitize-recover=undefined"

suite_unit() {
	local out=$CLR_WORK/unit file name
	mkdir "$out"
	cd "$src" || return 1
	# shellcheck disable=SC2086
	ls src/engine/*.c | xargs -P "$JOBS" -I{} sh -c \
		'gcc '"$unit_flags"' -Isrc -c "$1" -o "$2/$(basename "$1" .c).o"' _ {} "$out" || return 1
	ls test/unit/*.c | xargs -P "$JOBS" -I{} sh -c \
		'gcc '"$unit_flags"' -Isrc -Itest/unit "$1" "$2"/*.o -o "$2/$(basename "$1" .c)"' _ {} "$out"
	for file in test/unit/*.c; do
		name=$(basename "$file" .c)
		echo "### $name"
		if [ -x "$out/$name" ]; then
			"$out/$name"
			echo "### exit status $?"
		else
			echo "not ok - $name compiles"
		fi
	done
}

#----------------------------------------------------------------
# property: random flows against the rules; two mistakes that must be found
#----------------------------------------------------------------
suite_property() {
	local status=0
	cd "$src" || return 1
	echo "### with the sanitizers"
	test/property/run --operations 150000 --jobs "$JOBS" --save "$log/property-failure.txt" || status=1
	echo "### optimised"
	FAST=1 test/property/run --operations 1000000 --jobs "$JOBS" --seed 1000000 \
		--save "$log/property-failure-fast.txt" || status=1
	echo "### mutants"
	test/property/mutants --quick || status=1
	return "$status"
}

#----------------------------------------------------------------
# matcher: the engine against a second matcher; mistakes that must be found
#----------------------------------------------------------------
suite_matcher() {
	cd "$src" || return 1
	test/matcher/run --commands 10000 --mutants
}

#----------------------------------------------------------------
# fuzz: codec and engine, coverage-guided, from the corpus
#----------------------------------------------------------------
suite_fuzz() {
	cd "$src" || return 1
	ARTIFACTS=$log test/fuzz/run --seconds 12
}

#----------------------------------------------------------------
# conformance: published streams through the engine alone
#----------------------------------------------------------------
suite_conformance() {
	/usr/bin/python3 "$src/test/conformance/run" "$CLR_WORK/conformance" "$MARKET_DATA"
}

#----------------------------------------------------------------
# regress, isolation: PostgreSQL's own drivers; their lines become TAP
#----------------------------------------------------------------
regress_to_tap() {
	sed -E -e 's/^(test | +)?([a-z0-9_-]+) +\.\.\. ok .*/ok - \2/' \
		-e 's/^(test | +)?([a-z0-9_-]+) +\.\.\. FAILED.*/not ok - \2/' \
		-e 's/^(ok|not ok) +[0-9]+ +[-+] ([a-z0-9_-]+) .*/\1 - \2/'
}

suite_regress() {
	local status
	cd "$src" || return 1
	make installcheck PG_CONFIG="$pg_config" 2>&1 | regress_to_tap
	status=${PIPESTATUS[0]}
	for file in regression.diffs tmp_check_regress/log/postmaster.log; do
		[ -f "$file" ] && cp "$file" "$log/regress.$(basename "$file")"
	done
	for file in log/postmaster.log; do
		[ -f "$file" ] && cp "$file" "$log/regress.$(basename "$file")"
	done
	return "$status"
}

suite_isolation() {
	local status specs out=$CLR_WORK/isolation
	cd "$src" || return 1
	specs=$(cd test/isolation/specs && ls ./*.spec 2>/dev/null | sed 's|^./||; s/\.spec$//')
	mkdir "$out"
	# shellcheck disable=SC2086
	"$pgxs/src/test/isolation/pg_isolation_regress" --bindir="$bindir" \
		--inputdir=test/isolation --outputdir="$out" --dbname=isolation \
		--temp-instance="$out/instance" --temp-config=test/regress.conf \
		--no-locale --encoding=UTF8 $specs 2>&1 | regress_to_tap
	status=${PIPESTATUS[0]}
	[ -f "$out/regression.diffs" ] && cp "$out/regression.diffs" "$log/isolation.diffs"
	[ -f "$out/log/postmaster.log" ] && cp "$out/log/postmaster.log" "$log/isolation.postmaster.log"
	return "$status"
}

#----------------------------------------------------------------
# pgtap: what the catalogue says, on a server of its own
#----------------------------------------------------------------
suite_pgtap() {
	local dir=$CLR_WORK/pgtap file status=0
	mkdir "$dir"
	initdb -D "$dir/data" -A trust -N --no-locale -E UTF8 -U postgres > /dev/null || return 1
	cat "$src/test/regress.conf" >> "$dir/data/postgresql.conf"
	pg_ctl -D "$dir/data" -w -l "$log/pgtap.postmaster.log" start > /dev/null \
		-o "-c listen_addresses='' -c unix_socket_directories='$dir'" || return 1
	export CLR_SRC=$src PGHOST=$dir PGUSER=postgres PGDATABASE=pgtap PGPORT=5432
	createdb pgtap && psql -XqAt -v ON_ERROR_STOP=1 -f "$src/test/pgtap/setup/house.sql" || status=1
	for file in "$src"/test/pgtap/*.sql; do
		echo "### $(basename "$file" .sql)"
		pg_prove -v --norc "$file" 2>&1 |
			grep -vE '^(Result|Files|All tests|Test Summary|-----|  |/)'
		echo "### exit status ${PIPESTATUS[0]}"
	done
	pg_ctl -D "$dir/data" -w -m fast stop > /dev/null
	return "$status"
}

#----------------------------------------------------------------
# tap: servers that are restarted, killed, promoted
#----------------------------------------------------------------
tap_one() {
	local file=$1 name
	name=$(basename "$file" .pl)
	mkdir -p "$CLR_WORK/tap/$name"
	cd "$CLR_WORK/tap/$name" || return 1
	TESTDIR=$PWD timeout -k 10 600 perl -I "$pgxs/src/test/perl" -I "$src/test/t" "$file" \
		> "$log/tap.$name.log" 2>&1
	echo "### exit status $?" >> "$log/tap.$name.log"
	# what the servers said matters only if something failed
	if grep -qE '^(not ok|### exit status [1-9])' "$log/tap.$name.log"; then
		cp -r tmp_check/log "$log/tap.$name.servers" 2>/dev/null
	fi
	rm -rf "$CLR_WORK/tap/$name"
}

suite_tap() {
	local file name
	export -f tap_one
	export src log pgxs
	export PG_REGRESS=$pgxs/src/test/regress/pg_regress PG_TEST_PORT_DIR=$CLR_WORK/tmp/ports
	export PG_TEST_TIMEOUT_DEFAULT=60
	ls "$src"/test/t/*.pl | xargs -P "$JOBS" -I{} bash -c 'tap_one "$1"' _ {}
	for file in "$src"/test/t/*.pl; do
		name=$(basename "$file" .pl)
		echo "### $name"
		cat "$log/tap.$name.log"
	done
}

#----------------------------------------------------------------
# docs: what the documents say against what there is
#----------------------------------------------------------------
suite_docs() {
	local program status=0
	for program in test/docs/check test/readme/check; do
		echo "### $program"
		"$src/$program" || status=1
	done
	return "$status"
}

#----------------------------------------------------------------
# cluster: Patroni, etcd and HAProxy, and the failover drills
#----------------------------------------------------------------
suite_cluster() {
	local program status=0
	for program in checker run; do
		echo "### $program"
		"$src/test/cluster/$program" || status=1
	done
	return "$status"
}

#----------------------------------------------------------------
# main
#----------------------------------------------------------------
bindir=$CLR_WORK/pgsql$("$system_pg_config" --bindir)
pg_config=$bindir/pg_config
pgxs=$CLR_WORK/pgsql$(dirname "$(dirname "$(dirname "$("$system_pg_config" --pgxs)")")")
export PATH=$bindir:$PATH
unset PGHOST PGPORT PGUSER PGDATABASE PGDATA PGOPTIONS
for name in "$@"; do
	if ! suite "$name" && [ "$name" = build ]; then
		# without the extension nothing else says anything
		[ -f "$("$pg_config" --pkglibdir 2>/dev/null)/pg_clearing.so" ] || exit 1
	fi
done
