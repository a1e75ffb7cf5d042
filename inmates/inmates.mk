# SPDX-License-Identifier: Apache-2.0
# The inmates: bare-metal guests on newlib. A folder inmates/shell or
# inmates/{demos,tests,bench}/NAME is one inmate; so is a file NAME.c beside such folders.
# inmates/boards/BOARD holds those for devices that only this board has.
# Those of bench/ have a folder of their own and are not in the demo's bundle.

INMATE_OUT := $(OUT)/inmates
inmate_groups := $(addprefix inmates/,demos tests bench) $(wildcard inmates/boards/$(BOARD))
inmate_folders := $(patsubst %/,%,$(sort $(dir $(wildcard inmates/shell/*.c \
	$(addsuffix /*/*.c,$(inmate_groups))))))
inmate_files := $(sort $(wildcard $(addsuffix /*.c,$(inmate_groups))))
inmate_paths := $(inmate_folders) $(inmate_files:.c=)
inmate_names := $(sort $(notdir $(filter-out inmates/bench/%,$(inmate_paths))))
bench_names := $(sort $(patsubst inmates/%,%,$(filter inmates/bench/%,$(inmate_paths))))
inmate_lib_sources := $(sort $(wildcard inmates/lib/*.[cS]))
INMATE_BINS := $(patsubst %,$(INMATE_OUT)/%.bin,$(inmate_names))
BENCH_BINS := $(patsubst %,$(INMATE_OUT)/%.bin,$(bench_names))

# inmate_sources(NAME), inmate_objects(SOURCES)
inmate_sources = $(foreach folder,$(filter %/$(1),$(inmate_folders)), \
	$(sort $(wildcard $(folder)/*.[cS]))) $(filter %/$(1).c,$(inmate_files))
inmate_objects = $(addprefix $(OUT)/,$(addsuffix .o,$(basename $(1))))

INMATE_SCRIPT := inmates/lib/inmate.lds
INMATE_LIB := $(INMATE_OUT)/libinmate.a
INMATE_CPPFLAGS = -Iinmates/lib -Ihypervisor/include -D_DEFAULT_SOURCE -nostdinc \
	-isystem $(THIRD_PARTY)/libfdt -isystem $(THIRD_PARTY)/newlib/include \
	$(compiler_include) $(MAP_PATHS)
INMATE_CFLAGS := -std=c11 -O2 -g -march=armv8-a -mstrict-align -mno-outline-atomics \
	-fno-pic -fno-pie -fno-common -fno-stack-protector -fno-asynchronous-unwind-tables \
	-ffunction-sections -fdata-sections $(WARNINGS)
INMATE_LDFLAGS := -nostdlib -static -no-pie -Wl,-pie,--no-dynamic-linker,-z,notext,-z,norelro \
	-Wl,-z,max-page-size=4096,--gc-sections,--build-id=none,--fatal-warnings \
	-Wl,-T,$(INMATE_SCRIPT)
INMATE_LIBS := -Wl,--start-group $(INMATE_LIB) $(THIRD_PARTY)/el2/libfdt.a \
	$(addprefix $(THIRD_PARTY)/newlib/lib/,libc.a libm.a) -lgcc -Wl,--end-group

inmate_lib_objects := $(call inmate_objects,$(inmate_lib_sources))
inmate_all_objects := $(inmate_lib_objects) \
	$(foreach name,$(inmate_names) $(bench_names),$(call inmate_objects,$(call inmate_sources,$(name))))

$(INMATE_OUT)/flags: FORCE
	$(call stamp,$(CC) $(INMATE_CPPFLAGS) $(INMATE_CFLAGS))
$(INMATE_OUT)/objects: FORCE
	$(call stamp,$(INMATE_LDFLAGS) $(inmate_all_objects))

$(OUT)/inmates/%.o: inmates/%.c $(INMATE_OUT)/flags $(LIBS_STAMP) $(NEWLIB_STAMP)
	@mkdir -p $(@D)
	$(say) CC $<
	$(Q)$(CC) $(INMATE_CPPFLAGS) $(INMATE_CFLAGS) -MMD -MP -c $< -o $@
$(OUT)/inmates/%.o: inmates/%.S $(INMATE_OUT)/flags $(LIBS_STAMP) $(NEWLIB_STAMP)
	@mkdir -p $(@D)
	$(say) AS $<
	$(Q)$(CC) $(INMATE_CPPFLAGS) $(INMATE_CFLAGS) -MMD -MP -c $< -o $@

$(INMATE_LIB): $(inmate_lib_objects) $(INMATE_OUT)/objects
	$(say) AR $@
	@rm -f $@
	$(Q)$(AR) rcsD $@ $(inmate_lib_objects)

# crt0 is named by itself: nothing refers to it, so it would not be taken from the library.
.SECONDEXPANSION:
$(INMATE_OUT)/%.elf: $$(call inmate_objects,$$(call inmate_sources,$$*)) $(INMATE_LIB) \
		$(INMATE_SCRIPT) $(INMATE_OUT)/objects
	$(say) LD $@
	$(Q)$(CC) $(INMATE_LDFLAGS) $(filter %.o,$^) $(OUT)/inmates/lib/crt0.o \
		$(INMATE_LIBS) -o $@
$(INMATE_OUT)/%.bin: $(INMATE_OUT)/%.elf
	$(say) OBJCOPY $@
	$(Q)$(OBJCOPY) -O binary $< $@

inmates: $(INMATE_BINS) $(BENCH_BINS) ## build the guests' images
.PHONY: inmates

-include $(inmate_all_objects:.o=.d)
