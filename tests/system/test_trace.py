# SPDX-License-Identifier: Apache-2.0
"""What the hypervisor does on the emulated board is what the driver does on the host.

Lines are raised and dropped from outside, a cell accesses a made-up device as it is
told, and the hypervisor's trace, exported by scripts/trace_export.py, is replayed by
`make conformance` and must be the same line for line: once as the script of what was done
from outside, once as the script of what the hypervisor saw.

TRACE_SEED is the first seed of the random patterns, TRACE_SEEDS their number for each cell.
"""

import os
import random
import re
import subprocess

import pytest

import pattern
import trace_export
from pattern import CARD, EDGE, FAILING_REGION, FIRST, NODES, SECOND
from testbed import conformance

BOTH_GICS = pytest.mark.parametrize("gic", [3, 2], ids=["gicv3", "gicv2"])
SEED = int(os.environ.get("TRACE_SEED", "1"))
SEEDS = int(os.environ.get("TRACE_SEEDS", "2"))
RANDOM_COMMANDS = 100
TRIES = 3       # a deadline that passes in the midst of a command cannot be told

RESET = "reset-writes = <0x10 4 0>;"
TRAPPED = f"x-irqfd = <0>; mmap-timeout-ms = <300>; {RESET}"
# {cell: {device: properties}}, and the IRQs that take the linked path. The cell leaves
# level ones active, so no more of them may come at once than there are list registers.
CELLS = {
    "trapped": {FIRST: TRAPPED},
    "for-ever": {FIRST: f"x-irqfd = <0>; mmap-timeout-ms = <0>; {RESET}"},
    "no-mmap": {FIRST: f"x-irqfd = <0>; x-no-mmap; mmap-timeout-ms = <300>; {RESET}"},
    "mixed": {FIRST: f"x-irqfd = <0 0 1 0 1 0>; mmap-timeout-ms = <300>; {RESET}"},
    "linked": {SECOND: f"mmap-timeout-ms = <300>; {RESET}"},
    "two": {FIRST: TRAPPED, SECOND: f"x-irqfd = <1 0 0>; mmap-timeout-ms = <500>; {RESET}"},
}
LINKED = {
    "mixed": {FIRST: {2, 4}},
    "linked": {SECOND: {0, 1, 2}},
    "two": {SECOND: {0}},
}
EXPIRE = "expire"   # in a pattern: advance until the device's deadline has passed

