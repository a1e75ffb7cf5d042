#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Fetch and pack the Linux guest: Debian's arm64 kernel, unmodified, and a small root.

    linux_guest.py --out DIR

writes DIR/Image (the kernel), DIR/initrd (busybox, the modules of virtio and squashfs,
inmates/linux/) and DIR/disk (a squashfs with 64 MiB of data and their sum). A stamp
holds a hash of the recipe; while it fits, nothing is done and nothing is printed.
"""

import argparse
import glob
import hashlib
import inspect
import os
import pathlib
import random
import shutil
import subprocess
import sys

import third_party
from third_party import Failure, run

ROOT = pathlib.Path(__file__).resolve().parent.parent
SOURCES = ROOT / "inmates" / "linux"
# In the order of their needs.
MODULES = ("virtio_mmio virtio_blk failover net_failover virtio_net squashfs").split()
DATA_SIZE = 64 << 20
DATA_SEED = 2026


def apt_options(folder):
    """Options for a private apt of the arm64 architecture: the system's stays as it is."""
    for name in ("parts", "lists/partial", "cache/archives/partial", "download"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / "status").touch()
    third_party.write_source_entries(str(folder / "parts"), source=False)
    options = []
    for option in ("Dir::Etc::sourcelist=/dev/null", f"Dir::Etc::sourceparts={folder}/parts",
                   f"Dir::State::lists={folder}/lists", f"Dir::Cache={folder}/cache",
                   f"Dir::State::status={folder}/status", "APT::Architecture=arm64",
                   "APT::Architectures::=arm64", "Acquire::Languages=none",
                   "Acquire::Retries=3",
                   f"APT::Sandbox::User={'root' if os.getuid() == 0 else ''}"):
        options += ["-o", option]
    return options


def kernel_package(options):
    """The package that linux-image-arm64 stands for today."""
    text = subprocess.run(["apt-cache"] + options + ["depends", "linux-image-arm64"],
                          stdout=subprocess.PIPE, universal_newlines=True, check=True).stdout
    names = [line.split()[1] for line in text.splitlines() if line.startswith("  Depends:")]
    if not names:
        raise Failure("Debian's package linux-image-arm64 names no kernel")
    return names[0]


def fetch(work, log):
    """Download kernel and busybox for arm64 and unpack both; returns the folder."""
    print("set-up: fetching the kernel and busybox for arm64 from Debian", flush=True)
    options = apt_options(work)
    try:
        run(["apt-get"] + options + ["update"], log)
        run(["apt-get"] + options + ["download", kernel_package(options), "busybox-static"],
            log, cwd=work / "download")
    except Failure as failure:
        raise Failure(f"{failure}; is there a network? They are fetched once, by apt, "
                      "from Debian") from None
    for package in sorted((work / "download").glob("*.deb")):
        run(["dpkg-deb", "-x", str(package), str(work / "root")], log)
    return work / "root"


def only(pattern):
    """The one file that fits."""
    found = glob.glob(str(pattern), recursive=True)
    if len(found) != 1:
        raise Failure(f"{pattern} names {len(found)} files where one is expected")
    return found[0]


def make_initrd(root, work, out, log):
    tree = work / "initrd"
    for name in ("bin", "modules"):
        (tree / name).mkdir(parents=True, exist_ok=True)
    shutil.copy(only(root / "bin" / "busybox"), tree / "bin" / "busybox")
    (tree / "bin" / "sh").symlink_to("busybox")
    for name in MODULES:
        shutil.copy(only(root / f"lib/modules/*/kernel/**/{name}.ko"), tree / "modules")
    (tree / "modules" / "order").write_text("\n".join(MODULES) + "\n", encoding="ascii")
    shutil.copy(SOURCES / "init", tree / "init")
    shutil.copy(SOURCES / "check", tree / "bin" / "check")
    for name in ("init", "bin/check"):
        (tree / name).chmod(0o755)
    names = sorted(str(path.relative_to(tree)) for path in tree.rglob("*"))
    with open(out / "initrd.new", "wb") as archive, open(log, "ab") as errors:
        subprocess.run(["cpio", "-o", "-H", "newc", "-R", "0:0", "--reproducible"], cwd=tree,
                       input="\n".join(names).encode(), stdout=archive, stderr=errors,
                       check=True)
    os.replace(out / "initrd.new", out / "initrd")


def make_disk(work, out, log):
    """A file system with data that no compression makes small, and their sum."""
    tree = work / "disk"
    tree.mkdir(exist_ok=True)
    data = random.Random(DATA_SEED).randbytes(DATA_SIZE)
    (tree / "data").write_bytes(data)
    (tree / "data.sha256").write_text(f"{hashlib.sha256(data).hexdigest()}  data\n",
                                      encoding="ascii")
    run(["mksquashfs", str(tree), str(out / "disk"), "-noappend", "-noI", "-noD", "-noF",
         "-noX", "-all-root"], log)


def build(out, log):
    work = (out / "work").resolve()
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    root = fetch(work, log)
    shutil.copy(only(root / "boot" / "vmlinuz-*"), out / "Image")
    make_initrd(root, work, out, log)
    make_disk(work, out, log)
    shutil.rmtree(work)


def recipe():
    """A hash of everything that decides what is made."""
    digest = hashlib.sha256(inspect.getsource(sys.modules[__name__]).encode())
    for path in sorted(SOURCES.iterdir()):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", required=True, type=pathlib.Path)
    out = parser.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    stamp, log = out / "stamp", str((out / "log").resolve())
    if stamp.exists() and stamp.read_text(encoding="ascii") == recipe():
        return 0
    open(log, "w", encoding="ascii").close()
    try:
        build(out, log)
    except Failure as failure:
        sys.stderr.write(f"set-up: {failure}\n")
        return 1
    stamp.write_text(recipe(), encoding="ascii")
    return 0


if __name__ == "__main__":
    sys.exit(main())
