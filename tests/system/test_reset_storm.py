# SPDX-License-Identifier: Apache-2.0
"""A guest whose first and only act is PSCI SYSTEM_RESET: it can be ended all the same, the
console stays everybody's, and a neighbour does not notice."""

import re
import time

import pytest
from rig import CELL_MEMORY, CELL_SIZE, Rig, Victim, assemble, cell

SOURCE = """
	.text
	movz	x0, #0x9
	movk	x0, #0x8400, lsl #16
	hvc	#0
	b	.
"""
SECONDS = 3     # of watching the console
LIVES = 10


@pytest.fixture(scope="module", params=[3, 2], ids=["gic3", "gic2"])
def rig(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("guest")
    (folder / "reset.S").write_text(SOURCE)
    assemble(folder / "reset.S", folder / "reset.bin")
    base = CELL_MEMORY[1]
    cells = {"loop": cell("loop", 1, image="reset", memory=(base, CELL_SIZE),
                          device='host = "pl061@9030000"; reset = "none";',
                          properties=f"image-address = <0x0 {base:#x}>;"),
             "victim": cell("victim", 2, image="victim", device='host = "pl031@9010000";')}
    with Rig(gic=request.param, cells=cells, images={"reset": folder / "reset.bin"},
             keep_configs=False) as board:
        yield board


@pytest.fixture(scope="module")
def victim(rig):
    return Victim(rig, "victim")


@pytest.mark.parametrize("command", ["shutdown --force", "shutdown", "destroy"])
def test_it_can_be_ended(rig, victim, command):
    """Whenever the command comes: nearly always between two of its lives."""
    for turn in range(LIVES):
        rig.start("loop")
        time.sleep(turn / 300)
        rig.ok(f"cell {command} loop")
        if command != "destroy":
            assert rig.state("loop") == "shut down"
            rig.ok("cell destroy loop")
        assert rig.state("loop") == "absent"
    victim.assert_well()


def test_it_does_not_fill_the_console(rig, victim):
    """Once a second it is said that it restarts, and how often; not each time."""
    rig.start("loop")
    rig.mark()
    rig.drain(SECONDS)
    victim.assert_well()
    rig.ok("cell destroy loop")
    said = re.findall(r"\[bulkhead\] cell loop restarts itself.*", rig.log)
    assert 0 < len(said) <= SECONDS + 2
    assert sum(int(count) for count in re.findall(r": (\d+) times since", "".join(said))) > 20
    # What its device has to say at each assignment is as often as that.
    assert rig.log.count("is not reset when it changes hands") <= len(said) + 1
