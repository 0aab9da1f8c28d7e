#!/bin/sh
# Compiles every unit test with the sanitizers and runs them with prove.
# usage: test/unit/run.sh [test name ...]		CC=clang works too
set -e
cd "$(dirname "$0")/../.."
cc=${CC:-gcc}
out=${OUT:-$(mktemp -d)}
flags="-std=c11 -Wall -Wextra -Werror -g -O1 -fsanitize=address,undefined -fno-sanitize-recover=undefined"
for f in src/engine/*.c; do
	$cc $flags -Isrc -c "$f" -o "$out/$(basename "$f" .c).o"
done
[ $# -gt 0 ] || set -- test/unit/test_*.c
for f in "$@"; do
	name=$(basename "$f" .c)
	$cc $flags -Isrc -Itest/unit "test/unit/$name.c" "$out"/*.o -o "$out/$name"
	set -- "$@" "$out/$name"
	shift
done
prove --exec '' "$@"
