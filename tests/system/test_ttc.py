# SPDX-License-Identifier: Apache-2.0
"""A device with three lines: what waits while one is in service, and in which order.

The cells of configs/zcu102/ttc-*.dts have a triple timer whose counters fire in each of
the six orders, two of them while the handler of the first is at work. The trace of each
is replayed by the state machine on the host, and must be the same.
"""

import re

import pytest

import trace_export
from testbed import Board, conformance

BOARDS = ("zcu102",)
ROUNDS = 6
IRQS = 3
PATHS = {"ttc-demo": ("trapped",) * 3, "ttc-linked": ("linked",) * 3,
         "ttc-mixed": ("trapped", "linked", "trapped")}
# Instructions are few, time is long: the emulator need not run them all.
TIME = {"icount": True, "icount_shift": 6}


@pytest.fixture(scope="module", params=PATHS)
def ended(request):
    """(cell, the board's lines, its device) of each demo cell when it has run, traced."""
    name = request.param
    with Board(**TIME) as board:
        board.wait_prompt()
        board.run("trace on")
        board.start(name)
        board.wait_line(rf"^\[{name}\] ttc-demo: idle now", what=f"the end of {name}")
        device = board.device(name)
        board.run("trace")
        print(board.text(200))
        return name, list(board.lines), device


def rounds(name, lines):
    """[(fired, served)], each the counters in their order"""
    found = []
    for line in lines:
        match = re.match(rf"\[{name}\] ttc-demo: round (\d+): fired ([\d ]+), served 3: ([\d ]+)$",
                         line)
        if match:
            assert int(match[1]) == len(found) + 1
            found.append(tuple([int(word) for word in text.split()] for text in match.groups()[1:]))
    return found


def test_none_is_lost_and_none_served_twice(ended):
    name, lines, device = ended
    summary = "ttc-demo: 6 rounds, served 6 6 6, 0 spurious, 0 wrong: PASS"
    assert f"[{name}] {summary}" in lines
    assert [(irq.intid, irq.path, irq.state) for irq in device.irqs] == [
        (68 + i, path, "inactive") for i, path in enumerate(PATHS[name])]
    for irq in device.irqs:
        assert irq.interrupts == irq.eois
    assert len({tuple(fired) for fired, _ in rounds(name, lines)}) == ROUNDS


def test_order_of_service(ended):
    """Trapped: first come, first served. Of linked ones the GIC chooses, but none starves."""
    name, lines, device = ended
    for fired, served in rounds(name, lines):
        assert sorted(served) == [0, 1, 2] and served[0] == fired[0]
        assert name != "ttc-demo" or served == fired
    if name == "ttc-demo":
        assert [irq.queued for irq in device.irqs] == [4, 4, 4]
    if name != "ttc-mixed":
        assert [irq.interrupts for irq in device.irqs] == [ROUNDS] * IRQS
    else:
        # Ended early by the linked one's access, a trapped one fires once more.
        assert device.irqs[1].interrupts == ROUNDS
        assert all(irq.interrupts > ROUNDS for irq in (device.irqs[0], device.irqs[2]))


def test_phases(ended):
    """The registers are trapped once a round and mapped again after it."""
    name, _, device = ended
    times = 0 if name == "ttc-linked" else ROUNDS
    assert (device.trapped_times, device.region.mapping) == (times, "mapped")
    assert device.region.accesses == times * IRQS
    assert device.expiries >= times


def test_phases_are_shown(boot):
    """`cell devices` shows both, with the interrupt in service and those that wait."""
    board = boot(**TIME)
    board.start("ttc-demo")
    # Not as it is before it was mapped for the first time.
    slow = board.wait_device("ttc-demo", lambda device: device.region.mapping == "trapped" and
                             device.trapped_times > 0)
    assert slow.timeout_ms == 300
    board.wait_device("ttc-demo", lambda device: device.region.mapping == "mapped" and
                      device.trapped_times >= slow.trapped_times)


def test_board_and_state_machine_agree(ended, tmp_path):
    """The replay of what the hypervisor saw does the same actions in the same order."""
    name, lines, device = ended
    export = trace_export.export_trace("\n".join(lines))
    trace_export.write(export, tmp_path, name)
    conformance(tmp_path)
    fired = sum(line.startswith("irq ") for line in export.script)
    assert fired == sum(irq.interrupts for irq in device.irqs)
    accesses = sum(line.startswith("access ") for line in export.script)
    assert accesses == device.region.accesses
