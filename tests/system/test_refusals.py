# SPDX-License-Identifier: Apache-2.0
"""A board that cannot start says why in one sentence, and powers off by PSCI."""

import re
import subprocess
import time

import pytest

import testbed
from testbed import device_config, power_off_sentence, root_config, system_config

FETCH = "qfw load ${kernel_addr_r} ${ramdisk_addr_r}; "
START = "booti ${kernel_addr_r} ${ramdisk_addr_r}:${filesize} ${fdt_addr}"


@pytest.mark.parametrize("way", ["direct", "uboot"])
def test_entered_at_el1(gic, way):
    sentence = power_off_sentence(gic=gic, boot=way, virtualization=False)
    assert re.search(r"entered at EL1 and needs EL2", sentence)


@pytest.mark.parametrize("way", ["direct", "uboot", "fit"])
def test_no_bundle(gic, way):
    sentence = power_off_sentence(gic=gic, boot=way, bundle="")
    assert re.search(r"no bundle|no initrd|without", sentence)


@pytest.mark.parametrize("content", [b"\0" * 4096, b"no bundle at all\n", b"\xd0\x0d\xfe\xed"],
                         ids=["zeros", "text", "magic"])
def test_no_bundle_but_something_else(tmp_path, content):
    (tmp_path / "bundle").write_bytes(content)
    assert "bundle" in power_off_sentence(bundle=tmp_path / "bundle")


@pytest.mark.parametrize("keep", [0.01, 0.5, 0.99])
def test_bundle_cut_short(bundle, tmp_path, keep):
    whole = bundle().with_suffix(".itb").read_bytes()
    (tmp_path / "short").write_bytes(whole[:int(len(whole) * keep)])
    assert "bundle" in power_off_sentence(bundle=tmp_path / "short")


@pytest.mark.parametrize("image", ["system", "cell-root", "cell-hello", "shell"])
@pytest.mark.parametrize("way", ["corrupt_hash", "corrupt_data"])
def test_wrong_hash(gic, bundle, image, way):
    sentence = power_off_sentence(gic=gic, bundle=bundle(**{way: [image]}))
    assert f'"{image}"' in sentence
    assert "damaged" in sentence and "sha256" in sentence


@pytest.mark.parametrize("image", ["system", "cell-root", "cell-hello", "shell"])
def test_no_hash(bundle, image):
    sentence = power_off_sentence(bundle=bundle(no_hash=[image]))
    assert f'"{image}"' in sentence and "states no sha256" in sentence


def test_wrong_hash_by_uboot(gic, bundle):
    """U-Boot checks its own header's sum, which is right, and starts it."""
    sentence = power_off_sentence(gic=gic, boot="uboot", bundle=bundle(corrupt_hash=["system"]))
    assert '"system"' in sentence and "damaged" in sentence


@pytest.mark.parametrize("image", ["system", "cell-root", "shell"])
def test_image_missing(bundle, image):
    sentence = power_off_sentence(bundle=bundle(omit=[image]))
    assert image in sentence


def test_root_cell_of_another_name(bundle):
    changed = bundle(configs={"system": system_config(root="boss")})
    sentence = power_off_sentence(bundle=changed)
    assert "root-cell" in sentence and "boss" in sentence


@pytest.mark.parametrize("way", ["direct", "uboot"])
def test_tree_without_gic(gic, tmp_path, way):
    if way == "uboot":
        options = {"environment": {"bootcmd": FETCH + "fdt addr ${fdt_addr}; "
                                   "fdt rm /intc@8000000; " + START}}
    else:
        tree = tmp_path / "board.dtb"
        testbed.machine.Machine(gic=gic).dump_dtb(tree)
        subprocess.run(["fdtput", "-r", tree, "/intc@8000000"], check=True)
        options = {"extra": ("-dtb", str(tree))}
    assert re.search(r"interrupt controller|GIC", power_off_sentence(gic=gic, boot=way, **options))


def test_tree_without_psci(boot, gic):
    """Nothing can power it off: it says so and stops."""
    board = boot(ready=False, gic=gic, boot="uboot", environment={
        "bootcmd": FETCH + "fdt addr ${fdt_addr}; fdt rm /psci; " + START})
    board.wait_line(r"^\[bulkhead\] .*[Pp][Ss][Cc][Ii]", unless=r"panic|starting cell")
    time.sleep(0.5)
    assert board.console.isalive()
    assert board.lines[-1].startswith("[bulkhead] ")


@pytest.mark.parametrize("what, memory", [
    ("the image", 0x40200000), ("the bundle", 0x48000000), ("the device tree", 0x48200000)],
                         ids=["image", "bundle", "tree"])
def test_memory_overlaps(gic, bundle, what, memory):
    """Where QEMU puts things when it boots directly."""
    changed = bundle(configs={"system": system_config(memory=memory, size=0x200000)})
    sentence = power_off_sentence(gic=gic, bundle=changed)
    match = re.search(r"0x(\w+) to 0x(\w+) overlaps (.+), which U-Boot left at "
                      r"0x(\w+) to 0x(\w+)", sentence)
    assert match and match.group(3) == what
    low, high, its_low, its_high = (int(match.group(i), 16) for i in (1, 2, 4, 5))
    assert (low, high) == (memory, memory + 0x200000)
    assert its_low < high and low < its_high


def test_memory_overlaps_what_uboot_left(gic, bundle):
    """U-Boot keeps tree and bundle at the top of RAM."""
    changed = bundle(configs={"system": system_config(memory=0x7d000000)})
    sentence = power_off_sentence(gic=gic, boot="uboot", bundle=changed)
    assert re.search(r"overlaps the (device tree|bundle), which U-Boot left at 0x7d", sentence)


def test_memory_too_small(bundle):
    """2 MiB do not hold a bundle of more than 3."""
    changed = bundle(configs={"system": system_config(size=0x200000)},
                     files={"big": b"big " * (3 << 18)})
    assert re.search(r"memory.*need 0x\w+; give it more", power_off_sentence(bundle=changed))


@pytest.mark.parametrize("changes, words", [
    ({"cpus": 0x2}, ("cpus", "CPU 0")),
    ({"cpus": 0x80}, ("cpus",)),
    ({"memory": 0x90000000}, ("memory",)),                  # no RAM there
    ({"memory": 0x50800000}, ("memory", "hypervisor")),
    ({"size": 0x11000}, ("shell", "memory")),               # too small for its image
    ({"image": "nosuch"}, ("nosuch",)),
], ids=["cpu1", "cpu7", "no-ram", "hypervisors", "too-small", "no-image"])
def test_root_cell_that_cannot_be(gic, bundle, changes, words):
    sentence = power_off_sentence(
        gic=gic, bundle=bundle(configs={"cell-root": root_config(**changes)}))
    assert "root" in sentence or "nosuch" in sentence
    for word in words:
        assert word in sentence


def test_root_cell_with_the_consoles_uart(bundle):
    config = root_config().replace("management;", "management;" + device_config("pl011@9000000"))
    assert "console" in power_off_sentence(bundle=bundle(configs={"cell-root": config}))


def test_too_little_ram(gic):
    """512 MiB end where the root cell's memory begins."""
    assert "memory" in power_off_sentence(gic=gic, memory="512M")
