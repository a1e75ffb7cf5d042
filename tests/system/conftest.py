# SPDX-License-Identifier: Apache-2.0
"""Fixtures of the system tests. Whatever a test starts ends with it."""

import os

import pytest

import boards as facts
from testbed import Board, Bundler, emulators


def pytest_configure(config):
    config.addinivalue_line("markers", "boards(*names): the boards that a test can run on")


def boards_of(item):
    """What the test's mark says, or its module, or virt."""
    mark = item.get_closest_marker("boards")
    boards = mark.args if mark else getattr(item.module, "BOARDS", ("virt",))
    assert isinstance(boards, tuple), f"{item.module.__name__}.BOARDS is no tuple of names"
    return boards


def pytest_collection_modifyitems(config, items):
    """Leave out what cannot run on this board."""
    kept = [item for item in items if facts.BOARD in boards_of(item)]
    config.hook.pytest_deselected(items=[item for item in items if item not in kept])
    items[:] = kept


@pytest.fixture(params=facts.GICS, ids=[f"gicv{gic}" for gic in facts.GICS])
def gic(request):
    """The board's versions of the interrupt controller, one after the other."""
    return request.param


@pytest.fixture
def boot():
    """boot(...): a Board that has reached the shell, or has just begun (ready=False)."""
    boards = []

    def start(ready=True, **options):
        board = Board(**options)
        boards.append(board)
        if ready:
            board.wait_prompt()
        return board

    yield start
    for board in boards:
        board.close()
        print(board.text(200))      # pytest shows it when the test failed


@pytest.fixture
def bundle(tmp_path):
    """bundle(...): the bundle of the build with something changed; see testbed.Bundler."""
    return Bundler(tmp_path)


@pytest.fixture(autouse=True)
def no_emulator_survives():
    """A test that leaves an emulator behind has failed; one that a module shares is its own."""
    before = [command for parent, command in emulators() if parent == os.getpid()]
    yield
    assert [command for parent, command in emulators()
            if parent == os.getpid() and command not in before] == []