# name: (cell, commands, lines that must have come of it, in this order)
HAND_WRITTEN = {
    "one-level": ("trapped", """
        access 0 r;  level 0 1;  access 1 w ack=0;  access 2 r;  expire;  access 0 r""",
                  ["direct 0", "mmap off", "virq 0 1", "trap 1", "virq 0 0", "unmask 0",
                   "trap 2", "mmap on", "direct 0"]),
    "queue-of-five": ("trapped", """
        level 3 1;  level 0 1;  irq 1;  level 5 1;  irq 4;  access 0 w ack=3;  access 0 r ack=0;
        access 1 w;  access 0 r ack=5;  access 0 w;  access 0 r;  expire""",
                      ["queue [0]", "queue [0,1]", "queue [0,1,5]", "queue [0,1,5,4]",
                       "queue [1,5,4]", "queue [5,4]", "queue [4]", "queue []", "mmap on"]),
    "held-line-goes-to-the-tail": ("trapped", """
        level 0 1;  level 2 1;  level 5 1;  access 0 r;  access 0 r;  access 0 r;
        access 0 w ack=0;  access 0 w ack=2;  access 0 w ack=5;  access 0 w""",
                                   ["queue [2,5]", "queue [5,0]", "queue [0,2]", "queue [2,5]",
                                    "queue [5]", "queue []"]),
    "refire-while-active": ("trapped", """
        irq 1;  irq 1;  advance 50;  irq 1;  access 0 r;  irq 1;  access 0 r;  access 0 r""",
                            ["virq 1 1", "timer", "virq 1 1", "timer", "virq 1 1", "timer",
                             "virq 1 0", "virq 1 1", "virq 1 0"]),
    "refire-while-pending": ("trapped", """
        level 0 1;  irq 4;  irq 4;  irq 1;  irq 4;  irq 1;  access 0 w ack=0;  access 0 r;
        irq 4;  access 0 r;  access 0 r;  access 0 r""",
                             ["queue [4]", "queue [4,1]", "virq 4 1", "queue [1]", "virq 1 1",
                              "queue []", "queue [4]", "virq 4 1"]),
    "stuck-then-restored": ("trapped", """
        level 2 1;  expire;  expire;  level 0 1;  access 0 w ack=2;  expire;
        access 0 w ack=0;  expire;  access 0 r""",
                            ["virq 2 1", "expire", "timer", "expire", "timer", "queue [0]",
                             "virq 0 1", "expire", "timer", "unmask 0", "expire", "mmap on",
                             "direct 0"]),
    "deadline-moved-by-an-edge": ("trapped", """
        irq 1;  advance 200;  irq 1;  advance 150;  access 0 r;  expire;  access 0 r""",
                                  ["timer", "timer", "trap 0", "expire", "mmap on", "direct 0"]),
    "failing-accesses": ("trapped", """
        access 3 r fail;  access 3 w fail;  level 0 1;  access 3 r fail;  access 3 r fail;
        access 3 w ack=0 fail;  irq 1;  level 2 1;  access 3 r fail;  access 3 w fail;
        access 0 w ack=2""",
                         ["direct 3", "direct 3", "virq 0 1", "trap 3", "trap 3", "trap 3",
                          "virq 0 0", "trap 3", "trap 3", "virq 1 0"]),
    "once-slow-always-slow": ("for-ever", """
        access 0 r;  level 0 1;  access 0 w ack=0;  advance 400;  access 0 r;  irq 1;
        access 0 r;  access 1 r""",
                              ["direct 0", "mmap off", "trap 0", "unmask 0", "trap 0",
                               "virq 1 1", "trap 0", "trap 1"]),
    "never-mapped": ("no-mmap", """
        access 0 r;  level 0 1;  irq 1;  access 0 w ack=0;  expire;  access 1 w;  advance 400;
        access 0 r""",
                     ["trap 0", "virq 0 1", "queue [1]", "trap 0", "trap 1", "trap 0"]),
    "mixed-paths": ("mixed", """
        level 2 1;  level 0 1;  irq 4;  access 0 r;  level 2 0;  geoi 2;  access 0 w ack=0;
        irq 1;  level 2 1;  geoi 2;  geoi 2;  irq 4;  access 0 w;  level 2 0;  geoi 2;  geoi 0;
        expire;  level 2 1;  access 0 r;  level 2 0;  geoi 2""",
                    ["arm 0 eventfd", "arm 2 irqfd", "resample 2", "arm 4 irqfd", "mask 2",
                     "virq 2 1", "mmap off", "virq 0 1", "virq 4 pulse", "trap 0", "mask 0",
                     "virq 2 0", "unmask 2", "virq 1 1", "virq 2 1", "virq 2 0", "virq 2 1",
                     "geoi 0 unseen", "mmap on", "virq 2 1", "direct 0"]),
    "all-linked": ("linked", """
        level 0 1;  level 2 1;  irq 1;  access 0 r;  geoi 2;  level 0 0;  geoi 0;  access 0 w;
        level 2 0;  geoi 2;  irq 1;  irq 1""",
                   ["virq 0 1", "virq 2 1", "virq 1 pulse", "direct 0", "unmask 2", "mask 2",
                    "unmask 0", "direct 0", "unmask 2", "virq 1 pulse", "virq 1 pulse"]),
    "two-devices": ("two", f"""
        level 0 1;  use {SECOND};  level 2 1;  irq 1;  level 0 1;  access 0 r;
        use {FIRST};  level 2 1;  access 0 w ack=0;  use {SECOND};  access 0 w ack=2;
        level 0 0;  geoi 0;  access 0 w;  access 0 r;  use {FIRST};  access 1 w ack=2;
        expire;  access 0 r;  use {SECOND};  expire;  access 0 r""",
                    ["mmap off", f"@{SECOND}", "mmap off", "queue [1]", "virq 0 1",
                     "queue []", "queue [2]", f"@{FIRST}", "queue [2]", "queue []",
                     f"@{SECOND}", "queue []", "unmask 0", f"@{FIRST}", "mmap on", "direct 0",
                     f"@{SECOND}", "direct 0"]),
}


def random_commands(seed, cell):
    """A pattern: each command is one that the board can do and the format has."""
    generator = random.Random(seed)
    devices = list(CELLS[cell])
    held = {device: [] for device in devices}
    device = devices[0]
    for _ in range(RANDOM_COMMANDS):
        levels = [irq for irq, (_, trigger) in enumerate(NODES[device]["spis"])
                  if trigger != EDGE]
        edges = [irq for irq, (_, trigger) in enumerate(NODES[device]["spis"])
                 if trigger == EDGE]
        kind = generator.choices(["access", "level", "irq", "geoi", "advance", "use"],
                                 [40, 25, 15, 8, 6, 10 if len(devices) > 1 else 0])[0]
        if kind == "use":
            device = generator.choice(devices)
            yield f"use {device}"
        elif kind == "level":
            irq = generator.choice(levels)
            yield f"level {irq} {0 if irq in held[device] else 1}"
            held[device] = sorted(set(held[device]) ^ {irq})
        elif kind == "irq":
            yield f"irq {generator.choice(edges)}"
        elif kind == "geoi":
            yield f"geoi {generator.choice(levels)}"
        elif kind == "advance":
            yield f"advance {generator.choice([0, 1, 5, 20, 100, 350])}"
        else:
            region = generator.randrange(len(NODES[device]["reg"]))
            words = ["access", str(region), generator.choice("rw")]
            if held[device] and generator.random() < 0.7:
                irq = generator.choice(held[device])
                held[device].remove(irq)
                words.append(f"ack={irq}")
            yield " ".join(words + (["fail"] if region == FAILING_REGION else []))


