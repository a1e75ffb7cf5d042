# SPDX-License-Identifier: Apache-2.0
"""Builds the assignment driver's host tests by hand: for coverage.py and mutants.py."""
import glob
import os
import subprocess

CORE = "drivers/vfio_platform"
HELPERS = ["tests/host/host_lock.c", "tests/host/vfio_platform_check.c"]
FAKE = "tests/unit/fake_vfio.c"
TRACES = "tests/conformance/traces"


def core_sources():
    """All of the driver but what binds it to the hypervisor."""
    found = glob.glob(f"{CORE}/*.c") + glob.glob(f"{CORE}/reset/*.c")
    return sorted(s for s in found if not s.endswith("_hyp.c"))


def unit_sources():
    return sorted(glob.glob("tests/unit/test_vfio_*.c"))


def conformance_sources():
    return sorted(glob.glob("tests/conformance/*.c"))


def test_sources():
    return unit_sources() + conformance_sources() + HELPERS + [FAKE]


def object_path(build, source):
    return os.path.join(build, os.path.splitext(source)[0] + ".o")


def add_options(parser):
    parser.add_argument("--build", required=True, help="folder for objects and programs")
    parser.add_argument("--cc", default="gcc")
    parser.add_argument("--cppflags", default="", help="of the host build, in one string")


class Build:
    """Objects in a folder, linked to one program per unit test and the replay program."""

    def __init__(self, options, link_flags):
        self.options = options
        self.link_flags = link_flags

    def compile(self, source, flags, to=None, original=None):
        """Compile one file; original: what to take the place of, for includes."""
        target = to or object_path(self.options.build, source)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        include = ["-I" + os.path.dirname(original)] if original else []
        subprocess.run(
            [self.options.cc, "-std=gnu11", *self.options.cppflags.split(), *include, *flags,
             "-c", source, "-o", target],
            check=True,
        )
        return target

    def link(self, name, objects):
        program = os.path.join(self.options.build, name)
        subprocess.run(
            [self.options.cc, *self.link_flags, *objects, "-lcmocka", "-o", program], check=True
        )
        return os.path.abspath(program)

    def programs(self, replace=None, with_work=True):
        """Link everything, core objects taken from replace where it has them."""
        replace = replace or {}
        build = self.options.build
        core = [replace.get(s, object_path(build, s)) for s in core_sources()]
        helpers = [object_path(build, s) for s in HELPERS]
        replay = self.link(
            "replay", [object_path(build, s) for s in conformance_sources()] + core + helpers
        )
        yield "conformance", [replay, TRACES]
        for source in unit_sources():
            name = os.path.splitext(os.path.basename(source))[0]
            if name == "test_vfio_work" and not with_work:
                continue
            objects = [object_path(build, source), object_path(build, FAKE)]
            yield name, [self.link(name, objects + core + helpers)]
