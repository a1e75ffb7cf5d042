#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Prove that the tests catch known mistakes.

    test_broken.py [NAME...]

Each tests/broken/NAME.patch plants one mistake; its first line names the test that
must catch it: `Caught-by: TEST`, a pytest node id or a target of make. The test must
pass on the tree as it is and fail on a copy of the tree with the patch. A patch that
does not apply or does not build, and a test that does not exist, count as failures.
"""

import os
import pathlib
import shutil
import signal
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = pathlib.Path(os.environ.get("BUILD", ROOT / "build"))
PYTHON = "/usr/bin/python3"
TEST_LIMIT = 300    # seconds for one test
BUILD_LIMIT = 600   # seconds for one build
PYTEST_FAILED, MAKE_FAILED = 1, 2


class NotProven(Exception):
    """Why a patch does not count as caught, in one sentence."""


def build_of(tree):
    """A tree's BUILD as make was given it: flags hold it, and other flags mean a new build."""
    if tree != ROOT:
        return "build"
    return str(BUILD.relative_to(ROOT) if BUILD.is_relative_to(ROOT) else BUILD)


def run(command, tree, limit, log):
    """Run a command in a tree; its output goes to the log. Returns the exit status."""
    environment = {name: value for name, value in os.environ.items()
                   if name not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES")}
    environment["BUILD"] = build_of(tree)
    environment["PYTHONDONTWRITEBYTECODE"] = "1"
    with open(log, "ab") as out:
        out.write(f"+ {' '.join(command)}\n".encode())
        out.flush()
        with subprocess.Popen(command, cwd=tree, env=environment, stdin=subprocess.DEVNULL,
                              stdout=out, stderr=subprocess.STDOUT,
                              start_new_session=True) as process:
            try:
                return process.wait(limit)
            except BaseException as error:
                os.killpg(process.pid, signal.SIGKILL)
                if isinstance(error, subprocess.TimeoutExpired):
                    raise NotProven(f"`{' '.join(command)}` took over {limit} s") from None
                raise


def is_pytest(test):
    return "::" in test or test.endswith(".py")


def run_test(test, tree, log):
    """Run a test in a tree. Returns whether it passed."""
    if is_pytest(test):
        status = run([PYTHON, "-m", "pytest", "-q", "-p", "no:cacheprovider", test],
                     tree, TEST_LIMIT, log)
        if status not in (0, PYTEST_FAILED):
            raise NotProven(f"there is no test {test}, or pytest could not run it")
    else:
        if run(["make", "-n", test], tree, TEST_LIMIT, log) != 0:
            raise NotProven(f"make has no target {test}")
        status = run(["make", test], tree, TEST_LIMIT, log)
        if status not in (0, MAKE_FAILED):
            raise NotProven(f"`make {test}` ended with status {status}")
    return status == 0


def copy_tree(target):
    """Copy the tree as it is now, with what was built, so that only changes are rebuilt."""
    shutil.rmtree(target, ignore_errors=True)
    names = subprocess.run(["git", "ls-files", "-z", "--cached", "--others",
                            "--exclude-standard"], cwd=ROOT, stdout=subprocess.PIPE,
                           check=True).stdout.decode().split("\0")
    for name in filter(None, names):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)
    (target / "build").mkdir()
    (target / "build" / "third_party").symlink_to(BUILD / "third_party")
    for folder in BUILD.iterdir():
        if folder.is_dir() and folder.name not in ("third_party", "broken"):
            shutil.copytree(folder, target / "build" / folder.name, symlinks=True,
                            ignore=lambda path, _: ["boot"])


def caught_by(patch):
    """The test that a patch names in its first line."""
    with open(patch, encoding="utf-8") as text:
        first = text.readline().strip()
    label, _, test = first.partition(":")
    if label != "Caught-by" or not test.strip():
        raise NotProven("its first line is not `Caught-by: TEST`")
    return test.strip()


def prove(patch, tree, log, passing):
    """Raise NotProven unless the named test passes without the patch and fails with it."""
    test = caught_by(patch)
    if test not in passing:
        passing[test] = run_test(test, ROOT, log)
    if not passing[test]:
        raise NotProven(f"{test} fails without the patch too")
    copy_tree(tree)
    # Exactly: one that lands elsewhere, or is taken for reversed, plants another mistake.
    if run(["patch", "-p1", "--batch", "--forward", "--fuzz=0", "-i", str(patch)],
           tree, TEST_LIMIT, log) != 0:
        raise NotProven("the patch does not apply")
    if run(["make", f"-j{os.cpu_count() or 1}", "all", "test-programs"],
           tree, BUILD_LIMIT, log) != 0:
        raise NotProven("the tree does not build with the patch")
    if run_test(test, tree, log):
        raise NotProven(f"{test} passes all the same")
    return test


def main():
    folder = ROOT / "tests" / "broken"
    patches = sorted(folder.glob("*.patch"))
    if sys.argv[1:]:
        patches = [folder / f"{name}.patch" for name in sys.argv[1:]]
    (BUILD / "broken").mkdir(parents=True, exist_ok=True)
    passed, failed, passing = 0, 0, {}
    for patch in patches:
        tree = BUILD / "broken" / patch.stem
        log = BUILD / "broken" / f"{patch.stem}.log"
        log.write_bytes(b"")
        try:
            test = prove(patch, tree, log, passing)
            print(f"{patch.stem}: caught by {test}", flush=True)
            shutil.rmtree(tree)
            passed += 1
        except (NotProven, OSError) as reason:
            print(f"{patch.stem}: FAILED: {reason}; see {os.path.relpath(log)}", flush=True)
            failed += 1
    if not patches:
        print(f"there is no patch in {os.path.relpath(folder)}")
        failed = 1
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
