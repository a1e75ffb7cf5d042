# SPDX-License-Identifier: Apache-2.0
"""The reader of TAP can fail: reports that must be refused, each with its reason."""

import pytest
import tap

GOOD = ["1..2", "# a note", "ok 1 - first", "ok 2 - second"]


def test_good():
    assert tap.check(GOOD) == ["first", "second"]
    assert tap.check(GOOD[1:] + ["1..2"]) == ["first", "second"]


@pytest.mark.parametrize("lines, reason", [
    (GOOD[:3], "1 tests of 2"),
    (GOOD[1:], "0 plans"),
    (GOOD + ["1..2"], "2 plans"),
    (["1..0"], "1 plans"),
    ([], "0 plans"),
    (GOOD[:3] + ["not ok 2 - second"], "not ok 2"),
    (GOOD[:3] + ["ok 3 - second"], "test 3 follows test 1"),
    (GOOD + ["ok 3 - third"], "3 tests of 2"),
    (GOOD + ["inmate: synchronous exception"], "not a line of TAP"),
    (GOOD[:3] + ["ok 2 - second # SKIP not here"], "not a line of TAP"),
])
def test_refused(lines, reason):
    with pytest.raises(tap.TapError, match=reason):
        tap.check(lines)


def test_said():
    log = "bulkhead> \r\x1b[K[a] 1..1\r\n\r\x1b[K[b] 1..2\r\nbulkhead> \r[a] ok 1 - x\r\n"
    assert tap.said(log, "a") == ["1..1", "ok 1 - x"]
    assert tap.is_complete(tap.said(log, "a"))
    assert not tap.is_complete(tap.said(log, "b"))