def contains_in_order(lines, wanted):
    """The first of the wanted lines that does not follow; None: all do. Times count not."""
    rest = iter(line.split()[0] if line.startswith(("timer ", "expire ")) else line
                for line in lines if not line.startswith("> "))
    return next((line for line in wanted if line not in rest), None)


def replayed_states(export, player, folder):
    """{device: the fields of its state line after the script}"""
    uses = "".join(f"use {device}\nstate\n" for device in player.linked)
    script = folder / "state.script"
    script.write_text("\n".join(export.script) + f"\n{uses}", encoding="utf-8")
    output = subprocess.run([pattern.OUT.parent / "host" / "conformance" / "replay", "--run",
                             script], stdout=subprocess.PIPE, universal_newlines=True,
                            check=True).stdout
    states = [line for line in output.splitlines() if line.startswith("state ")]
    return {device: dict(word.split("=") for word in state.split()[1:])
            for device, state in zip(player.linked, states)}


def board_state(text, device, linked):
    """irqs and mmap of the format's state line, and the deadlines, by `cell devices`."""
    block = text[text.index(f"device {device}:"):]
    block = block[:block.index("EOIs without an active irq")]
    irqs = re.findall(r"irq (\d+): INTID \d+, .*, (\w+)\n", block)
    mappings = re.findall(r"region \d+: .*, (mapped|trapped|trap-only),", block)
    return ([f"{irq}:{'I' if int(irq) in linked else state[0].upper()}" for irq, state in irqs],
            "".join({"mapped": "1", "trapped": "0", "trap-only": "-"}[word]
                    for word in mappings),
            int(re.search(r"(\d+) deadline expiries", block)[1]))


def check_state(player, export, folder):
    """The replay of the script ends in the state that the board is in."""
    for device, fields in replayed_states(export, player, folder).items():
        irqs, mapping, expiries = board_state(player.final, device, player.linked[device])
        assert fields["irqs"].split(",") == irqs
        # One that passed after the board was asked is in the trace.
        assert expiries <= export.devices[device].expiries
        assert expiries < export.devices[device].expiries or fields["mmap"] == mapping


def check_taken(board, player, export):
    """The cell took each virtual interrupt, once."""
    device = None
    raised = {name: [0] * len(NODES[name]["spis"]) for name in player.linked}
    for line in export.lines:
        words = line.split()
        if line.startswith("@"):
            device = line[1:]
        elif words[0] == "virq" and words[2] in ("1", "pulse"):
            raised[device][int(words[1])] += 1
    assert {name: board.taken(name) for name in raised} == raised
    assert board.spurious() == 0


def play(board, cell, commands, folder, name):
    """Carry out a pattern and export it; returns the Export and the Player."""
    for attempt in range(TRIES):
        board.start(cell)
        player = pattern.Player(board, cell, list(CELLS[cell]), LINKED.get(cell, {}))
        for command in commands:
            if command == EXPIRE:
                player.wait_expiry()
            else:
                player.play(command)
        try:
            export = player.finish()
            check_taken(board, player, export)
            trace_export.write(export, folder, name)
            trace_export.write(trace_export.export_trace(board.capture), folder, f"{name}-seen")
            return export, player
        except trace_export.Race as race:
            if attempt == TRIES - 1:
                raise
            print(f"{name}: {race}; again")
        finally:
            assert "destroyed" in board.cell("destroy", cell)
    return None


def check_all(results, folder):
    """The traces in the folder equal their replay, in the end too."""
    conformance(folder)
    for export, player in results:
        check_state(player, export, folder)


@BOTH_GICS
def test_hand_written_patterns(gic, tmp_path):
    results, traces = [], tmp_path / "traces"
    with pattern.Board(tmp_path, gic, CELLS) as board:
        for name, (cell, text, wanted) in HAND_WRITTEN.items():
            commands = [command.strip() for command in text.split(";")]
            results.append(play(board, cell, commands, traces, name))
            lines = results[-1][0].lines
            assert contains_in_order(lines, wanted) is None, (name, lines)
    check_all(results, traces)


