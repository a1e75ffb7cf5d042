# SPDX-License-Identifier: Apache-2.0
# The bench: the board's image, cells of configs/BOARD/bench, and a plugin of the emulator.

BENCH_OUT := $(BUILD)/bench
BENCH_PLUGIN := $(BENCH_OUT)/el2_counter.so
BENCH_DTBS := $(patsubst configs/$(BOARD)/%.dts,$(OUT)/configs/%.dtb, \
	$(wildcard configs/$(BOARD)/bench/*.dts configs/$(BOARD)/bench/*/*.dts))
-include $(BENCH_DTBS:.dtb=.d)

$(BENCH_PLUGIN): tests/bench/el2_counter.c | setup
	@mkdir -p $(@D)
	$(say) HOSTCC $<
	$(Q)$(HOST_CC) -std=c11 -O2 -Wall -Wextra -Werror -Wshadow -shared -fPIC \
		-fvisibility=hidden $< -o $@

bench_parts := $(HYP_BIN) $(BENCH_BINS) $(BENCH_DTBS) $(BENCH_PLUGIN)
bench_environment = BOARD=$(BOARD) BUILD=$(abspath $(BUILD)) CROSS_COMPILE=$(CROSS_COMPILE)

bench: $(bench_parts) ## count the instructions of every row; fail if a budget is broken
	@status=0; \
	$(bench_environment) $(PYTHON) scripts/bench.py --json $(BUILD)/bench.json || status=1; \
	$(bench_environment) $(PYTHON) scripts/bench_growth.py || status=1; \
	exit $$status
bench-growth: $(bench_parts) ## only whether cost grows with devices, interrupts and cells
	@$(bench_environment) $(PYTHON) scripts/bench_growth.py
bench-check: $(bench_parts) ## compare the figures with the committed baseline
	@$(bench_environment) $(PYTHON) scripts/bench_check.py
bench-baseline: $(bench_parts) ## make the present figures the baseline
	@$(bench_environment) $(PYTHON) scripts/bench_check.py --write
profile: $(bench_parts) ## where the instructions of one row go; BENCH=ROW GIC=2|3 [V=1: in order]
	@test -n '$(BENCH)' || { echo 'profile: say BENCH=ROW, one of make bench' >&2; exit 1; }
	@$(bench_environment) $(PYTHON) scripts/bench_profile.py $(BENCH) --gic $(or $(GIC),3) \
		$(if $(filter 1,$(V)),--path)
.PHONY: bench bench-growth bench-check bench-baseline profile
