# SPDX-License-Identifier: Apache-2.0
# Replays recorded traces against the assignment driver; see tests/conformance/README.md.
# The driver's objects are those of the unit tests, unmodified.

TRACES ?= tests/conformance/traces
driver_sources := $(filter-out %_hyp.c,$(sort \
	$(wildcard drivers/vfio_platform/*.c drivers/vfio_platform/reset/*.c)))
conformance_sources := $(sort $(wildcard tests/conformance/*.c)) tests/host/host_lock.c \
	tests/host/vfio_platform_check.c
conformance_objects := $(call host_objects,$(conformance_sources) $(driver_sources))
REPLAY := $(HOST_OUT)/conformance/replay
CONFORMANCE_PROGRAMS := $(REPLAY)

$(REPLAY): $(conformance_objects)
	@mkdir -p $(@D)
	$(say) HOSTLD $@
	$(Q)$(HOST_CC) $(SANITIZE) $^ -o $@
-include $(conformance_objects:.o=.d)

conformance: $(REPLAY) ## replay recorded traces against the driver (TRACES=DIR, IGNORE_TIMES=1)
	@$(REPLAY) "$(TRACES)" $(if $(filter 1,$(IGNORE_TIMES)),--ignore-times)

# Scripts made up at random, expected output by a second model of the rules, in Python.
SEEDS ?= 300
conformance-random: $(REPLAY) ## compare driver and a second model on SEEDS random scripts
	@$(PYTHON) tests/conformance/random_check.py --replay $(REPLAY) --seeds $(SEEDS)
.PHONY: conformance conformance-random

include tests/coverage.mk
