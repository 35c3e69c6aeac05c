# jacflow: everything from one command.  Flags of the compiler are meson's.
#
#   make                       build the library, the programs and the tests
#   make experiments           run what changed, draw, report, print verdicts
#   make check                 the tests, in both precisions
#   make NAME                  one experiment by its name, and its figures
#   make proofs bench report reproduce reference man readme docs clean
#   make reproduce CLAIM=C1.3  what one claim needs, afresh (docs/reproduce.md)
#   make figure NAME=volume-order   one figure as SVG, PNG and PDF
#   make compare OTHER=DIR     the tables of OUT beside those of another run
#   make merge                 join the shares of a sweep that OUT has
#   make calibrate SEEDS=100   how each verdict falls over so many seeds, and
#                              what the audit tells of 20 000 flows
#   make endurance             long runs on photographs, and the largest rates
#                              at which runs last, some hours; SIZES="1024 64"
#   make certified             two flows under proof, to 1e-10 a part
#   make reliability           calls that fail, kills, planted faults, at length
#   make fuzz MINUTES=20       libFuzzer on all that reads (docs/fuzzing.md)
#   make nightly HOURS=3       that, and all else that takes long; or, of its parts,
#                              PARTS='fuzz-*'
#   make peers                 other libraries judged (docs/peers.md), some hours
#   make peers LIBRARY=zuko    one of them
#   make peers-see             the five lines of each of their findings, run
#   make peers-pairs           flows of them that uniqueness compares, trained
#   make bench PEERS=yes       with PyTorch and JAX beside it (docs/performance.md)
#   make install               below PREFIX=/usr/local, in DESTDIR if given
#
# PROFILE=quick|default|full   sizes of the experiments
# SANITIZE=1                   address and undefined-behaviour sanitizers
# THREADS=N                    threads of a program; 0: all
# SHARDS=N                     an experiment as so many processes
# OUT=DIR                      where tables and report go
# PHOTOGRAPHS=no               without photographs: nothing is said of them
# CC=clang                     another compiler, in a build folder of its own

EXPERIMENTS = optimum uniqueness volume lipschitz lipschitz_single principles \
	stability stability_single highres audit

PROFILE  = default
SANITIZE =
THREADS  = 0
SHARDS   = 1
OUT      = results
PREFIX   = /usr/local
DESTDIR  =

NAMES    = $(filter-out %_single,$(EXPERIMENTS))

ifeq ($(filter quick default full,$(PROFILE)),)
$(error PROFILE=$(PROFILE): expected quick, default or full)
endif

# Folders are targets and words of commands.
open     = (
close    = )
ODD      = ' " ` $$ & ; < > | * ? \ \# % : = $(open) $(close)
$(if $(filter 1,$(words $(OUT))),,$(error OUT=$(OUT): one folder expected, \
	without blanks))
$(foreach c,$(ODD),$(if $(findstring $(c),$(OUT)),\
	$(error OUT=$(OUT): a folder without $(c) expected)))

# A folder of Meson keeps the compiler that it began with.
ifneq ($(origin CC),default)
OF_CC = $(addprefix -,$(filter-out cc gcc ccache,$(notdir $(CC))))
endif

ifeq ($(filter 1,$(SANITIZE)),1)
BUILD = build-sanitize$(OF_CC)
SETUP = -Db_sanitize=address,undefined -Db_lundef=false \
	-Dbuildtype=debugoptimized
else
BUILD = build$(OF_CC)
SETUP =
endif

# Programs exist only once built: this is a list for the second make, below.
PROOFS   := $(shell find $(BUILD)/proofs-check -maxdepth 1 -type f \
	-perm -u+x 2>&-)
STAMPS   := $(EXPERIMENTS:%=$(OUT)/.%-$(PROFILE).stamp)
PROVED   := $(PROOFS:$(BUILD)/proofs-check/%=$(OUT)/.%-$(PROFILE).proof)

