# SPDX-License-Identifier: Apache-2.0
# The tests: programs on the host, then pytest with the emulator.

# The parts of the hypervisor that need no hardware, for the host and with sanitizers;
# tests/host/include stands in for arch/arm64/include.
pure_sources := $(sort $(wildcard \
	$(addsuffix *.c,$(addprefix hypervisor/core/,board tree bundle config guest_fdt image references timer \
	trace_ring vuart_registers console_lines)) \
	hypervisor/lib/*.c $(addprefix hypervisor/arch/arm64/,insn_decode.c mmio_decode.c)) \
	$(filter-out %_hyp.c,$(wildcard drivers/vfio_platform/*.c drivers/vfio_platform/reset/*.c)))
unit_sources := $(sort $(wildcard tests/unit/test_*.c))
# Fakes and helpers that several programs share.
help_sources := $(sort $(filter-out tests/unit/test_%,$(wildcard tests/unit/*.c tests/host/*.c)))

# The board's options, in a place of their own: boards with the same ones share what is built.
HOST_AUTOCONF := $(HOST_OUT)/autoconf.h
$(HOST_AUTOCONF): $(AUTOCONF) FORCE
	@mkdir -p $(@D)
	@cmp -s $< $@ || cp $< $@

host_objects = $(patsubst %.c,$(HOST_OUT)/%.o,$(1))
LIBPURE := $(HOST_OUT)/libpure.a
LIBHELP := $(HOST_OUT)/libhelp.a
UNIT_PROGRAMS := $(patsubst tests/unit/%.c,$(HOST_OUT)/unit/%,$(unit_sources))
HOST_LIBS := -Wl,--start-group $(LIBHELP) $(LIBPURE) $(THIRD_PARTY)/host/libfdt.a \
	$(THIRD_PARTY)/host/libsha256.a -Wl,--end-group -lcmocka
HOST_CPPFLAGS := -include $(HOST_AUTOCONF) -Itests/host/include -Itests/host -Ihypervisor/include \
	-Idrivers/vfio_platform $(THIRD_PARTY_INCLUDES) $(MBEDTLS_CONFIG) $(MAP_PATHS)

# Ours must not take the place of the host's memcpy() and friends, which the sanitizers
# watch: there they are called hyp_memcpy() and so on, and can be tested by these names.
hidden_names := memcpy memmove memset memcmp memchr strlen strnlen strcmp strncmp strchr strrchr
hide_names := -fno-builtin $(foreach name,$(hidden_names),-D$(name)=hyp_$(name))

$(HOST_OUT)/flags: FORCE
	$(call stamp,$(HOST_CC) $(HOST_CPPFLAGS) $(HOST_CFLAGS) $(WARNINGS))
$(HOST_OUT)/objects: FORCE
	$(call stamp,$(pure_sources) $(help_sources))

$(HOST_OUT)/hypervisor/lib/string.o: HOST_EXTRA := $(hide_names)
# Tests may be written with less ceremony than what they test.
$(HOST_OUT)/tests/%.o: HOST_EXTRA := -Wno-conversion -Wno-sign-conversion -Wno-cast-qual \
	-Wno-missing-prototypes
$(HOST_OUT)/%.o: %.c $(HOST_OUT)/flags $(HOST_AUTOCONF) $(LIBS_STAMP)
	@mkdir -p $(@D)
	$(say) HOSTCC $<
	$(Q)$(HOST_CC) -std=gnu11 $(HOST_CPPFLAGS) $(HOST_CFLAGS) $(WARNINGS) $(HOST_EXTRA) \
		-MMD -MP -c $< -o $@

$(LIBPURE): $(call host_objects,$(pure_sources)) $(HOST_OUT)/objects
	@rm -f $@
	$(Q)ar rcsD $@ $(filter %.o,$^)
$(LIBHELP): $(call host_objects,$(help_sources)) $(HOST_OUT)/objects
	@rm -f $@
	$(Q)ar rcsD $@ $(filter %.o,$^)
$(HOST_OUT)/unit/%: $(HOST_OUT)/tests/unit/%.o $(LIBHELP) $(LIBPURE) $(LIBS_STAMP)
	@mkdir -p $(@D)
	$(say) HOSTLD $@
	$(Q)$(HOST_CC) $(SANITIZE) $< $(HOST_LIBS) -o $@
-include $(patsubst %.o,%.d,$(call host_objects,$(pure_sources) $(unit_sources) $(help_sources)))

unit: $(UNIT_PROGRAMS) ## run the unit tests of the pure parts on the host
	@test -n '$(strip $(UNIT_PROGRAMS))' || { echo 'unit: there are no programs' >&2; exit 1; }
	@status=0; for program in $(UNIT_PROGRAMS); do \
		timeout 600 $$program || { echo "unit: $$program failed" >&2; status=1; }; \
	done; exit $$status

# Defines CONFORMANCE_PROGRAMS and the target conformance, which compares the driver with
# recorded traces: TRACES=DIR takes others, IGNORE_TIMES=1 compares no times.
-include tests/conformance/conformance.mk

# The driver's core reaches the machine by its table of operations alone: linked with
# itself, it may want nothing but the lock.
core_sources := $(filter-out %_hyp.c,$(wildcard drivers/vfio_platform/*.c \
	drivers/vfio_platform/reset/*.c))
CORE_ALONE := $(HYP_OUT)/core-alone.o
core_may_want := spinlock_lock spinlock_unlock
$(CORE_ALONE): $(core_sources) $(wildcard drivers/vfio_platform/*.h hypervisor/include/hyp/*.h) \
		$(HYP_OUT)/flags $(AUTOCONF)
	$(say) CC $@
	$(Q)$(CC) $(HYP_CPPFLAGS) $(EL2_CFLAGS) $(WARNINGS) -r -nostdlib $(core_sources) -o $@
check-core: $(CORE_ALONE) ## check that the driver's core needs nothing of the hypervisor but its lock
	@for name in $$($(CROSS_COMPILE)nm -u --format=just-symbols $<); do \
		case " $(core_may_want) " in *" $$name "*) continue ;; esac; \
		echo "check-core: the driver's core calls $$name(), past its ops table" >&2; \
		failed=1; \
	done; test -z "$$failed"
.PHONY: check-core

# The checker of configs: the hypervisor's own code, against the tree of the emulated board.
CONFIG_CHECK := $(HOST_OUT)/config-check
CHECK_TREE := $(OUT)/boot/board$(if $(GIC),-gic$(GIC)).dtb
$(CONFIG_CHECK): $(HOST_OUT)/tests/host/config_check.o $(LIBHELP) $(LIBPURE) $(LIBS_STAMP)
	$(say) HOSTLD $@
	$(Q)$(HOST_CC) $(SANITIZE) $< $(HOST_LIBS) -o $@
$(CHECK_TREE): scripts/machine.py $(BOARD_TREE) | setup
	@mkdir -p $(@D)
	@BUILD=$(abspath $(BUILD)) $(PYTHON) scripts/machine.py --board $(BOARD) \
		$(if $(GIC),--gic $(GIC)) --dump-dtb $@
check-configs: $(CONFIG_CHECK) $(CHECK_TREE) $(CONFIG_DTBS) ## check the configs on the host
	@$(CONFIG_CHECK) $(CHECK_TREE) $(OUT)/configs/system.dtb \
		$(filter-out %/system.dtb,$(CONFIG_DTBS))
.PHONY: check-configs

# Guests that only the system tests run: made like the inmates, but in no bundle of `make`.
guest_sources := $(sort $(wildcard tests/system/guests/*.c))
GUEST_OUT := $(OUT)/tests/guests
GUEST_BINS := $(patsubst tests/system/guests/%.c,$(GUEST_OUT)/%.bin,$(guest_sources))
$(GUEST_OUT)/%.o: tests/system/guests/%.c $(INMATE_OUT)/flags $(LIBS_STAMP) $(NEWLIB_STAMP)
	@mkdir -p $(@D)
	$(say) CC $<
	$(Q)$(CC) $(INMATE_CPPFLAGS) $(INMATE_CFLAGS) -MMD -MP -c $< -o $@
$(GUEST_OUT)/%.elf: $(GUEST_OUT)/%.o $(INMATE_LIB) $(INMATE_SCRIPT) $(INMATE_OUT)/objects
	$(say) LD $@
	$(Q)$(CC) $(INMATE_LDFLAGS) $< $(OUT)/inmates/lib/crt0.o $(INMATE_LIBS) -o $@
$(GUEST_OUT)/%.bin: $(GUEST_OUT)/%.elf
	$(say) OBJCOPY $@
	$(Q)$(OBJCOPY) -O binary $< $@
-include $(GUEST_BINS:.bin=.d)

# Programs for the bare board, which know nothing of a hypervisor: no header of ours, no
# library. One is linked where it runs, the other runs anywhere.
BARE_OUT := $(OUT)/tests/bare
BARE_BINS := $(BARE_OUT)/fixed.elf $(BARE_OUT)/fixed.bin $(BARE_OUT)/tree.bin
BARE_CFLAGS := -std=gnu11 -O2 -g -march=armv8-a -mgeneral-regs-only -mstrict-align \
	-ffreestanding -fno-builtin -fno-common -fno-stack-protector -fno-asynchronous-unwind-tables \
	-fpie -fno-plt -mcmodel=tiny -Wall -Wextra -Werror $(MAP_PATHS)
bare_shared := $(addprefix tests/system/bare/,start.S board.c)
$(BARE_OUT)/fixed.elf: bare_address := 0x64000000
$(BARE_OUT)/tree.elf: bare_address := 0
$(BARE_OUT)/%.elf: tests/system/bare/%.c $(bare_shared) tests/system/bare/board.h \
		tests/system/bare/bare.lds tests/tests.mk
	@mkdir -p $(@D)
	$(say) LD $@
	$(Q)$(CC) $(BARE_CFLAGS) -nostdlib -static -no-pie -Wl,--build-id=none,--fatal-warnings \
		-Wl,-z,max-page-size=4096,-z,noexecstack,--no-warn-rwx-segments,-T,tests/system/bare/bare.lds \
		-Wl,-Ttext=$(bare_address) $(bare_shared) $< -o $@
$(BARE_OUT)/%.bin: $(BARE_OUT)/%.elf
	$(say) OBJCOPY $@
	$(Q)$(OBJCOPY) -O binary $< $@
GUEST_BINS += $(BARE_BINS)

test-programs: $(UNIT_PROGRAMS) $(CONFORMANCE_PROGRAMS) $(GUEST_BINS) ## build what the tests run
PYTEST := $(PYTHON) -m pytest -p no:cacheprovider
pytest_environment = BOARD=$(BOARD) BUILD=$(abspath $(BUILD))

system: all $(BOARD_UBOOT) $(GUEST_BINS) ## run the tests in the emulator; T='-k NAME' picks some
	@$(pytest_environment) $(PYTEST) tests/system $(T)

# The long forms of tests that `make test` has in short.
CYCLES ?= 10000
cycles: all ## CYCLES=10000 lives of the demo cells leave the machine as it was
	@$(pytest_environment) CYCLES=$(CYCLES) $(PYTEST) tests/system/test_cycles.py

MINUTES ?= 30
soak: all ## MINUTES=30 of fuzzing cells beside a victim, seeds printed
	@$(pytest_environment) FUZZ_SECONDS=$$(($(MINUTES) * 60 / 2)) $(PYTEST) -s -x tests/system/test_fuzz.py

# What `make test` runs on the other boards: a part of what each has under its own name.
OTHER_BOARDS := $(if $(filter virt,$(BOARD)),zcu102)
SHORT_zcu102 := ttc or storm or devices or five_times or data_access
other-boards: ## short tests of the boards besides this one
	@$(foreach board,$(OTHER_BOARDS),$(MAKE) --no-print-directory BOARD=$(board) system-short &&) true
system-short: check-configs all $(GUEST_BINS) ## those tests of this board that others run too
	@$(pytest_environment) $(PYTEST) tests/system $(if $(SHORT_$(BOARD)),-k '$(SHORT_$(BOARD))')
.PHONY: other-boards system-short

# A board has figures to compare if it has configs for the bench.
board_bench := $(if $(wildcard configs/$(BOARD)/bench),bench-check)

# pytest comes last, so that its summary closes the output.
test: $(if $(filter virt,$(BOARD)),linux) unit conformance check-configs check-core all $(board_bench) other-boards $(BOARD_UBOOT) $(GUEST_BINS) ## run all tests
	@$(pytest_environment) $(PYTEST) tests

test-broken: all test-programs ## prove that each known mistake (tests/broken) is caught
	@$(pytest_environment) $(PYTHON) scripts/test_broken.py $(T)
.PHONY: unit conformance test-programs system cycles soak test test-broken
