# SPDX-License-Identifier: Apache-2.0
"""`make` itself: what `make help` lists, and that nothing is built twice."""

import os
import re
import subprocess
import time

from testbed import BOARD, OUT, ROOT

INTERNAL = {"FORCE"}


def make(*words):
    """Run make on this tree with this build, as a person would. Returns its output."""
    environment = {name: value for name, value in os.environ.items()
                   if name not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES", "BUILD")}
    build = OUT.parent
    folder = build.relative_to(ROOT) if build.is_relative_to(ROOT) else build
    return subprocess.run(["make", f"BOARD={BOARD}", f"BUILD={folder}", *words], cwd=ROOT,
                          env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, universal_newlines=True, check=True,
                          timeout=300).stdout


def test_help_lists_every_target():
    rules = make("-pn", "help")
    targets = set()
    for match in re.finditer(r"^\.PHONY:(.*)$", rules, re.M):
        targets.update(match.group(1).split())
    assert {"all", "demo", "run", "test", "test-broken"} <= targets
    text = make("help")
    listed = dict(re.findall(r"^  (\S+) +(\S.*)$", text, re.M))
    assert targets - INTERNAL <= set(listed), sorted(targets - INTERNAL - set(listed))
    for target in listed:
        assert target in targets or target == "BOARD_defconfig"


def test_second_make_does_nothing():
    """And begins nothing that takes time: under 3 s, the best of three on a busy machine."""
    make()
    took = []
    for _ in range(3):
        start = time.monotonic()
        assert make() == ""
        took.append(time.monotonic() - start)
    assert min(took) < 3


def test_set_up_says_nothing_when_all_is_there():
    assert make("setup") == ""


def test_broken_patches_fit():
    """`make test-broken` plants them; here only that each still fits the tree to the line."""
    patches = sorted((ROOT / "tests" / "broken").glob("*.patch"))
    assert patches
    misfits = [patch.name for patch in patches if subprocess.run(
        ["patch", "-p1", "--dry-run", "--batch", "--forward", "--fuzz=0", "-i", str(patch)],
        cwd=ROOT, stdout=subprocess.DEVNULL, check=False).returncode != 0]
    assert misfits == []
