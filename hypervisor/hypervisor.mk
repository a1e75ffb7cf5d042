# SPDX-License-Identifier: Apache-2.0
# The hypervisor: every source of its folders, linked as one position-independent image.

HYP_OUT := $(OUT)/hypervisor
HYP_ELF := $(HYP_OUT)/bulkhead.elf
HYP_BIN := $(HYP_OUT)/bulkhead.bin
HYP_SCRIPT := hypervisor/arch/arm64/hyp.lds

hyp_folders := hypervisor/arch/arm64 hypervisor/core hypervisor/irqchip hypervisor/vgic \
	hypervisor/lib drivers/vfio_platform drivers/vfio_platform/reset
hyp_sources := $(sort $(wildcard $(addsuffix /*.c,$(hyp_folders)) hypervisor/arch/arm64/*.S))
hyp_objects := $(addprefix $(HYP_OUT)/,$(addsuffix .o,$(basename $(hyp_sources))))

WARNINGS := -Wall -Wextra -Werror -Wshadow -Wundef -Wvla -Wstrict-prototypes \
	-Wmissing-prototypes -Wconversion -Wsign-conversion -Wcast-qual -Wswitch-enum
HYP_CPPFLAGS := -include $(AUTOCONF) -Ihypervisor/include -Ihypervisor/arch/arm64/include \
	-Idrivers/vfio_platform $(THIRD_PARTY_INCLUDES) $(MBEDTLS_CONFIG) $(MAP_PATHS)
# What runs at boot and for a command is made small, what runs on an exit fast.
hyp_small := $(addprefix hypervisor/core/,boot.% board%.c bundle.c cell%.c config%.c \
	console%.c cpu.c device.c guest_fdt%.c image.c manage.c page.c panic.c \
	printk.c psci.c references.c shared.c \
	tree%.c uart%.c vuart%.c) hypervisor/lib/%.c $(addprefix hypervisor/arch/arm64/,cache.c \
	debug.c features.c guest.c id_registers.c sysreg_emulate.c \
	image.c insn_decode.c pmu.c power.c stage1.c trap_fatal.c trap_insn.c) \
	$(addprefix hypervisor/vgic/vgic_,bits.c cell.c evicted.c frame.c held.c look.c \
	overflow.c redistributor.c registers.c route.c virtual.c) \
	hypervisor/irqchip/gic_v2_emulator.c \
	drivers/vfio_platform/vfio_platform_assign.c drivers/vfio_platform/reset/%.c
# The padding that -O2 puts between functions and before loops was 4 % of the image.
HYP_CFLAGS = $(EL2_CFLAGS) $(WARNINGS) -Wstack-usage=256 -falign-functions=4 \
	-falign-loops=1 -falign-jumps=1
# Pointers in constant tables are relocated in .rodata by head.S, before it is made
# read-only: -z text would refuse them.
HYP_LDFLAGS := -nostdlib -static -no-pie -Wl,-pie,--no-dynamic-linker,-z,notext,-z,norelro \
	-Wl,-z,max-page-size=4096,--gc-sections,--build-id=none,--fatal-warnings \
	-Wl,-T,$(HYP_SCRIPT)
HYP_LIBS := $(THIRD_PARTY)/el2/libfdt.a $(THIRD_PARTY)/el2/libsha256.a

ifeq ($(CONFIG_SMALL_IMAGE),y)
HYP_CFLAGS += -mcmodel=tiny
endif
ifeq ($(CONFIG_LTO),y)
HYP_CFLAGS += -flto
HYP_LDFLAGS += -flto -flto-partition=one -O2 $(EL2_REGISTERS) $(MAP_PATHS)
endif

# Other flags or a file more or less mean a new build.
$(HYP_OUT)/flags: FORCE
	$(call stamp,$(CC) $(HYP_CPPFLAGS) $(HYP_CFLAGS) $(hyp_small))
$(HYP_OUT)/objects: FORCE
	$(call stamp,$(HYP_LDFLAGS) $(hyp_objects))

$(HYP_OUT)/%.o: %.c $(HYP_OUT)/flags $(AUTOCONF) $(LIBS_STAMP)
	@mkdir -p $(@D)
	$(say) CC $<
	$(Q)$(CC) $(HYP_CPPFLAGS) $(HYP_CFLAGS) $(if $(filter $(hyp_small),$<),-Os) \
		-MMD -MP -c $< -o $@
$(HYP_OUT)/%.o: %.S $(HYP_OUT)/flags $(AUTOCONF) $(LIBS_STAMP)
	@mkdir -p $(@D)
	$(say) AS $<
	$(Q)$(CC) $(HYP_CPPFLAGS) $(EL2_CFLAGS) -MMD -MP -c $< -o $@

$(HYP_ELF): $(hyp_objects) $(HYP_OUT)/objects $(HYP_SCRIPT) $(LIBS_STAMP)
	$(say) LD $@
	$(Q)$(CC) $(HYP_LDFLAGS) -Wl,-Map,$(@:.elf=.map) $(hyp_objects) $(HYP_LIBS) -o $@
$(HYP_BIN): $(HYP_ELF)
	$(say) OBJCOPY $@
	$(Q)$(OBJCOPY) -O binary $< $@

hypervisor: $(HYP_ELF) $(HYP_BIN) ## build the hypervisor: ELF file and arm64 Image
.PHONY: hypervisor

-include $(hyp_objects:.o=.d)
