# SPDX-License-Identifier: Apache-2.0
"""What the stories of all boards are told with; see demo.py."""

import re


class NotSeen(Exception):
    """The first expected thing that did not happen, in one sentence."""


def say(*lines):
    """Lines of the demo's own, set off from what the machine says."""
    print("", *(f"# {line}" for line in lines), "", sep="\n", flush=True)


def numbers(pattern, lines, what):
    """The numbers that pattern finds in one of these lines."""
    for line in lines:
        match = re.search(pattern, line)
        if match:
            return [int(group) for group in match.groups()]
    raise NotSeen(f"{what} does not show what it should, but: " + " / ".join(lines))


def expect(is_true, sentence):
    if not is_true:
        raise NotSeen(sentence)


class Story:
    """A story on one board. seen collects what the summary says."""

    def __init__(self, shell, gic):
        self.shell = shell
        self.gic = gic
        self.seen = []

    def do(self, command, expected):
        """A command that must answer so."""
        lines = self.shell.run(command)
        expect(expected in lines, f'"{command}" did not answer "{expected}", but: '
               + " / ".join(lines))

    def states(self, **expected):
        """`cell list` must show these states; the names have _ for -."""
        rows = {line.split()[0]: line[21:31].strip()
                for line in self.shell.run("cell list")[1:]}
        for name, state in expected.items():
            name = name.replace("_", "-")
            expect(rows.get(name) == state,
                   f'"cell list" shows {name} as {rows.get(name)}, not as {state}')

    def start(self, name):
        self.do(f"cell create {name}", f"cell {name}: created")
        self.do(f"cell load {name}", f"cell {name}: loaded")
        self.do(f"cell start {name}", f"cell {name}: started")