# plots/stability-edge.gp draws tables of the experiments stability and
# stability_single.
PLOTS   := $(filter-out plots/style.gp,$(wildcard plots/*.gp))
stem     = $(firstword $(subst -, ,$(basename $(notdir $(1)))))
DRAWN   := $(foreach p,$(PLOTS),\
	$(if $(filter $(call stem,$(p)),$(EXPERIMENTS)),$(p)))
made_by  = $(filter $(1) $(1)_%,$(EXPERIMENTS))
FIGURES := $(DRAWN:.gp=.svg) $(DRAWN:.gp=.png)

# Tables that take hours, which ship.
LASTING  = results/long
OF_LASTING = plots/calibration.gp plots/endurance-edge.gp \
	plots/endurance-run.gp plots/peers-flows.gp

# These are drawn of the tables of make bench, by it and by make report.
BENCHED := $(filter plots/throughput-%.gp plots/scaling-%.gp,$(PLOTS))
UNDRAWN := $(if $(wildcard $(OUT)/throughput.csv),,$(BENCHED))

.PHONY: all build experiments check proofs bench calibrate merge report \
	reproduce reference man readme docs figure compare reliability fuzz \
	nightly peers peers-page peers-see peers-pairs bench-page timings-page \
	certified endurance install clean run-proofs run-report tables runs figures $(NAMES)
.DELETE_ON_ERROR:
.SUFFIXES:

all: build

build:
	@./install.sh
	@test -f $(BUILD)/build.ninja || meson setup $(SETUP) $(BUILD)
	@ninja -C $(BUILD)

# Experiments have all processors, one after another; proofs and gnuplot one each,
# and go side by side, unless the user said how many (-j).
define side_by_side
case "$$MAKEFLAGS" in *jobserver*) many= ;; *) many=-j$$(nproc) ;; esac
endef

# What fails is left out, and the rest still ends in verdicts and a report.
experiments: build
	@status=0; $(side_by_side); \
	$(MAKE) --no-print-directory -k runs || status=1; \
	$(MAKE) --no-print-directory -k $$many tables figures || status=1; \
	$(MAKE) --no-print-directory run-report || status=1; \
	exit $$status

# One experiment: its programs, also those in float, and its figures.
$(NAMES): build
	@$(MAKE) --no-print-directory \
		$(patsubst %,$(OUT)/.%-$(PROFILE).stamp,$(call made_by,$@))
	@$(MAKE) -s --no-print-directory $(filter plots/$@-%,$(FIGURES))

proofs: build
	@$(side_by_side); $(MAKE) --no-print-directory $$many run-proofs

check: build
	@tests/run.sh $(BUILD)

# Clang's, in a build folder of its own.
MINUTES = 20
fuzz:
	@CC=clang ./install.sh && CC=clang FUZZ=1 ./install.sh
	@test -f build-fuzz/build.ninja || CC=clang meson setup -Dfuzz=true \
		-Db_sanitize=address,undefined -Db_lundef=false \
		-Dbuildtype=debugoptimized build-fuzz
	@ninja -C build-fuzz tests/fuzz/fuzz_readers tests/fuzz/fuzz_proofs \
		tests/fuzz/replay_readers tests/fuzz/replay_proofs
	@tests/fuzz/fuzz.sh build-fuzz $(MINUTES)

# A night that was interrupted goes on where it was.
HOURS = 3
nightly: build
	@tests/nightly.sh $(BUILD) $(HOURS) $(LASTING)/reliability.csv '$(PARTS)'; \
	status=$$?; tools/nights.sh $(LASTING)/reliability.csv \
		docs/reliability.md && exit $$status

# The tables alone, before the figures and the report that are made of them;
# those of experiments.
tables: runs $(PROVED)
runs: $(STAMPS)

figures: $(FIGURES)

run-proofs: $(PROVED)
	@$(BUILD)/tools/verdicts $(OUT)
	@tools/proved.sh $(PROVED)

# What is said of photographs changes with whether they are there.
$(OUT)/.photographs: always
	@mkdir -p $(OUT)
	@tools/photographs.sh >$@.new
	@cmp -s $@.new $@ && rm $@.new || mv $@.new $@
$(foreach e,highres optimum,$(OUT)/.$(e)-$(PROFILE).stamp): $(OUT)/.photographs

# A killed run is resumed, but not the run of another program or profile.
define experiment_rule
$(OUT)/.$(1)-$(PROFILE).stamp: $(BUILD)/experiments/$(1) $(wildcard data/* data/flows/*)
	@SHARDS=$(SHARDS) tools/run_experiment.sh $$< $$@ --profile $(PROFILE) \
		--out $(OUT) --threads $(THREADS) --resume
endef
$(foreach e,$(EXPERIMENTS),$(eval $(call experiment_rule,$(e))))

define proof_rule
$(OUT)/.$(1)-$(PROFILE).proof: $(BUILD)/proofs-check/$(1)
	@tools/run_proof.sh $$< $$@ --profile $(PROFILE) --out $(OUT)
endef
$(foreach p,$(notdir $(PROOFS)),$(eval $(call proof_rule,$(p))))

define figure_rule
$(1:.gp=.svg) $(1:.gp=.png) &: $(1) plots/style.gp \
		$(patsubst %,$(OUT)/.%-$(PROFILE).stamp,$(call made_by,$(call stem,$(1)))) \
		$(BUILD)/drawn-from
	@tools/draw.sh $(OUT) $(1)
endef
$(foreach p,$(DRAWN),$(eval $(call figure_rule,$(p))))

# Figures are one set, and tables may be in several folders: a change of
# folder draws again.
$(BUILD)/drawn-from: always
	@echo $(OUT) | cmp -s - $@ || echo $(OUT) >$@
.PHONY: always
always:

# PEERS=yes: PyTorch and JAX as well, in environments below $(BUILD)/peers.
PEERS =
bench: build
	@PEERS='$(PEERS)' tools/bench.sh $(BUILD) --profile $(PROFILE) \
		--out $(OUT) --threads $(THREADS)
	@tools/draw.sh $(OUT) $(BENCHED)

# The table of docs/performance.md, of the run that is in OUT.
bench-page:
	@python3 tools/peers/bench/page.py $(OUT) docs/performance.md

# How long the programs of the run that is in OUT took, there.
timings-page:
	@tools/timings.sh $(OUT) docs/performance.md

# Over so many seeds how each verdict of the quick profile falls.
SEEDS = 100
calibrate: build
	@tools/calibrate.sh $(BUILD) $(SEEDS) $(LASTING)/calibration.csv \
		$(EXPERIMENTS)
	@tools/at_length.sh $(BUILD) $(LASTING)

# Long runs on photographs, at the first size, and edges of stability at all.
SIZES = 1024
endurance: build
	@tools/endurance.sh $(BUILD) $(LASTING) full $(SIZES)

# Of two flows trained apart: gaps and how far their determinants differ.
certified: build
	@tools/certified.sh $(BUILD)/proofs-check/two_flows \
		$(LASTING)/two-flows.csv

# Each ends with a line of counts; what fails does not stop the rest.
KILLS = 200
reliability: build
	@status=0; \
	tests/faults.sh $(BUILD) --long || status=1; \
	tests/surroundings.sh $(BUILD) --kills $(KILLS) || status=1; \
	tests/kills.sh $(BUILD) $(KILLS) || status=1; \
	tests/planted.sh $(BUILD) || status=1; \
	exit $$status

merge: build
	@tools/merge.sh $(BUILD) $(OUT) $(PROFILE)

# Other libraries of flows, each in an environment below $(BUILD)/peers; goes on
# where it stopped.
LIBRARY =
peers: build
	@for more in '' --compiled; do \
		python3 tools/peers/peers.py $(LIBRARY:%=--library %) $$more \
			--audit $(BUILD)/experiments/audit --build $(BUILD)/peers \
			--table $(LASTING)/peers-flows.csv || exit; \
	done
	@$(MAKE) --no-print-directory peers-page

peers-see:
	@python3 tools/peers/peers.py $(LIBRARY:%=--library %) --see \
		--build $(BUILD)/peers

peers-pairs: build
	@python3 tools/peers/pairs.py --build $(BUILD)/peers \
		--jacflow $(BUILD)/jacflow

peers-page:
	@python3 tools/peers/page.py $(LASTING)/peers-flows.csv \
		tools/peers/words docs/peers.md $(LASTING)/peers-words.csv

report: build
	@$(MAKE) --no-print-directory run-report

run-report: $(BUILD)/drawn-from
	@mkdir -p $(OUT)
	@tools/draw.sh --changed $< $(OUT) $(filter-out $(UNDRAWN),$(PLOTS))
	@tools/draw.sh --changed $< $(LASTING) $(OF_LASTING)
	@$(BUILD)/tools/verdicts $(OUT)
	@$(BUILD)/tools/report $(OUT) plots $(LASTING)
	@tools/manifest.sh $(OUT) plots $(BUILD)

# One figure, from the tables that are there.
NAME =
figure:
	@tools/figure.sh $(OUT) '$(NAME)'

# Two runs side by side.
OTHER =
compare: build
	@tools/side_by_side.sh $(BUILD) $(OUT) '$(OTHER)'

# Tables of the quick profile in a folder of their own, $$fresh.
define afresh
fresh=$$(mktemp -d) && trap 'rm -rf "$$fresh"' EXIT && \
	trap 'exit 1' HUP INT TERM && $(side_by_side) && \
	$(MAKE) --no-print-directory runs PROFILE=quick OUT=$$fresh && \
	$(MAKE) --no-print-directory $$many tables PROFILE=quick OUT=$$fresh
endef

# The reference tables are those of the quick profile; of one claim only what it
# needs.
CLAIM =
ifneq ($(CLAIM),)
reproduce: build
	@tools/reproduce.sh $(BUILD) '$(CLAIM)'
else
reproduce: build
	@case "$(origin PROFILE) $(PROFILE)" in "file "* | *" quick") ;; \
	*) echo "make reproduce: PROFILE=$(PROFILE): the reference tables are" \
		"those of the quick profile" >&2; exit 1 ;; esac
	@$(afresh) && \
	$(BUILD)/tools/verdicts --quiet $$fresh && \
	if ! $(BUILD)/tools/compare results/reference $$fresh; then \
		tools/environment.sh $(BUILD) results/reference/environment.txt; \
		exit 1; \
	fi
endif

# Those tables made anew here, with what they were made with.
reference: build
	@$(afresh) && \
	for table in $(notdir $(wildcard results/reference/*.csv)); do \
		[ ! -f $$fresh/$$table ] || cp $$fresh/$$table results/reference || exit; \
	done && \
	tools/environment.sh $(BUILD) >$$fresh/environment.txt && \
	cp $$fresh/environment.txt results/reference

# Programs find their things wherever the prefix is moved to; programs of users
# that link the library, where it was.
install: build
	@echo $(abspath $(PREFIX)) | cmp -s - $(BUILD)/prefix || \
		meson configure $(BUILD) -Dprefix=$(abspath $(PREFIX)) \
			-Dlibdir=lib -Dpkgconfig.relocatable=true
	@ninja -C $(BUILD)
	@DESTDIR='$(DESTDIR)' meson install -C $(BUILD) --no-rebuild --quiet
	@echo $(abspath $(PREFIX)) >$(BUILD)/prefix

man: build
	@tools/man.sh $(BUILD)

# The table of claims in README.md, between its marks, of a fresh run.
readme: build
	@$(afresh) && tools/readme.sh $(BUILD)/tools/report README.md $$fresh

# What docs/ has of a fresh run.
docs: build
	@$(afresh) && tools/bench_columns.sh $$fresh && \
	for file in reproduce tables; do \
		columns=; [ $$file != tables ] || \
			columns="docs/columns.csv $(LASTING)"; \
		$(BUILD)/tools/report --$$file $$fresh $$columns \
			>$$fresh/text || { cat $$fresh/text; exit 1; }; \
		cp $$fresh/text docs/$$file.md || exit; \
	done

# Tables stay: they may have taken hours.
clean:
	rm -rf build build-sanitize build-fuzz build-coverage build-thread \
		$(BUILD)
	rm -f plots/*.svg plots/*.png plots/*.pdf $(OUT)/report.html $(OUT)/.*.stamp \
		$(OUT)/.*.proof
