# SPDX-License-Identifier: Apache-2.0
"""A real device's interrupts in a cell, by both paths, counted by guest and hypervisor.

The board runs by instruction count here: its time passes at once while all CPUs sleep, so
that ten alarms a second apart take no time and every run is the same.
"""

import pytest

from testbed import cell_config, device_config, guest

ALARMS = 10
BURST = 1000        # interrupts of guests/rtc-burst.c
CELLS = {"linked": "rtc-demo", "trapped": "rtc-trapped-demo"}


@pytest.fixture(params=["linked", "trapped"])
def path(request):
    return request.param


def assert_counts(device, path, interrupts):
    """What must be true of the RTC, whatever the config, after so many interrupts."""
    irq = device.irq
    assert (irq.intid, irq.trigger, irq.path, irq.state) == (34, "level", path, "inactive")
    assert irq.ended_by == {"linked": "the guest", "trapped": "access"}[path]
    assert (irq.interrupts, irq.eois) == (interrupts, interrupts)
    assert (irq.queued, irq.expiries) == (0, 0)
    assert (device.region.address, device.region.size) == (0x9010000, 0x1000)
    assert device.region.rights == "rw"


def test_ten_alarms(boot, gic, path):
    """The guest's own count and that of `cell devices` are equal; nothing is spurious."""
    name = CELLS[path]
    board = boot(gic=gic, icount=True)
    board.start(name)
    assert board.summary(name) == (ALARMS, ALARMS, 0, 0)
    device = board.device(name)
    assert_counts(device, path, ALARMS)
    stats = board.stats(name)
    assert stats["spurious"] == 0 and stats["fault"] == 0
    assert stats["device"] == device.region.accesses
    if path == "linked":
        assert stats["device"] == 0
        if gic == 3:        # on GICv2 there is what works round QEMU's fault
            assert stats["irq"] == 0 and stats["linked"] >= ALARMS
        assert (device.trapped_times, device.expiries, device.idle_eois) == (0, 0, 0)


def test_page_is_mapped_again(boot, gic):
    """Trapped from the interrupt to 300 ms after it, then mapped: the counters tell.

    "regions trapped" counts changes from mapped to trapped only. The guest reads the RTC
    several times between two alarms, later than 300 ms after the last: none of these traps.
    """
    board = boot(gic=gic, icount=True)
    board.start("rtc-trapped-demo")
    assert board.device("rtc-trapped-demo").region.mapping == "mapped"
    board.summary("rtc-trapped-demo")
    device = board.device("rtc-trapped-demo")
    assert device.timeout_ms == 300 and device.irq.reason == "x-irqfd = <0>"
    assert device.region.mapping == "mapped"
    assert (device.trapped_times, device.expiries) == (ALARMS, ALARMS)
    # The handler's two: the one that clears the alarm, and the look at the time.
    assert device.region.accesses == 2 * ALARMS
    assert device.idle_eois == ALARMS


@pytest.mark.parametrize("options, times, mapping", [
    ("x-irqfd = <0>; mmap-timeout-ms = <0>;", 1, "trapped"),    # once slow, always slow
    ("x-irqfd = <0>;", ALARMS, "mapped"),                       # 1100 ms by default
    ("x-irqfd = <0>; x-no-mmap;", None, "trap-only"),
    ("x-no-mmap;", 0, "trap-only"),
], ids=["timeout-0", "default-timeout", "no-mmap", "linked-no-mmap"])
def test_other_options(boot, gic, bundle, options, times, mapping):
    config = cell_config("rtc", image="rtc-demo", more=device_config("pl031@9010000",
                                                                     more=options))
    board = boot(gic=gic, icount=True, bundle=bundle(configs={"cell-rtc": config}))
    board.start("rtc")
    assert board.summary("rtc") == (ALARMS, ALARMS, 0, 0)
    # The last deadline may be yet to come.
    device = board.wait_device("rtc", lambda device: device.region.mapping == mapping)
    assert_counts(device, "trapped" if "x-irqfd" in options else "linked", ALARMS)
    if times is not None:
        assert device.trapped_times == times
    if mapping == "trap-only":
        # All of the program's accesses, some of them more than twice an alarm.
        assert device.region.accesses > 4 * ALARMS
        assert "x-no-mmap" in device.options
    if times == 1:
        assert device.expiries == 0 and device.region.accesses > 4 * ALARMS


@pytest.mark.parametrize("kind, factor", [("pulse", 1), ("level", 3)], ids=["pulse", "level"])
def test_many_interrupts(boot, gic, bundle, path, kind, factor):
    """A thousand, as fast as the guest can take them, in real time; none is lost.

    "level": the guest ends the first two of each alarm while the line is still high, so it
    must fire again.
    """
    options = "x-irqfd = <0>;" if path == "trapped" else ""
    config = cell_config("burst", image="rtc-burst",
                         more=f'bootargs = "{kind}";' + device_config("pl031@9010000",
                                                                      more=options))
    board = boot(gic=gic, bundle=bundle(configs={"cell-burst": config},
                                        files={"rtc-burst": guest("rtc-burst")}))
    board.start("burst")
    assert board.burst("burst") == (BURST, factor * BURST, 0)
    assert_counts(board.device("burst"), path, factor * BURST)
    assert board.stats("burst")["spurious"] == 0


def test_another_cell_beside_it(boot, gic, path):
    """hello prints and ends while the alarms go on."""
    name = CELLS[path]
    board = boot(gic=gic)
    board.start(name)
    board.start("hello")
    states = {cell: row["state"] for cell, row in board.cells().items()}
    assert states["root"] == states[name] == "running"
    board.wait_line(r"^\[hello\] hello from cell \"hello\"")
    board.wait_line(r"^\[hello\] hello: done")
    board.wait_line(r"^\[bulkhead\] cell hello switched itself off")
    row = board.cells()["hello"]
    assert (row["state"], row["stop"]) == ("shut down", "system off")
    assert board.state(name) == "running"
