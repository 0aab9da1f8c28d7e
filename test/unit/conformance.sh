#!/bin/sh
# Conformance of the matching with other people's results, as TAP:
#  - ten streams of a public matching-engine benchmark: the SHA-256 of the
#    report stream must be the published one
#  - an hour of CME ES order entry: all 5,853 fills must be the exchange's
# The data are not part of the project: DATA names their directory (default
# ../shared/data beside it); without them everything is skipped.
# usage: [DATA=dir] [CC=cc] test/unit/conformance.sh
set -e
cd "$(dirname "$0")/../.."
data=${DATA:-../shared/data}
if [ ! -f "$data/matching-benchmark/manifest.json" ]; then
	echo "1..0 # SKIP no data in $data"
	exit 0
fi
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
flags="-std=c11 -Wall -Wextra -Werror -O2 -Isrc"
for tool in engine_bench es_flow; do
	# shellcheck disable=SC2086
	${CC:-cc} $flags "src/tools/$tool.c" src/tools/play.c src/engine/*.c -o "$tmp/$tool"
done

echo 1..11
n=0
failed=0
result() {
	n=$((n + 1))
	if [ "$1" = yes ]; then echo "ok $n - $2"; else echo "not ok $n - $2"; failed=1; fi
}
for gz in "$data"/matching-benchmark/*.bin.gz; do
	name=$(basename "$gz" .gz)
	gunzip -c "$gz" >"$tmp/$name"
	got=$("$tmp/engine_bench" --report "$tmp/$name" | sha256sum | cut -d' ' -f1)
	want=$(sed -n "/\"$name\"/,/}/s/.*\"report_sha256\": \"\([0-9a-f]*\)\".*/\1/p" \
		"$data/matching-benchmark/manifest.json")
	if [ -n "$want" ] && [ "$got" = "$want" ]; then result yes "$name"; else result no "$name"; fi
done
gunzip -c "$data/cme-es-mbo/esh4-20231225-order-entry.csv.gz" >"$tmp/entry.csv"
gunzip -c "$data/cme-es-mbo/esh4-20231225-expected-fills.csv.gz" >"$tmp/fills.csv"
if out=$("$tmp/es_flow" "$tmp/entry.csv" "$tmp/fills.csv"); then
	result yes "CME ES: $out"
else
	result no "CME ES: $out"
fi
exit $failed
