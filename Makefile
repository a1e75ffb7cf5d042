# SPDX-License-Identifier: Apache-2.0
# The build of Bulkhead. `make help` says what each target does; the rules for the
# parts stand in hypervisor/hypervisor.mk, inmates/inmates.mk and tests/tests.mk.

BOARD ?= virt
ifeq ($(wildcard configs/$(BOARD)/system.dts),)
$(error BOARD=$(BOARD): there is no configs/$(BOARD)/system.dts; the boards are: $(patsubst configs/%/system.dts,%,$(wildcard configs/*/system.dts)))
endif
BUILD ?= build
PYTHON := /usr/bin/python3
CROSS_COMPILE ?= aarch64-linux-gnu-
CC := $(CROSS_COMPILE)gcc
AR := $(CROSS_COMPILE)ar
OBJCOPY := $(CROSS_COMPILE)objcopy
HOST_CC ?= gcc

OUT := $(BUILD)/$(BOARD)
HOST_OUT := $(BUILD)/host
THIRD_PARTY := $(BUILD)/third_party
CONFIG := $(OUT)/.config
AUTOCONF := $(OUT)/include/generated/autoconf.h
export KCONFIG_CONFIG := $(CONFIG)

export LC_ALL := C
export PYTHONDONTWRITEBYTECODE := 1
export SOURCE_DATE_EPOCH ?= 0

MAKEFLAGS += --no-builtin-rules --no-builtin-variables
.SUFFIXES:
.DELETE_ON_ERROR:
.SECONDARY:

# V=1 shows the commands.
ifeq ($(V),1)
Q :=
say = @:
else
Q := @
say = @printf '  %-8s %s\n'
endif

# stamp(TEXT): the recipe of a file that changes only when the text does.
stamp = @mkdir -p $(@D); printf '%s\n' '$(subst ','\'',$(1))' | cmp -s - $@ || \
	printf '%s\n' '$(subst ','\'',$(1))' > $@

# ---- set-up ---------------------------------------------------------------------------

.DEFAULT_GOAL := all
.PHONY: FORCE setup help

setup: ## install the missing Debian packages (every target that needs it does so)
	@sh scripts/setup.sh

# The compiler's own headers (stdint.h, stdarg.h ...): the only ones that EL2 takes from outside.
compiler_include = -isystem "$$($(CC) -print-file-name=include)"
# By the shell, so that a copy of the tree elsewhere has the same flags.
MAP_PATHS := -ffile-prefix-map="$$PWD"=.
# These stay the guest's: an exit need not save them, see entry.S.
EL2_REGISTERS := -ffixed-x17 -ffixed-x18
EL2_CFLAGS = -std=c11 -O2 -g -march=armv8-a $(EL2_REGISTERS) -mgeneral-regs-only -mstrict-align \
	-mno-outline-atomics -ffreestanding -fno-pic -fno-pie -fno-common -fno-stack-protector \
	-fno-asynchronous-unwind-tables -ffunction-sections -fdata-sections -nostdinc \
	 -isystem hypervisor/lib/include $(compiler_include)
SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
HOST_CFLAGS := -O1 -g $(SANITIZE)
MBEDTLS_CONFIG := -DMBEDTLS_CONFIG_FILE='"mbedtls_config.h"' -Ihypervisor/lib
THIRD_PARTY_INCLUDES := -isystem $(THIRD_PARTY)/libfdt -isystem $(THIRD_PARTY)/mbedtls/include

# Both do nothing when the stamp fits the recipe; see the script.
LIBS_STAMP := $(THIRD_PARTY)/libs.stamp
NEWLIB_STAMP := $(THIRD_PARTY)/newlib.stamp
$(LIBS_STAMP): FORCE | setup
	@$(PYTHON) scripts/third_party.py libs --out $(THIRD_PARTY) --cc '$(CC)' --ar '$(AR)' \
		--cflags "$(subst ",\",$(EL2_CFLAGS) $(MBEDTLS_CONFIG))" --host-cc '$(HOST_CC)' \
		--host-cflags "$(subst ",\",$(HOST_CFLAGS) $(MBEDTLS_CONFIG))"
$(NEWLIB_STAMP): FORCE | setup
	@$(PYTHON) scripts/third_party.py newlib --out $(THIRD_PARTY) --cross '$(CROSS_COMPILE)'

# U-Boot, for a board that Debian has none for: only if it is asked for.
BOARD_UBOOT := $(if $(wildcard configs/$(BOARD)/u-boot.config),$(THIRD_PARTY)/u-boot-$(BOARD).stamp)
$(BOARD_UBOOT): FORCE | setup
	@sh scripts/setup.sh bison flex libssl-dev
	@$(PYTHON) scripts/third_party.py u-boot --board $(BOARD) --out $(THIRD_PARTY) \
		--cross '$(CROSS_COMPILE)'

third-party: $(LIBS_STAMP) $(NEWLIB_STAMP) ## fetch and build libfdt, SHA-256 and newlib, once
.PHONY: third-party

# ---- options --------------------------------------------------------------------------

$(CONFIG): Kconfig | setup
	@mkdir -p $(@D)
	@if [ -f $@ ]; then $(PYTHON) -m olddefconfig Kconfig; \
	else $(PYTHON) -m defconfig --kconfig Kconfig configs/$(BOARD)/defconfig; fi >/dev/null
	@touch $@

$(AUTOCONF): $(CONFIG)
	@mkdir -p $(@D)
	@$(PYTHON) -m genconfig --header-path $@ Kconfig
	@touch $@

menuconfig: $(CONFIG) ## change the options of the board's build in menus
	@$(PYTHON) -m menuconfig Kconfig
olddefconfig: $(CONFIG) ## give options that .config lacks their defaults
	@$(PYTHON) -m olddefconfig Kconfig
savedefconfig: $(CONFIG) ## write what differs from the defaults to the board's defconfig
	@$(PYTHON) -m savedefconfig --kconfig Kconfig --out configs/$(BOARD)/defconfig
%_defconfig: | setup ## start again from the options of configs/BOARD/defconfig
	@mkdir -p $(BUILD)/$*
	@KCONFIG_CONFIG=$(BUILD)/$*/.config \
		$(PYTHON) -m defconfig --kconfig Kconfig configs/$*/defconfig
.PHONY: menuconfig olddefconfig savedefconfig

# ---- the parts ------------------------------------------------------------------------

all: hypervisor inmates configs bundle ## build everything that the board loads (default)
.PHONY: all

# .config is a makefile too; the first `make` makes it and starts over.
no_config_goals := help setup clean distclean format format-check third-party
ifneq ($(filter-out $(no_config_goals),$(or $(MAKECMDGOALS),all)),)
include $(CONFIG)
endif
include hypervisor/hypervisor.mk
include inmates/inmates.mk

# ---- configs and bundle ---------------------------------------------------------------

config_sources := $(sort $(wildcard configs/$(BOARD)/*.dts))
CONFIG_DTBS := $(patsubst configs/$(BOARD)/%.dts,$(OUT)/configs/%.dtb,$(config_sources))

$(OUT)/configs/%.dtb: configs/$(BOARD)/%.dts | setup
	@mkdir -p $(@D)
	$(say) DTC $<
	$(Q)cpp -nostdinc -undef -x assembler-with-cpp -Iconfigs/$(BOARD) \
		-MMD -MP -MT $@ -MF $(@:.dtb=.d) $< -o $(@:.dtb=.pre.dts)
	$(Q)dtc -I dts -O dtb -o $@ $(@:.dtb=.pre.dts)

# The board's own tree, where neither firmware nor the emulator supplies one, and U-Boot's.
BOARD_TREE := $(patsubst configs/$(BOARD)/tree/%.dts,$(OUT)/%.dtb,$(wildcard configs/$(BOARD)/tree/*.dts))
$(BOARD_TREE): $(OUT)/%.dtb: configs/$(BOARD)/tree/%.dts | setup
	@mkdir -p $(@D)
	$(say) DTC $<
	$(Q)dtc -I dts -O dtb -o $@ $<

configs: $(CONFIG_DTBS) $(BOARD_TREE) ## compile the system's and the cells' configs
.PHONY: configs
-include $(CONFIG_DTBS:.dtb=.d)

BUNDLE := $(OUT)/bundle.uimg
FIT := $(OUT)/bulkhead.fit
$(OUT)/bundle.list: FORCE
	$(call stamp,$(CONFIG_DTBS) $(INMATE_BINS) $(CONFIG_FIT_LOAD_ADDRESS))
# What was removed from the tree must not stay in the bundle.
$(BUNDLE) $(OUT)/bundle.itb $(FIT) &: $(HYP_BIN) $(CONFIG_DTBS) $(INMATE_BINS) \
		scripts/mkbundle.py $(OUT)/bundle.list
	$(say) BUNDLE $(BUNDLE)
	@rm -f $(filter-out $(CONFIG_DTBS),$(wildcard $(OUT)/configs/*.dtb)) \
		$(filter-out $(INMATE_BINS),$(wildcard $(INMATE_OUT)/*.bin))
	$(Q)$(PYTHON) scripts/mkbundle.py --configs $(OUT)/configs --inmates $(INMATE_OUT) \
		--itb $(OUT)/bundle.itb --uimg $(BUNDLE) --fit $(FIT) \
		--kernel $(HYP_BIN) --load $(CONFIG_FIT_LOAD_ADDRESS)

bundle: $(BUNDLE) ## pack configs and guests for U-Boot, and the FIT of everything
.PHONY: bundle

# ---- running --------------------------------------------------------------------------

# What is not said here is the board's own, see scripts/machine.py.
machine_options = $(if $(GIC),--gic $(GIC)) $(if $(BOOT),--boot $(BOOT)) $(if $(SMP),--smp $(SMP)) \
	$(if $(MEMORY),--memory $(MEMORY)) $(if $(LIMIT),--limit $(LIMIT))

run: all $(if $(filter uboot,$(BOOT)),$(BOARD_UBOOT)) ## the board with its shell on this terminal; GIC=2|3 BOOT=uboot|fit|direct SMP= MEMORY=
	@BUILD=$(abspath $(BUILD)) $(PYTHON) scripts/machine.py --board $(BOARD) $(machine_options)

demo: all ## run the whole story without a keystroke, and check it
	@BOARD=$(BOARD) BUILD=$(abspath $(BUILD)) $(PYTHON) scripts/demo.py
.PHONY: run demo

include inmates/linux/linux.mk
include tests/tests.mk
include tests/bench/bench.mk

# ---- the tree -------------------------------------------------------------------------

c_files = $$(git ls-files --cached --others --exclude-standard '*.c' '*.h')
format: ## lay out the C files by .clang-format
	@sh scripts/setup.sh clang-format-14
	$(Q)clang-format-14 -i $(c_files)
format-check: ## say which C files are not laid out so
	@sh scripts/setup.sh clang-format-14
	$(Q)clang-format-14 --dry-run --Werror $(c_files)

clean: ## remove what was built of this tree, but keep the third-party libraries
	$(Q)rm -rf $(filter-out $(THIRD_PARTY),$(wildcard $(BUILD)/*))
distclean: ## remove everything that was built or fetched
	$(Q)rm -rf $(BUILD)
.PHONY: format format-check clean distclean

help: ## say what each target does
	@echo 'make [TARGET...] [BOARD=$(BOARD)] [BUILD=$(BUILD)] [V=1]'
	@sed -n 's/^\([a-z%][a-z_%-]*\):.*## \(.*\)/\1|\2/p' $(MAKEFILE_LIST) | sed 's/^%/BOARD/' | \
		while IFS='|' read -r target text; do printf '  %-16s %s\n' "$$target" "$$text"; done