@BOTH_GICS
def test_random_patterns(gic, tmp_path):
    results, traces = [], tmp_path / "traces"
    with pattern.Board(tmp_path, gic, CELLS) as board:
        for seed in range(SEED, SEED + SEEDS):
            for cell in CELLS:
                print(f"seed {seed}, cell {cell}: TRACE_SEED={seed} TRACE_SEEDS=1")
                commands = list(random_commands(f"{seed} {cell}", cell))
                results.append(play(board, cell, commands, traces, f"random-{cell}-{seed}"))
    check_all(results, traces)


@BOTH_GICS
def test_overwritten_events_are_counted(gic, tmp_path):
    with pattern.Board(tmp_path, gic, {"trapped": CELLS["trapped"]}) as board:
        board.start("trapped")
        ring = pattern.RING
        for number in range(ring + 50):
            board.request(mark=number + 1)
        board.drain()
        count, lost = map(int, re.search(r"trace: (\d+) events, (\d+) overwritten",
                                         board.capture).groups())
        marks = [int(number) for number in re.findall(r"mark number=(\d+)", board.capture)]
        paths = len(re.findall(r" path irq=", board.capture))
        assert marks == list(range(ring + 51 - len(marks), ring + 51))
        assert count == len(marks) + paths and count == ring - 1
        assert lost == ring + 50 + len(NODES[FIRST]["spis"]) - count
        board.capture += board.devices("trapped")
        with pytest.raises(trace_export.ExportError, match=f"{lost} events were overwritten"):
            trace_export.export_trace(board.capture)


@BOTH_GICS
def test_events_of_two_cpus_are_in_order(gic, tmp_path):
    with pattern.Board(tmp_path, gic, {"trapped": CELLS["trapped"]}) as board:
        board.start("trapped")
        for number in range(1, 9):
            if number % 2:
                board.request(mark=number)
            else:
                board.shell(f"trace mark {number}")
        board.drain()
        marks = re.findall(r"(\d+) +\d+\.\d+ cpu(\d+) (\w+)/- mark number=(\d+)\n",
                           board.capture)
        assert [(cpu, cell, int(number)) for _, cpu, cell, number in marks] == \
            [("01"[number % 2], ("root", "trapped")[number % 2], number)
             for number in range(1, 9)]
        sequence = [int(number) for number, *_ in marks]
        assert sequence == sorted(set(sequence))


@BOTH_GICS
def test_nothing_is_recorded_while_it_is_off(gic, tmp_path):
    with pattern.Board(tmp_path, gic, {"trapped": CELLS["trapped"]}) as board:
        board.start("trapped")
        board.shell("trace off", "trace: off")
        board.shell("trace clear")
        player = pattern.Player(board, "trapped", [FIRST], {})
        player.play("level 0 1", "access 0 w ack=0")
        board.capture = ""
        board.drain()
        assert "trace: 0 events, 0 overwritten" in board.capture
        assert "cannot" not in board.shell("trace mark x", "error: .*not \"x\"")
        assert board.taken(FIRST)[0] == 1


@BOTH_GICS
def test_resets(gic, tmp_path):
    """Refused without one, opted out of aloud, and register writes in their order."""
    cells = {
        "bare": {FIRST: "x-irqfd = <0>;"},
        "none": {FIRST: 'x-irqfd = <0>; reset = "none";'},
        "writes": {FIRST: "reset-writes = <0x10 4 0x11111111>, <0x10 4 0xcafe0001>, "
                          "<0x22 2 0x2222>, <0x31 1 0x33>;"},
    }
    addresses = [CARD + offset for offset in (0x10, 0x20, 0x30, 0x40)]
    before = [0xffffffff] * len(addresses)
    after = [0xcafe0001, 0x2222ffff, 0xffff33ff, 0xffffffff]
    with pattern.Board(tmp_path, gic, cells) as board:
        def registers():
            return [board.register(address) for address in addresses]

        def fill():
            for address, value in zip(addresses, before):
                board.set_register(address, value)

        fill()
        text = board.cell("create", "bare")
        assert re.search(r"error: cell bare: device first \(irq-pattern@10100000\): no reset is "
                         "known for it", text), text
        assert "absent" in board.shell("cell list")
        text = board.cell("create", "none")
        assert 'cell none: device first is not reset when it changes hands (reset = "none")' in text
        assert f"device {FIRST}: mmap-timeout-ms 1100, dma none, reset none" in \
            board.devices("none")
        board.cell("destroy", "none")
        assert registers() == before
        # When a cell gets the device, when the cell ends, and when it gets it again.
        for verb, is_reset in (("create", True), ("load", False), ("start", False),
                               ("shutdown --force", True), ("load", True), ("destroy", True)):
            assert "error" not in board.cell(verb, "writes")
            assert registers() == (after if is_reset else before), verb
            fill()
