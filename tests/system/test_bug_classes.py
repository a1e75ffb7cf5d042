# SPDX-License-Identifier: Apache-2.0
"""The mistakes that hypervisors of this kind have had, each with the test that would see it.

CLASSES names them in the words of the field, with an example, and says which tests stand
for each. Those that no other file has are here.
"""

import importlib
import random
import re
import time

import boards
import pytest
from rig import (DEVICE_BASE, DEVICE_NODE, DEVICE_SPIS, GICD, GICR, GICR_STRIDE, INTID, Helper,
                 Puppet, Rig, Victim, cell)

CLASSES = {
    "vGIC register decode past a table (XSA-94, 117, 225)":
        ["test_bug_classes::test_vgic_register_decode", "test_bug_classes::test_sgi_targets",
         "test_vgic::test_registers"],
    "disable or evict an active hardware-linked LR (Bao 371, Xen)":
        ["test_bug_classes::test_disable_active_linked", "test_bug_classes::test_evict_linked",
         "test_vgic::test_irq_disable_while_active", "test_vgic::test_states",
         "test_kill_states::test_kill"],
    "IRQ left active or pending at teardown (Jailhouse b863d1c9)":
        ["test_kill_states::test_kill", "test_kill_states::test_kill_a_hundred_times",
         "test_cycles::test_cycles"],
    "untrapped system registers (XSA-93, 351)":
        ["test_containment::test_untrapped_system_registers",
         "test_containment::test_writes_to_system_registers"],
    "guest pointers in hypercalls (XSA-98)":
        ["test_bug_classes::test_guest_pointers", "test_containment::test_wrong_hypercalls"],
    "guest-driven unbounded work or logging (XSA-295, 118, 146)":
        ["test_bug_classes::test_no_log_by_guest", "test_containment::test_console_flood",
         "test_containment::test_endless_loop"],
    "address wrap and aliasing (XSA-301, 437, 447)":
        ["test_bug_classes::test_address_wrap", "test_containment::test_wrong_psci"],
    "stale stage-2 mapping or TLB (XSA-393)": ["test_bug_classes::test_stale_tlb"],
    "leftover data (XSA-245, 372)":
        ["test_scrub::test_next_owner", "test_scrub::test_created_memory_is_zero"],
    "operation on a dying cell (XSA-410)":
        ["test_dying::test_questions_about_a_dying_cell", "test_dying::test_two_managers",
         "test_dying::test_it_ends_while_it_is_ended"],
    "MMIO table race while it changes (Jailhouse de1551d6)":
        ["test_bug_classes::test_mmio_table_race"],
    "region bounds (CVE-2025-21687), trigger without a handler (CVE-2024-26813)":
        ["test_bug_classes::test_region_bounds",
         "test_bug_classes::test_trigger_without_handler"],
    "DMA after the device was taken away": ["test_bug_classes::test_dma_after_destroy"],
}

GICS = pytest.mark.parametrize("gic", boards.GICS, ids=[f"gic{gic}" for gic in boards.GICS])
EVERYWHERE = pytest.mark.boards(*boards.ALL)
TRAPPED = f'host = "{DEVICE_NODE}"; x-irqfd = <0>; mmap-timeout-ms = <2>;'
LINKED = f'host = "{DEVICE_NODE}"; x-irqfd = <1>;'
VICTIM = cell("victim", 3, image="victim", device=f'host = "{boards.DEVICE}";')
HYPERVISOR = 0x50000000
ALL_ONES = (1 << 64) - 1


def test_each_class_has_its_tests():
    for names in CLASSES.values():
        for name in names:
            module, function = name.split("::")
            assert callable(getattr(importlib.import_module(module), function)), name


def puppet_of(rig, name):
    rig.mark()
    rig.start(name)
    return Puppet(rig, name)


def wait_for(condition, what, seconds=10):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, what


# ---- vGIC register decode past a table -------------------------------------------------

