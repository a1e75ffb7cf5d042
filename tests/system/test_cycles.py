# SPDX-License-Identifier: Apache-2.0
"""Cells come and go, many times, and leave the machine as it was before the first.

CYCLES in the environment is the number of lives, of all cells together; `make cycles`
sets it to 10 000. Each life is create, load, start, kill and destroy; the kill comes at
another moment each time, from at once to 7 ms after the start.
"""

import os
import pathlib

import pytest
from rig import ROOT, Rig

CYCLES = int(os.environ.get("CYCLES", "200"))
CHUNK = 10      # lives of a cell before the next one's turn


def demo_cells():
    return sorted(path.stem for path in pathlib.Path(ROOT / "configs" / "virt").glob("*.dts")
                  if path.stem not in ("system", "root"))


@pytest.mark.parametrize("gic", [3, 2])
def test_cycles(gic):
    names = demo_cells()
    with Rig(gic=gic, limit=60 + CYCLES // 4) as rig:
        pool, before = rig.pool(), rig.gic_state()
        assert pool["devices"] == 0 and pool["CPUs of cells"] == 1
        done = 0
        while done < CYCLES:
            name = names[done // CHUNK % len(names)]
            count = min(CHUNK, CYCLES - done)
            lines = rig.ok(f"repeat {count} cell cycle --force {name}", timeout=60)
            assert f"repeated {count} of {count} times" in lines
            rig.mark()
            done += count
        assert rig.pool() == pool
        after = rig.gic_state()
        for kind in ("enabled", "active", "registers"):
            assert after[kind] == before[kind]
        # The root cell's own timer may be due at this very moment.
        assert {irq for irq in after["pending"] ^ before["pending"]
                if not isinstance(irq, tuple)} == set()
        assert all(rig.state(name) == "absent" for name in names)
        assert not any(rig.timers()[1:])    # the first is the root cell's
