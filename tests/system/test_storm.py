# SPDX-License-Identifier: Apache-2.0
"""Twelve level lines of real devices in two cells, one of which floods itself.

inmates/boards/zcu102/ttc-storm.c counts for itself: what was served, and what its own clock
says had to be. An interval that passed while the last one still waited is "merged": the
device has one bit for it. A host that holds a CPU up for an interval does that too, so
"exact" is served + merged = elapsed; and in some of the rounds nothing may be merged.
"""

import re

import pytest

from rig import Rig

BOARDS = ("zcu102",)
INTIDS = set(range(68, 80))
PATHS = {"ttc-flood": ("linked", "trapped"), "ttc-steady": ("trapped", "linked")}
FLOODS = 3
TRIES = 12
ROUND = r"\[ttc-{}\] ttc-storm: round (\d+): (\d+) elapsed, (\d+) served, (\d+) merged, " \
        r"(\d+) spurious, (\d+) dead: (\w+)\r"
FLOOD = r"\[ttc-flood\] ttc-storm: flood (\d+): (\d+) served, (\d+) merged, " \
        r"(\d+) of one line at least, (\d+) dead: (\w+)\r"


@pytest.fixture(scope="module")
def rig():
    with Rig(limit=200) as board:
        board.rounds = {"steady": [], "flood": []}
        board.start("ttc-steady")
        steady(board, 2)
        board.start("ttc-flood")
        yield board


def steady(rig, count, cell="steady"):
    """Wait for so many rounds of a cell; returns them all as tuples of numbers."""
    for _ in range(count):
        number = len(rig.rounds[cell]) + 1
        found = rig.line(ROUND.format(cell).replace(r"(\d+): (\d+) e", rf"({number}): (\d+) e"),
                         timeout=60)
        *numbers, word = found.groups()
        _, elapsed, served, merged, spurious, dead = map(int, numbers)
        assert word in ("exact", "unclear"), found[0]
        assert dead == 0 and spurious == 0, found[0]
        assert word == "unclear" or served + merged == elapsed, found[0]
        rig.rounds[cell].append((elapsed, served, merged, word))
    return rig.rounds[cell]


def test_floods(rig):
    """Faster than it can be served: no line is dead, and the other cell misses nothing."""
    for number in range(1, FLOODS + 1):
        found = rig.line(FLOOD.replace(r"flood (\d+)", f"flood ({number})"), timeout=60)
        _, served, merged, least, dead = map(int, found.groups()[:5])
        assert found[6] == "over" and dead == 0
        assert least > 0 and merged > served, "that was no flood"
        steady(rig, 1, "flood")
    rig.line(r"\[ttc-flood\] ttc-storm: PASS\r")
    steady(rig, 1)


def test_served_is_elapsed(rig):
    """At a rate that can be served: interval by interval, in both cells' lines."""
    tries = 0
    while not any(word == "exact" and served == elapsed > 90
                  for elapsed, served, merged, word in rig.rounds["steady"]):
        tries += 1
        assert tries < TRIES, rig.rounds["steady"]
        steady(rig, 1)
    assert all(elapsed > 90 for elapsed, *_ in rig.rounds["flood"])


def test_each_interrupt_has_its_eoi(rig):
    for name, paths in PATHS.items():
        if name == "ttc-steady":
            rig.ok("cell shutdown ttc-steady --force")
        for device, path in zip(rig.devices(name), paths):
            for irq in device["irqs"]:
                assert irq["path"] == path
                assert irq["count"] - irq["eois"] in ((0,) if name == "ttc-flood" else (0, 1))
                assert irq["count"] > 0


def test_idle_after_the_end(rig):
    """No line is active, pending or enabled in the physical GIC when its cell is gone."""
    before = rig.gic_state()
    assert INTIDS & before["enabled"] == set(range(68, 74)), "of the flooding cell's"
    assert not INTIDS & before["active"]
    for name in PATHS:
        if rig.state(name) == "running":
            rig.ok(f"cell shutdown {name} --force")
        rig.ok(f"cell destroy {name}")
    after = rig.gic_state()
    for kind in ("pending", "active", "enabled"):
        assert not INTIDS & after[kind], kind
    # And another owner has them all.
    rig.mark()
    rig.rounds["flood"] = []
    rig.start("ttc-flood")
    found = rig.line(FLOOD, timeout=60)
    assert found[6] == "over"
    steady(rig, 1, "flood")
    assert not re.search(r"FAIL|dead: FAIL", rig.log)
