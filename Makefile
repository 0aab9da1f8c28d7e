# pg_clearing: build, install, test, demonstrate.
#
#   make              build the extension
#   make install      install it into the PostgreSQL that pg_config names
#   make demo         three nodes, load, a killed primary, a report (README)
#   make demo-stop    remove that cluster
#   make test         everything that is tested; works as root in a bare checkout
#   make soak         ten million random operations against the engine, and
#                     200,000 of each feature against the second matcher
#   make bench        figures, side by side
#
# The layout: extension/ control file and install script, src/ the library,
# sql/ and expected/ pg_regress, test/ all other tests, deploy/ the cluster.

MODULE_big = pg_clearing
EXTENSION  = extension/pg_clearing
DATA_built = extension/pg_clearing--1.0.sql
PGFILEDESC = "pg_clearing - deterministic clearing house"

SQL_PARTS = $(sort $(wildcard $(srcdir)/extension/parts/*.sql))

ENGINE_SRCS = $(sort $(patsubst $(srcdir)/%,%,$(wildcard $(srcdir)/src/engine/*.c)))
GLUE_SRCS   = $(sort $(patsubst $(srcdir)/%,%,$(wildcard $(srcdir)/src/*.c \
              $(srcdir)/src/journal/*.c $(srcdir)/src/worker/*.c $(srcdir)/src/api/*.c)))
ENGINE_OBJS = $(ENGINE_SRCS:.c=.o)
OBJS        = $(GLUE_SRCS:.c=.o) $(ENGINE_OBJS)
PG_CPPFLAGS = -I$(srcdir)/src
PG_CFLAGS   = -Wall -Wextra -Wno-unused-parameter -Wno-sign-compare \
              -Wno-missing-field-initializers -Wno-cast-function-type
# PostgreSQL was configured with gcc: its headers and flags use gcc's words
ifneq (,$(findstring clang,$(CC)))
PG_CFLAGS  += -Wno-ignored-attributes -Wno-unknown-warning-option \
              -Wno-unused-command-line-argument -Wno-ignored-optimization-argument
endif

# pg_regress and the other suites run from test/run, which provides a server
REGRESS      = $(sort $(patsubst $(srcdir)/sql/%.sql,%,$(wildcard $(srcdir)/sql/*.sql)))
REGRESS_OPTS = --inputdir=$(srcdir) --temp-instance=./tmp_check_regress \
               --temp-config=$(srcdir)/test/regress.conf --no-locale --encoding=UTF8
EXTRA_CLEAN  = tmp_check_regress tmp_check output_iso build \
               extension/pg_clearing--1.0.sql

# small files, but one hot path through them: a quarter faster as one unit,
# and a tenth if the compiler may inline more of it
ifeq (,$(findstring clang,$(CC)))
ENGINE_LTO  = -O3 -flto=auto --param max-inline-insns-auto=60
SHLIB_LINK += -O3 -flto=auto --param max-inline-insns-auto=60
endif

# JIT bitcode of extensions buys nothing here and needs a second compiler
with_llvm = no
override with_llvm = no

srcdir ?= .
PG_CONFIG ?= pg_config
PGXS := $(shell $(PG_CONFIG) --pgxs 2>/dev/null)
ifneq ($(PGXS),)
include $(PGXS)
$(shell mkdir -p $(sort $(dir $(OBJS))))
# PGXS tracks no header dependencies
$(OBJS): $(wildcard $(srcdir)/src/*.h $(srcdir)/src/*/*.h)
# the engine is C11, checked more strictly than PostgreSQL's headers allow
$(ENGINE_OBJS): override CFLAGS += -std=gnu11 -Wsign-compare \
              -Wno-declaration-after-statement $(ENGINE_LTO)
endif

# The documents keep their places, so that their links work.  (The DOCS of PGXS
# are a flat list, next to those of all other extensions, and its uninstall
# looks for them in another place than its install.)
DOC_DIR   = $(DESTDIR)$(docdir)/extension/pg_clearing
DOC_FILES = README.md CHANGELOG.md $(sort $(patsubst $(srcdir)/%,%,$(wildcard $(srcdir)/doc/*.md)))

install: install-doc
install-doc:
	$(MKDIR_P) '$(DOC_DIR)/doc'
	for file in $(DOC_FILES); do \
		$(INSTALL_DATA) '$(srcdir)'/$$file '$(DOC_DIR)'/$$file || exit 1; \
	done

uninstall: uninstall-doc
uninstall-doc:
	rm -rf '$(DOC_DIR)'

extension/pg_clearing--1.0.sql: $(SQL_PARTS)
	@mkdir -p $(dir $@)
	cat $(SQL_PARTS) > $@

.PHONY: install-doc uninstall-doc demo demo-stop test soak bench
demo:
	@$(srcdir)/deploy/demo start

demo-stop:
	@$(srcdir)/deploy/demo stop

test:
	@$(srcdir)/test/run

soak:
	@FAST=1 $(srcdir)/test/property/run --operations 10000000 --seed 5000000
	@$(srcdir)/test/matcher/run --commands 200000 --seed 5000000

bench:
	@$(srcdir)/test/bench/run