@EVERYWHERE
@GICS
def test_vgic_register_decode(gic):
    """Every offset of the emulated frames, every width, aligned and not, both ways."""
    cells = {"bad": cell("bad", 1), "victim": VICTIM}
    with Rig(gic=gic, cells=cells, keep_configs=False, limit=300) as rig:
        victim, puppet = Victim(rig, "victim"), puppet_of(rig, "bad")
        puppet.do(Puppet.AWAKE)
        before = rig.gic_state()
        frames = [(GICD, 0x10000 if gic == 3 else 0x1000)]
        if gic == 3:
            frames.append((GICR, GICR_STRIDE))
        for base, size in frames:
            puppet.map_device(base, size)
            for width in (1, 2, 4, 8):
                puppet.touch(base, size // width, width, width)
                puppet.touch(base + 1, 0x1000, 1, width)
                for value in (ALL_ONES, 0, 0x5a5a5a5a5a5a5a5a):
                    puppet.touch(base, size // width, width, width, value)
            victim.assert_well()
        rig.ok("cell shutdown bad --force")
        after = rig.gic_state()
        for kind in ("enabled", "active", "registers"):
            own = {irq for irq in before[kind] if isinstance(irq, tuple) and irq[0] == 1}
            if kind == "registers":
                assert after[kind] == before[kind]
                continue
            if kind == "active":
                own.update(boards.DEVICE_INTIDS)    # the victim may be at it, at either moment
                own.update(irq for irq in before[kind] | after[kind]
                           if isinstance(irq, tuple) and irq[0] == 3)   # and at its timer
            assert after[kind] | own == before[kind] | own
        victim.assert_well()


@EVERYWHERE
@GICS
def test_sgi_targets(gic):
    """An SGI to every CPU there is reaches none of another cell, and none that is EL2's."""
    cells = {"bad": cell("bad", 1), "victim": VICTIM}
    with Rig(gic=gic, cells=cells, keep_configs=False) as rig:
        victim, puppet = Victim(rig, "victim"), puppet_of(rig, "bad")
        rounds = rig.ok("cell stats victim")
        for intid in range(16):
            if gic == 2:
                for targets in (0x00ff0000, 0x01000000, 0x02000000, 0x03ff0000, 0x00080000):
                    puppet.write(GICD + 0xf00, targets | intid)
                    puppet.write(GICD + 0xf00, targets | 0x8000 | intid)
                continue
            for value in (0xffff, 1 << 40 | 0xffff, 0xff00ff00ff | 0xffff, ALL_ONES ^ 0xf000000,
                          1 << 44 | 0xffff, 8):
                # MSR ICC_SGI1R_EL1 (and the group 0 and alias forms, which may be undefined)
                for word in (0xd518cba0, 0xd518cbc0, 0xd518cbe0):
                    puppet.do(Puppet.EXECUTE, word, value | intid << 24)
        victim.assert_well()
        kicks = [int(line.split()[1]) for lines in (rounds, rig.ok("cell stats victim"))
                 for line in lines if line.split()[:1] == ["kick"]]
        assert kicks[-1] == kicks[0]
        assert puppet.is_alive()


# ---- a linked list register that is active ---------------------------------------------

def linked_puppet(rig):
    puppet = puppet_of(rig, "bad")
    puppet.map_device(DEVICE_BASE)
    puppet.irq_setup(INTID[0])
    return puppet


@GICS
def test_disable_active_linked(gic):
    """Disabled between acknowledge and end, ended, enabled again: it fires again."""
    with Rig(gic=gic, cells={"bad": cell("bad", 1, device=LINKED)}, device=True,
             keep_configs=False) as rig:
        puppet = linked_puppet(rig)
        for turn in range(1, 20):
            rig.set_line(DEVICE_SPIS[0], 1)
            wait_for(lambda: puppet.acknowledge() == INTID[0], f"turn {turn}")
            puppet.irq_disable(INTID[0])
            rig.set_line(DEVICE_SPIS[0], 0)
            if turn % 2:
                puppet.write(GICD + 0x380 + INTID[0] // 32 * 4, 1 << INTID[0] % 32)
            puppet.do(Puppet.END, INTID[0])
            assert INTID[0] not in rig.gic_state(registers=False)["active"], turn
            puppet.irq_setup(INTID[0])


@GICS
def test_evict_linked(gic):
    """An active linked interrupt, and more pending ones than there are list registers."""
    with Rig(gic=gic, cells={"bad": cell("bad", 1, device=LINKED)}, device=True,
             keep_configs=False) as rig:
        puppet = linked_puppet(rig)
        frame = GICR + 0x10000 if gic == 3 else GICD
        for intid in range(16):
            puppet.write(frame + 0x400 + intid, 0x40, 1)
        puppet.write(frame + 0x100, 0xffff)
        for turn in range(1, 10):
            rig.set_line(DEVICE_SPIS[0], 1)
            wait_for(lambda: puppet.acknowledge() == INTID[0], f"turn {turn}")
            for intid in range(16):
                if gic == 3:
                    puppet.do(Puppet.EXECUTE, 0xd518cba0, intid << 24 | 1)
                else:
                    puppet.write(GICD + 0xf00, 2 << 24 | intid)
            rig.set_line(DEVICE_SPIS[0], 0)
            seen = []
            while True:
                token = puppet.acknowledge()
                if token & 0x3ff >= 1020:
                    break
                seen.append(token & 0x3ff)
                puppet.do(Puppet.END, token)
            assert sorted(seen) == list(range(16)), turn
            puppet.do(Puppet.END, INTID[0])
            assert INTID[0] not in rig.gic_state(registers=False)["active"], turn


# ---- hypercalls ------------------------------------------------------------------------

@pytest.fixture(scope="module")
def manager():
    """A root cell that calls what it is told to."""
    cells = {"root": cell("root", number=1, memory=(0x60000000, 0x400000), cpus=0x1,
                          properties="management;"), "one": cell("one", 1)}
    with Rig(cells=cells, keep_configs=False, ready="has its mailbox at 0x[0-9a-f]+\r") as rig:
        yield Puppet(rig, "root")


def test_guest_pointers(manager):
    """Addresses as arguments: neither is the cell's memory at one touched, nor EL2's read."""
    rig, page = manager.rig, 0x60300000
    rig.memory[page - 0x40000000:page - 0x40000000 + 4096] = b"\xa5" * 4096
    hypervisor = rig.ram(HYPERVISOR, 0x10000)
    for function in range(0xc6000000, 0xc6000028):
        if function in (0xc6000001, 0xc6000003):
            continue    # the console takes bytes and a mode: by value
        for address in (page, HYPERVISOR, 0x60000000, 0x40000000, page + 8):
            for place in range(3):
                arguments = [0, 0, 0]
                arguments[place] = address
                assert manager.hvc(function, *arguments) is not None
    assert rig.ram(page, 4096) == b"\xa5" * 4096
    assert rig.ram(HYPERVISOR, 0x10000) == hypervisor
    # The console takes its bytes by value: one that looks like an address is text.
    assert manager.hvc(0xc6000001, 49, page) >> 63 == 1
    assert manager.is_alive()


def test_address_wrap(manager):
    """Indices and offsets at the ends of their ranges, past them, and around."""
    ends = [0, 1, 2, 7, 8, 63, 64, 511, 512, 0xff, 0x100, 0xffff, 0x10000, 0x7fffffff,
            1 << 31, 0xffffffff, 1 << 32, (1 << 32) + 1, (1 << 63) - 1, 1 << 63, ALL_ONES - 1,
            ALL_ONES]
    reads = [0xc6000011, 0xc6000012, 0xc6000013, 0xc6000014] + list(range(0xc6000020, 0xc6000028))
    for function in reads:
        for first in ends:
            for second in ends:
                answer = manager.hvc(function, first, second, second)
                assert answer is not None
                if first > 8:
                    assert answer >> 63 == 1, (hex(function), hex(first))
    for op in ends[7:]:
        assert manager.hvc(0xc6000010, 1, op, 0) >> 63 == 1
        assert manager.hvc(0xc6000010, 1, 1, op) >> 63 == 1
        assert manager.hvc(0xc6000010, op, 1, 0) >> 63 == 1
    assert manager.is_alive()


@EVERYWHERE
@GICS
def test_no_log_by_guest(gic):
    """However often a cell faults or is refused, the hypervisor prints nothing."""
    with Rig(gic=gic, cells={"bad": cell("bad", 1)}, keep_configs=False) as rig:
        puppet = puppet_of(rig, "bad")
        puppet.map_device(0x6f000000)
        rig.drain()
        rig.mark()
        for _ in range(20):
            assert puppet.touch(0x6f000000, 500, 8, 8) == 0
            puppet.touch(GICD, 500, 1, 1, ALL_ONES)
            puppet.hvc(0xc6000010, 0, 5, 1)
            puppet.hvc(0xc4000003, 9, 9, 9)
        puppet.stuck(Puppet.HVC_LOOP, 0xc60000ff)
        assert re.search(r"\[bulkhead\]", rig.log + rig.drain(1)) is None


# ---- stage 2 ---------------------------------------------------------------------------

def two_cpus(rig):
    """The device's cell, its second CPU reading the device without end."""
    puppet = puppet_of(rig, "two")
    puppet.map_device(DEVICE_BASE)
    for intid in INTID[:3]:
        puppet.irq_setup(intid)
    helper = Helper(puppet)
    helper.calls((0, DEVICE_BASE))
    return puppet, helper


@GICS
def test_stale_tlb(gic):
    """The registers are taken away from under a CPU that reads them: its next read traps.

    That read is the only EOI, so a translation that lives on is an interrupt that stays
    active for ever.
    """
    with Rig(gic=gic, cells={"two": cell("two", cpus=0x6, device=TRAPPED)}, device=True,
             keep_configs=False) as rig:
        _, helper = two_cpus(rig)
        for turn in range(40):
            wait_for(lambda: rig.devices("two")[0]["regions"] == ["mapped"], "not mapped again")
            before = helper.turns()
            wait_for(lambda: helper.turns() > before + 100, "the reader stands still")
            rig.set_line(DEVICE_SPIS[0], 1)
            rig.set_line(DEVICE_SPIS[0], 0)
            wait_for(lambda: rig.devices("two")[0]["irqs"][0]["state"] == "inactive",
                     f"turn {turn}: a read of the other CPU did not trap", 5)


@GICS
def test_mmio_table_race(gic):
    """Two CPUs read, interrupts toggle the mapping, and the cell is killed out of it."""
    chance = random.Random(1)
    with Rig(gic=gic, cells={"two": cell("two", cpus=0x6, device=TRAPPED), "victim": VICTIM},
             device=True, keep_configs=False) as rig:
        victim = Victim(rig, "victim")
        for _ in range(8):
            puppet, helper = two_cpus(rig)
            puppet.stuck(Puppet.READ_LOOP, DEVICE_BASE)
            before = helper.turns()
            for _ in range(150):
                rig.set_line(DEVICE_SPIS[chance.randrange(3)], chance.randrange(2))
            wait_for(lambda at=before: helper.turns() > at, "the reader stands still")
            rig.ok("cell destroy two")
            for spi in DEVICE_SPIS:
                rig.set_line(spi, 0)
            assert not rig.gic_state(registers=False)["active"] & set(INTID)
        victim.assert_well()


# ---- devices ---------------------------------------------------------------------------

@GICS
def test_region_bounds(gic):
    """Registers that are not whole pages: no byte beside them, by no width, is reached."""
    size = 0x608    # its reset touches up to 0x420
    with Rig(gic=gic, cells={"bad": cell("bad", 1, device=TRAPPED)}, device=size,
             keep_configs=False) as rig:
        puppet = puppet_of(rig, "bad")
        puppet.map_device(DEVICE_BASE)
        rig.registers[0:0x1000] = b"\xa5" * 0x1000
        for width in (1, 2, 4, 8):
            for offset in range(0x5f0, 0x620):
                inside = offset + width <= size and offset % width == 0
                answer = puppet.read(DEVICE_BASE + offset, width)
                assert (answer is not None) == inside, (width, hex(offset))
                if offset + width > size:
                    assert puppet.write(DEVICE_BASE + offset, 0, width) is None
            for offset in (0xff8, 0xffc, 0xffe, 0x800):
                assert puppet.read(DEVICE_BASE + offset, width) is None
        assert rig.registers[size:0x1000] == b"\xa5" * (0x1000 - size)


@GICS
@pytest.mark.parametrize("path", [TRAPPED, LINKED], ids=["trapped", "linked"])
def test_trigger_without_handler(gic, path):
    """Lines that rise before the guest has set anything up wait until it has."""
    with Rig(gic=gic, cells={"bad": cell("bad", 1, device=path)}, device=True,
             keep_configs=False) as rig:
        rig.ok("cell create bad")
        rig.set_line(DEVICE_SPIS[0], 1)
        rig.ok("cell load bad")
        rig.mark()
        rig.ok("cell start bad")
        puppet = Puppet(rig, "bad")
        for index in (1, 2, 3):
            rig.set_line(DEVICE_SPIS[index], 1)
        assert puppet.is_alive()
        puppet.map_device(DEVICE_BASE)
        puppet.irq_setup(INTID[0])
        assert puppet.acknowledge() == INTID[0]
        rig.set_line(DEVICE_SPIS[0], 0)
        puppet.read(DEVICE_BASE)
        puppet.do(Puppet.END, INTID[0])
        rig.ok("cell destroy bad")


@GICS
def test_dma_after_destroy(gic):
    """A bus master is at rest before its memory is anybody else's."""
    status = 0x0a000070     # virtio, "Device Status"
    device = 'host = "virtio_mmio@a000000"; dma = "identity-unprotected";'
    with Rig(gic=gic, cells={"bad": cell("bad", 1, device=device)}, keep_configs=False,
             extra=("-device", "virtio-rng-device,bus=virtio-mmio-bus.0")) as rig:
        for command in ("cell destroy bad", "cell shutdown bad --force"):
            puppet = puppet_of(rig, "bad")
            puppet.map_device(status & ~0xfff)
            for value in (1, 3, 0xb, 0xf):
                puppet.write(status, value)
            assert rig.readl(status) & 3 == 3
            rig.ok(command)
            assert rig.readl(status) == 0
