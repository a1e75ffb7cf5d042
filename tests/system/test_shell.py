# SPDX-License-Identifier: Apache-2.0
"""The commands: names, orders and owners that are wrong are refused in words."""

import re

import pytest

# The state machine of architecture.md 7: (state, command) -> next state.
STEPS = {
    ("absent", "create"): "created",
    ("created", "load"): "loaded",
    ("created", "destroy"): "absent",
    ("loaded", "load"): "loaded",
    ("loaded", "start"): "running",
    ("loaded", "restart"): "running",
    ("loaded", "destroy"): "absent",
    ("running", "shutdown"): "shut down",
    ("running", "shutdown --force"): "shut down",
    ("running", "restart"): "running",
    ("running", "destroy"): "absent",
    ("shut down", "load"): "loaded",
    ("shut down", "restart"): "running",
    ("shut down", "destroy"): "absent",
}
COMMANDS = ["create", "load", "start", "shutdown", "shutdown --force", "restart", "destroy"]
# How to get there from "absent".
WAY = {
    "absent": [],
    "created": ["create"],
    "loaded": ["create", "load"],
    "running": ["create", "load", "start"],
    "shut down": ["create", "load", "start", "shutdown"],
}
WORDS = {"absent": "not created"}       # as the sentence has it


def bring(board, state):
    """The cell rtc-demo to a state: it stays in each until told."""
    if board.state("rtc-demo") != "absent":
        board.do("destroy rtc-demo")
    board.do(*(f"{command} rtc-demo" for command in WAY[state]))
    assert board.state("rtc-demo") == state


def test_every_illegal_order(boot, gic):
    board = boot(gic=gic)
    refused = 0
    for state in WAY:
        bring(board, state)
        for command in COMMANDS:
            if (state, command) in STEPS:
                continue
            sentence = board.refusal(f"{command} rtc-demo")
            op = command.split()[0]
            assert re.fullmatch(rf"cell rtc-demo is {WORDS.get(state, state)}: cannot {op} it; "
                                r".{10,}", sentence), (state, command, sentence)
            assert board.state("rtc-demo") == state
            refused += 1
    assert refused == len(WAY) * len(COMMANDS) - len(STEPS)


def test_every_legal_order(boot, gic):
    board = boot(gic=gic)
    for (state, command), after in STEPS.items():
        bring(board, state)
        board.do(f"{command} rtc-demo")
        assert board.state("rtc-demo") == after, (state, command)


@pytest.mark.parametrize("state, advice", [("absent", "create"), ("running", "shut it down")],
                         ids=["absent", "running"])
def test_advice_fits_the_state(boot, state, advice):
    """What to do instead of "start" depends on where the cell is."""
    board = boot()
    bring(board, state)
    sentence = board.refusal("start rtc-demo")
    assert advice in sentence.partition(";")[2] or "already" in sentence


@pytest.mark.parametrize("command, words", [
    ("cell create nosuch", ('"nosuch"', "no cell")),
    ("cell start nosuch", ('"nosuch"', "no cell")),
    ("cell devices nosuch", ('"nosuch"', "no cell")),
    ("cell stats nosuch", ('"nosuch"', "no cell")),
    ("cell destroy rtc-dem", ('"rtc-dem"', "no cell")),
    ("cell destroy rtc-demoo", ('"rtc-demoo"', "no cell")),
    ("cell load " + "x" * 60, ("no cell",)),
    ("cell create", ('"cell create"', "name")),
    ("cell create hello rtc-demo", ("one name", '"rtc-demo"')),
    ("cell create --force hello", ('"--force"', "option")),
    ("cell", ('"cell"', "command")),
    ("cell frobnicate hello", ('"cell frobnicate"', "unknown command")),
    ("frobnicate", ('"frobnicate"', "unknown command")),
    ("cell devices rtc-demo", ('"rtc-demo"', "absent", "create")),
    ("cell stats rtc-demo", ('"rtc-demo"', "absent")),
    ("one two three four five six seven", ("at most", "words")),
], ids=lambda value: value[:30].replace(" ", "-") if isinstance(value, str) else "")
def test_wrong_command(boot, command, words):
    board = boot()
    before = board.cells()
    lines = board.run(command)
    assert len(lines) == 1 and lines[0].startswith("error: ")
    for word in words:
        assert word in lines[0]
    assert board.cells() == before


@pytest.mark.parametrize("command", ["shutdown", "destroy", "restart"])
def test_the_root_cell_stays(boot, command):
    """Who manages the others cannot be stopped by a command, and the sentence says so."""
    board = boot()
    sentence = board.refusal(f"{command} root")
    assert "root" in sentence and "manage" in sentence
    assert "may not manage" not in sentence     # it may: that is the reason
    assert board.state("root") == "running"


@pytest.mark.parametrize("first, second", [
    ("rtc-demo", "rtc-trapped-demo"), ("rtc-trapped-demo", "rtc-demo")])
@pytest.mark.parametrize("state", ["created", "loaded", "running", "shut down"])
def test_device_of_another_cell(boot, gic, first, second, state):
    board = boot(gic=gic)
    board.do(*(f"{command} {first}" for command in WAY[state]))
    sentence = board.refusal(f"create {second}")
    assert f"belongs to {first}" in sentence
    assert "pl031@9010000" in sentence and second in sentence
    assert board.state(first) == state and board.state(second) == "absent"
    board.do(f"destroy {first}", f"create {second}")
    assert f"belongs to {second}" in board.refusal(f"create {first}")


def test_a_refused_cell_owns_nothing(boot):
    """Neither in the list nor for its counters: those CPUs may be another cell's."""
    board = boot()
    before = board.cells()["rtc-trapped-demo"]
    board.do("create rtc-demo")
    board.refusal("create rtc-trapped-demo")
    assert board.cells()["rtc-trapped-demo"] == before
    assert board.run("cell stats rtc-trapped-demo")[0].startswith("error: ")


def test_devices_are_shown_by_their_config_name(boot):
    """docs/config.md: the node's name is the user's, and `cell devices` shows it."""
    board = boot()
    board.do("create rtc-demo")
    assert board.device("rtc-demo").name == "rtc"


def test_a_cell_without_devices(boot):
    board = boot()
    board.do("create hello")
    assert board.run("cell devices hello") == ["cell hello: no devices"]
