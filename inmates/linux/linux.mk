# SPDX-License-Identifier: Apache-2.0
# The Linux guest: Debian's kernel, a small ramdisk, and a bundle of their own.

LINUX_OUT := $(BUILD)/linux
LINUX_STAMP := $(LINUX_OUT)/stamp
LINUX_BUNDLE := $(OUT)/linux.uimg
LINUX_DTBS := $(addprefix $(OUT)/configs/,linux/system.dtb linux/linux.dtb linux/linux-b.dtb \
	root.dtb rtc-trapped-demo.dtb)
-include $(LINUX_DTBS:.dtb=.d)

# Does nothing when the stamp fits the recipe; see the script.
$(LINUX_STAMP): FORCE | setup
	@sh scripts/setup.sh cpio squashfs-tools
	@$(PYTHON) scripts/linux_guest.py --out $(LINUX_OUT)
$(LINUX_BUNDLE): $(LINUX_STAMP) $(LINUX_DTBS) $(INMATE_BINS) scripts/mkbundle.py
	$(say) BUNDLE $@
	$(Q)$(PYTHON) scripts/mkbundle.py --itb $(@:.uimg=.itb) --uimg $@ \
		$(foreach part,system=configs/linux/system.dtb cell-root=configs/root.dtb \
		cell-rtc-trapped-demo=configs/rtc-trapped-demo.dtb \
		cell-linux=configs/linux/linux.dtb cell-linux-b=configs/linux/linux-b.dtb \
		shell=inmates/shell.bin rtc-demo=inmates/rtc-demo.bin, \
		--add $(firstword $(subst =, ,$(part)))=$(OUT)/$(lastword $(subst =, ,$(part)))) \
		--add linux-image=$(LINUX_OUT)/Image --add linux-initrd=$(LINUX_OUT)/initrd

LINUX_DEVICES := \
	-drive if=none,id=disk,format=raw,readonly=on,file=$(LINUX_OUT)/disk \
	-device virtio-blk-device,drive=disk,bus=virtio-mmio-bus.31 \
	-netdev user,id=net -device virtio-net-device,netdev=net,bus=virtio-mmio-bus.30

linux: $(HYP_BIN) $(LINUX_BUNDLE) ## fetch Debian's arm64 kernel once, and pack a bundle with it
run-linux: linux ## the shell with a Linux cell to start; GIC=2|3 BOOT=uboot|direct
	@BUILD=$(abspath $(BUILD)) $(PYTHON) scripts/machine.py --board virt --gic $(or $(GIC),3) \
		--boot $(or $(BOOT),uboot) --bundle $(LINUX_BUNDLE) \
		$(if $(LIMIT),--limit $(LIMIT)) -- $(LINUX_DEVICES)
.PHONY: linux run-linux
