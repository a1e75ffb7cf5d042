# SPDX-License-Identifier: Apache-2.0
"""What is wrong with an image or a config refuses that cell alone; the rest goes on."""

import re

import pytest

import testbed
from rig import CELL_MEMORY, CELL_SIZE, Puppet, Rig, cell as rig_cell
from testbed import cell_config, device_config


def rest_goes_on(board, refused, state):
    """The shell answers, the refused cell is as it was, another can be started."""
    assert board.state(refused) == state
    board.start("rtc-demo")
    board.wait_line(r"^\[rtc-demo\] rtc-demo: PL031 at")
    assert board.state("rtc-demo") == "running"


@pytest.mark.parametrize("way, words", [
    ("corrupt_hash", '"hello" of the bundle is damaged'),
    ("corrupt_data", '"hello" of the bundle is damaged'),
    ("no_hash", '"hello" of the bundle states no sha256'),
    ("omit", 'no image "hello"'),
], ids=["corrupt_hash", "corrupt_data", "no_hash", "omit"])
def test_wrong_image(boot, gic, bundle, way, words):
    board = boot(gic=gic, bundle=bundle(**{way: ["hello"]}))
    board.do("create hello")
    for _ in range(2):      # the second time too: a wrong hash is not remembered as checked
        assert words in board.refusal("load hello")
        assert board.state("hello") == "created"
    assert "cannot start" in board.refusal("start hello")
    rest_goes_on(board, "hello", "created")
    board.do("destroy hello")


def test_image_of_another_cell_is_wrong(boot, bundle):
    """The image that two cells share is refused to both."""
    board = boot(bundle=bundle(corrupt_data=["rtc-demo"]))
    for name in ("rtc-demo", "rtc-trapped-demo"):
        board.do(f"create {name}")
        assert '"rtc-demo" of the bundle is damaged' in board.refusal(f"load {name}")
        board.do(f"destroy {name}")
    board.start("hello")
    board.wait_line(r"^\[hello\] hello: done")


@pytest.mark.parametrize("size", [0x1000, 0x11000, 0x40000])
def test_image_too_large(boot, gic, bundle, size):
    board = boot(gic=gic, bundle=bundle(configs={"cell-small": cell_config("small", size=size)}))
    board.do("create small")
    sentence = board.refusal("load small")
    assert re.search(r'"memory"', sentence) and "small" in sentence
    rest_goes_on(board, "small", "created")


@pytest.mark.parametrize("content", [b"no program\n", b"\0" * 100000, b"\x7fELF\2\1" + b"\0" * 60],
                         ids=["text", "zeros", "elf"])
def test_image_that_is_no_program(boot, bundle, content):
    board = boot(bundle=bundle(configs={"cell-odd": cell_config("odd", image="odd")},
                               files={"odd": content}))
    board.do("create odd")
    assert 'image "odd"' in board.refusal("load odd")
    rest_goes_on(board, "odd", "created")


# A config, changed so that the cell cannot be created, and what the refusal must hold.
BAD_CELLS = [
    ("consoles-uart", {"more": device_config("pl011@9000000")}, ("pl011@9000000", "console")),
    ("gic", {"more": device_config("intc@8000000")}, ("intc@8000000", "interrupt controller")),
    ("no-device", {"more": device_config("pl031@9010001")}, ("pl031@9010001", "no such node")),
    ("bus-master", {"more": device_config("virtio_mmio@a000000")}, ("dma",)),
    ("roots-cpu", {"cpus": 0x1}, ("CPU 0 belongs to root",)),
    ("cpu-past-the-board", {"cpus": 0x10}, ("CPU past the board",)),
    ("roots-memory", {"memory": 0x60000000}, ("memory", "root")),
    ("hypervisors-memory", {"memory": 0x50000000}, ("memory", "hypervisor")),
    ("no-ram", {"memory": 0x10000000}, ("memory", "RAM")),
    ("roots-id", {"cell_id": 1}, ('"id" 1', "root")),
    ("typo", {"more": "colour = <3>;"}, ("colour",)),
]


@pytest.mark.parametrize("change, words", [bad[1:] for bad in BAD_CELLS],
                         ids=[bad[0] for bad in BAD_CELLS])
def test_config_that_cannot_be(boot, gic, bundle, change, words):
    board = boot(gic=gic, bundle=bundle(configs={"cell-bad": cell_config("bad", **change)}))
    before = board.cells()
    for _ in range(2):
        sentence = board.refusal("create bad")
        assert "bad" in sentence
        for word in words:
            assert word in sentence
    assert board.cells() == before
    rest_goes_on(board, "bad", "absent")


def test_nobody_touches_the_gic(boot, gic, bundle):
    """Nor may a device overlap it or the console: another node of the tree, same registers."""
    hosts = ["its@8080000"] if gic == 3 else ["v2m@8020000"]
    for host in hosts:
        changed = bundle(configs={"cell-bad": cell_config("bad", more=device_config(host))})
        board = boot(gic=gic, bundle=changed)
        assert host.split("@")[0] in board.refusal("create bad")


def test_hash_is_checked_once(boot, bundle):
    """At the first load, not at a restart: the image has not left EL2's memory since."""
    board = boot(bundle=bundle())
    board.start("hello")
    board.wait_line(r"^\[hello\] hello: done")
    board.wait_line(r"hello switched itself off")
    board.do("load hello", "start hello")
    board.wait_line(r"^\[hello\] hello: done")


def test_testers_own_bundle_is_right(boot, bundle):
    """What the refusals above change is good before."""
    board = boot(bundle=bundle(configs={"cell-good": cell_config("good")},
                               files={"extra": testbed.guest("rtc-burst")}))
    board.start("good")
    board.wait_line(r"^\[good\] hello: done")


def test_initrd(tmp_path):
    """It lies right below the cell's tree, or where the config says; not over the image."""
    disk = tmp_path / "disk"
    disk.write_bytes(bytes(range(251)) * 100)
    base, size = CELL_MEMORY[1], CELL_SIZE
    cells = {
        "below": rig_cell("below", 1, properties='initrd = "disk";'),
        "there": rig_cell("there", 1, properties=f'initrd = "disk"; '
                                                 f'initrd-address = <0x0 {base + 0x180010:#x}>;'),
        "over": rig_cell("over", 1, properties=f'initrd = "disk"; '
                                               f'initrd-address = <0x0 {base + 0x10:#x}>;'),
        "out": rig_cell("out", 1, properties='initrd = "disk"; '
                                             'initrd-address = <0x0 0x40000000>;'),
        "none": rig_cell("none", 1, properties='initrd = "nothing";'),
    }
    with Rig(cells=cells, images={"disk": disk}, keep_configs=False) as rig:
        data = disk.read_bytes()
        pages = (len(data) + 0xfff) & ~0xfff
        for name, at in (("below", base + size - 0x10000 - pages), ("there", base + 0x180010)):
            rig.start(name)
            Puppet(rig, name)
            assert rig.ram(at, len(data) + 16) == data + bytes(16)
            tree = rig.ram(base + size - 0x10000, 0x2000)
            for address in (at, at + len(data)):
                assert address.to_bytes(8, "big") in tree
            rig.ok(f"cell destroy {name}")
            rig.mark()
        for name, words in (("over", 'overlaps image "puppet"'), ("out", '"memory" does not hold'),
                            ("none", '"nothing"')):
            rig.ok(f"cell create {name}")
            lines = [line for line in rig.shell(f"cell load {name}") if "error" in line]
            assert len(lines) == 1 and words in lines[0], lines
            rig.ok(f"cell destroy {name}")
