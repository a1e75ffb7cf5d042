# SPDX-License-Identifier: Apache-2.0
"""Cells that start by themselves, and bad ones among them: each is told of in a sentence, and
neither the machine nor another cell stops for it."""

import re

import pytest
from testbed import DEMO_CELLS, cell_config, device_config

AUTOSTART = "autostart; "
DEMOS = [f"cell-{name}" for name in DEMO_CELLS]
# name: (what is wrong with its config, what its sentence names)
BAD = {
    "roots-cpu": ({"cpus": 0x1, "memory": 0x64400000},
                  '/domains/roots-cpu: "cpus": CPU 0 belongs to root'),
    "goods-memory": ({"cpus": 0x4, "memory": 0x64100000},
                     '/domains/goods-memory: "memory": 0x64100000 to 0x64300000 overlaps the '
                     "memory of good"),
    "goods-id": ({"cpus": 0x4, "memory": 0x64600000, "cell_id": 20},
                 '/domains/goods-id: "id" 20 is that of good'),
    "no-device": ({"cpus": 0x4, "memory": 0x64800000, "device": "pl031@9010001"},
                  '/domains/no-device/device: host "pl031@9010001": no such node'),
    "typo": ({"cpus": 0x4, "memory": 0x64a00000, "more": "colour = <1>;"},
             '/domains/typo: colour'),
    # The last, since it is created, and has CPU 2 then: its image is missed at the load.
    "no-image": ({"cpus": 0x4, "memory": 0x64200000, "image": "nothing"},
                 '/domains/no-image: image: the bundle holds no image "nothing"'),
}


def config(name, number, changes):
    options = {"cell_id": 30 + number, **changes}
    device = options.pop("device", None)
    more = AUTOSTART + options.pop("more", "") + (device_config(device) if device else "")
    return cell_config(name, more=more, **options)


def test_bad_ones_among_good(boot, gic, bundle):
    configs = {"cell-good": config("good", 0, {"cell_id": 20})}     # comes first: it has its own
    configs.update({f"cell-{name}": config(name, number, changes)
                    for number, (name, (changes, _)) in enumerate(BAD.items())})
    configs["cell-last"] = config("last", 9, {"cpus": 0x2, "memory": 0x64c00000})
    board = boot(gic=gic, bundle=bundle(configs=configs, omit=DEMOS))
    for name in ("good", "last"):
        board.rewind()
        board.wait_line(rf"^\[{name}\] hello: done")
    for name, (_, words) in BAD.items():
        lines = [line for line in board.lines if re.match(r"\[bulkhead\] cell "
                                                          rf"{re.escape(name)}: ", line)]
        assert len(lines) == 1 and words in lines[0], (name, lines)
    states = {name: row["state"] for name, row in board.cells().items()}
    assert {name: states[name] for name in BAD} == {
        name: "created" if name == "no-image" else "absent" for name in BAD}
    board.rewind()
    board.wait_line("cell good switched itself off")
    board.do("restart good")


@pytest.mark.parametrize("name", ["x" * 32, "n" * 60])
def test_name_too_long(boot, bundle, name):
    board = boot(bundle=bundle(configs={f"cell-{name}": cell_config("good")}))
    assert [line for line in board.lines
            if f'image "cell-{name}" is left out: a cell\'s name has at most 31' in line]
    assert name not in board.cells()
    board.start("hello")


def test_more_cells_than_there_is_room_for(boot, bundle):
    configs = {f"cell-c{number}": cell_config(f"c{number}", cell_id=40 + number)
               for number in range(14)}
    board = boot(bundle=bundle(configs=configs))
    left_out = [line for line in board.lines if "is left out: there are" in line]
    assert left_out and len(board.cells()) + len(left_out) == 14 + 1 + len(DEMO_CELLS)
    board.start("c0")
