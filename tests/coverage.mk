# SPDX-License-Identifier: Apache-2.0
# What the tests of the assignment driver reach, and which mistakes they would find.

driver_tests_options = --cc '$(HOST_CC)' --cppflags '-include $(AUTOCONF) \
	-Itests/host/include -Itests/host -Ihypervisor/include'

coverage: $(AUTOCONF) ## line and branch coverage of the assignment driver's core
	@$(PYTHON) scripts/coverage.py --build $(HOST_OUT)/coverage $(driver_tests_options)

mutants: $(AUTOCONF) ## flip lines of the assignment driver one at a time: is each noticed?
	@$(PYTHON) scripts/mutants.py --build $(HOST_OUT)/mutants $(driver_tests_options)
.PHONY: coverage mutants
