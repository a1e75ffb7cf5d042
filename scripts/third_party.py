#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Fetch and build the third-party libraries, unmodified, into the build folder.

    third_party.py --out DIR libs     libfdt and SHA-256, for EL2 and for the host
    third_party.py --out DIR newlib   the C library of the inmates
    third_party.py --out DIR u-boot --board BOARD   U-Boot, as configs/BOARD/u-boot.config says

The sources come from Debian: libfdt and U-Boot from the source package u-boot, SHA-256 from
the source package mbedtls, newlib from the binary package newlib-source. A stamp
holds a hash of the recipe; while it fits, nothing is done and nothing is printed.
"""

import argparse
import fcntl
import glob
import hashlib
import inspect
import os
import re
import shlex
import shutil
import subprocess
import sys
import tarfile

LIBFDT_PREFIX = "scripts/dtc/libfdt/"
LIBFDT_SOURCES = ("fdt.c fdt_addresses.c fdt_empty_tree.c fdt_overlay.c fdt_ro.c "
                  "fdt_rw.c fdt_strerror.c fdt_sw.c fdt_wip.c").split()
SHA256_SOURCES = ["library/sha256.c"]
SHA256_KEEP = re.compile(r"(library/sha256\.c|library/common\.h|"
                         r"include/mbedtls/.*\.h|LICENSE)$")
NEWLIB_ARCHIVES = "/usr/src/newlib/newlib-*.tar.*"
NEWLIB_CFLAGS = ("-O2 -g -fno-stack-protector -fno-pic -fno-pie -mstrict-align "
                 "-mno-outline-atomics -ffunction-sections -fdata-sections")
# The packages whose upgrade makes a new build necessary.
BUILD_PACKAGES = {
    "libs": ["gcc-aarch64-linux-gnu", "gcc"],
    "newlib": ["gcc-aarch64-linux-gnu", "newlib-source"],
    "u-boot": ["gcc-aarch64-linux-gnu"],
}


class Failure(Exception):
    """What went wrong, in one sentence for the user."""


def run(command, log, **kwargs):
    """Run a command with its output in a log file; show the log's end if it fails."""
    with open(log, "ab") as out:
        out.write(("+ " + " ".join(command) + "\n").encode())
        out.flush()
        result = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=out,
                                stderr=subprocess.STDOUT, check=False, **kwargs)
    if result.returncode != 0:
        with open(log, "r", errors="replace") as text:
            lines = [line for line in text if not line.startswith("+ ")]
            sys.stderr.write("".join(lines[-20:]))
        raise Failure(f"`{' '.join(command[:3])} ...` failed; the whole log is in {log}")


# --- the machine's own Debian source entries, as deb-src ---------------------------------


def debian_suites():
    """The suites of the Debian release that this machine runs."""
    codename = ""
    with open("/etc/os-release") as release:
        for line in release:
            if line.startswith("VERSION_CODENAME="):
                codename = line.split("=", 1)[1].strip().strip('"')
    return {codename, codename + "-updates", codename + "-security", codename + "/updates"}


def stanza_as(kind, stanza, suites):
    """A deb822 stanza as Types: kind with Debian's suites only, or None."""
    fields, last = {}, None
    for line in stanza.splitlines():
        if line.startswith("#") or not line.strip():
            continue
        if line[0] in " \t" and last:
            fields[last] += "\n" + line
        elif ":" in line:
            last, value = line.split(":", 1)
            last = last.strip().lower()
            fields[last] = value.strip()
    kept = [s for s in fields.get("suites", "").split() if s in suites]
    if (not kept or "main" not in fields.get("components", "").split()
            or fields.get("enabled", "yes").lower() in ("no", "false", "0")):
        return None
    fields.update({"types": kind, "suites": " ".join(kept), "components": "main"})
    fields.pop("architectures", None)
    return "".join(f"{name.title()}: {value}\n" for name, value in fields.items())


def line_as(kind, line, suites):
    """A one-line entry `deb [options] URI SUITE COMPONENT...` as that kind, or None."""
    match = re.match(r"\s*deb(?:-src)?\s+(\[[^]]*\]\s+)?(\S+)\s+(\S+)\s+(.*)", line)
    if not match or match.group(3) not in suites:
        return None
    if "main" not in match.group(4).split("#")[0].split():
        return None
    options = re.sub(r"\barch=\S+", "", (match.group(1) or "")[1:].strip(" ]"))
    options = f"[{options.strip()}] " if options.strip() else ""
    return f"{kind} {options}{match.group(2)} {match.group(3)} main\n"


def write_source_entries(folder, source=True):
    """Private entries, of sources or of packages for any architecture, made from the
    machine's own: the system's stay as they are."""
    kind = "deb-src" if source else "deb"
    suites, lines, stanzas = debian_suites(), [], []
    for path in ["/etc/apt/sources.list"] + sorted(glob.glob("/etc/apt/sources.list.d/*.list")):
        if os.path.isfile(path):
            with open(path) as entries:
                lines += [line_as(kind, line, suites) for line in entries]
    for path in sorted(glob.glob("/etc/apt/sources.list.d/*.sources")):
        with open(path) as entries:
            stanzas += [stanza_as(kind, s, suites)
                        for s in re.split(r"\n\s*\n", entries.read())]
    lines = sorted({line for line in lines if line})
    stanzas = [stanza for stanza in stanzas if stanza]
    if not lines and not stanzas:
        raise Failure("found no Debian entry in /etc/apt/sources.list or "
                      "/etc/apt/sources.list.d to fetch the sources of libfdt and SHA-256 by")
    with open(os.path.join(folder, "bulkhead.list"), "w") as out:
        out.writelines(lines)
    with open(os.path.join(folder, "bulkhead.sources"), "w") as out:
        out.write("\n".join(stanzas))


def fetch_debian_sources(packages, work, log):
    """Download the original archives of source packages; return {package: archive}."""
    for folder in ("parts", "lists/partial", "cache/archives/partial", "download"):
        os.makedirs(os.path.join(work, folder), exist_ok=True)
    write_source_entries(os.path.join(work, "parts"))
    options = []
    for option in ("Dir::Etc::sourcelist=/dev/null", f"Dir::Etc::sourceparts={work}/parts",
                   f"Dir::State::lists={work}/lists", f"Dir::Cache={work}/cache",
                   "Acquire::Languages=none", "Acquire::Retries=3",
                   f"APT::Sandbox::User={'root' if os.getuid() == 0 else ''}"):
        options += ["-o", option]
    advice = "; is there a network? The sources are fetched once, by apt, from Debian"
    try:
        run(["apt-get"] + options + ["update"], log)
        run(["apt-get"] + options + ["source", "--download-only"] + packages, log,
            cwd=os.path.join(work, "download"))
    except Failure as failure:
        raise Failure(str(failure) + advice) from None
    archives = {}
    for package in packages:
        found = sorted(glob.glob(f"{work}/download/{package}_*.orig.tar.*"))
        found = [path for path in found if not path.endswith(".asc")]
        if len(found) != 1:
            raise Failure(f"the source package {package} has {len(found)} original archives")
        archives[package] = found[0]
    return archives


def unpack(archive, target, wanted):
    """Write the files for which wanted(path without the first folder) gives a name."""
    shutil.rmtree(target, ignore_errors=True)
    count = 0
    with tarfile.open(archive) as tar:
        for member in tar:
            name = wanted(member.name.split("/", 1)[-1]) if member.isfile() else None
            if name:
                path = os.path.join(target, name)
                os.makedirs(os.path.dirname(path), exist_ok=True)
                with open(path, "wb") as out:
                    shutil.copyfileobj(tar.extractfile(member), out)
                count += 1
    if not count:
        raise Failure(f"{archive} does not hold the expected files")


# --- the recipes -----------------------------------------------------------------------


def archive_objects(cc, ar, cflags, source_folder, sources, library, log):
    """Compile the sources and put them in one static library."""
    objects = []
    folder = library + ".d"
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    for source in sources:
        objects.append(os.path.join(folder, os.path.basename(source)[:-2] + ".o"))
        run(cc.split() + cflags + ["-w", "-c", os.path.join(source_folder, source),
                                   "-o", objects[-1]], log)
    if os.path.exists(library):
        os.unlink(library)
    run([ar, "rcsD", library] + objects, log)


def build_libs(args, log):
    """libfdt and SHA-256, each for EL2 and for the host."""
    out = os.path.relpath(args.out)
    libfdt, mbedtls = os.path.join(out, "libfdt"), os.path.join(out, "mbedtls")
    if not os.path.exists(os.path.join(out, "sources.done")):
        print("set-up: fetching the sources of libfdt and SHA-256 from Debian", flush=True)
        work = os.path.abspath(os.path.join(out, "apt"))
        shutil.rmtree(work, ignore_errors=True)
        archives = fetch_debian_sources(["u-boot", "mbedtls"], work, log)
        unpack(archives["u-boot"], libfdt,
               lambda path: path[len(LIBFDT_PREFIX):] if re.fullmatch(
                   LIBFDT_PREFIX + r"[a-z_]+\.[ch]", path) else None)
        unpack(archives["mbedtls"], mbedtls,
               lambda path: path if SHA256_KEEP.fullmatch(path) else None)
        with open(os.path.join(out, "sources.done"), "w") as done:
            done.writelines(os.path.basename(path) + "\n" for path in archives.values())
        shutil.rmtree(work)
    print("set-up: building libfdt and SHA-256 for EL2 and for the host", flush=True)
    includes = ["-I" + libfdt, "-I" + os.path.join(mbedtls, "library"),
                "-I" + os.path.join(mbedtls, "include")]
    for kind, cc, ar, cflags in (("el2", args.cc, args.ar, args.cflags),
                                 ("host", args.host_cc, "ar", args.host_cflags)):
        os.makedirs(os.path.join(out, kind), exist_ok=True)
        flags = shlex.split(cflags) + [f"-ffile-prefix-map={os.getcwd()}/="] + includes
        # Trees are read at boot and for commands only: small counts, not fast.
        small = ["-Os"] if kind == "el2" else []
        archive_objects(cc, ar, flags + small, libfdt, LIBFDT_SOURCES,
                        os.path.join(out, kind, "libfdt.a"), log)
        archive_objects(cc, ar, flags, mbedtls, SHA256_SOURCES,
                        os.path.join(out, kind, "libsha256.a"), log)


def build_newlib(args, log):
    """newlib for the inmates, by the compiler that is there for Linux."""
    archives = glob.glob(NEWLIB_ARCHIVES)
    if len(archives) != 1:
        raise Failure(f"{NEWLIB_ARCHIVES} names {len(archives)} files; "
                      "the package newlib-source should supply one")
    print("set-up: building newlib, once (about a minute)", flush=True)
    out = os.path.abspath(args.out)
    work, target = os.path.join(out, "newlib-build"), os.path.join(out, "newlib")
    for folder in (work, target):
        shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(os.path.join(work, "objects"))
    run(["tar", "-xf", archives[0], "-C", work], log)
    source = glob.glob(os.path.join(work, "newlib-*"))[0]
    prefix = args.cross
    environment = dict(os.environ, MAKEINFO="true", MAKEFLAGS="",
                       CFLAGS_FOR_TARGET=NEWLIB_CFLAGS +
                       f" -ffile-prefix-map={source}=newlib -ffile-prefix-map={work}=newlib")
    for tool in ("gcc", "ar", "as", "ld", "nm", "ranlib", "objdump", "strip", "readelf"):
        name = "CC" if tool == "gcc" else tool.upper()
        environment[name + "_FOR_TARGET"] = prefix + tool
    build = {"cwd": os.path.join(work, "objects"), "env": environment}
    run([os.path.join(source, "configure"), "--target=aarch64-none-elf",
         "--prefix=" + os.path.join(work, "install"), "--disable-multilib",
         "--disable-libgloss", "--disable-nls", "--disable-werror"], log, **build)
    jobs = f"-j{os.cpu_count() or 1}"
    run(["make", jobs, "all-target-newlib"], log, **build)
    run(["make", "install-target-newlib"], log, **build)
    os.rename(os.path.join(work, "install", "aarch64-none-elf"), target)
    shutil.rmtree(work)


def u_boot_config(board):
    """The file that says how U-Boot is configured for a board."""
    here = os.path.dirname(os.path.abspath(__file__))
    return os.path.join(here, "..", "configs", board, "u-boot.config")


def build_u_boot(args, log):
    """U-Boot for a board that Debian has none for: a defconfig of its own, and changes."""
    fragment = os.path.abspath(u_boot_config(args.board))
    with open(fragment) as text:
        base = re.search(r"^# base (\w+_defconfig)$", text.read(), re.M).group(1)
    print(f"set-up: fetching and building U-Boot for {args.board} from Debian's sources, once "
          "(some minutes)", flush=True)
    work = os.path.abspath(os.path.join(args.out, f"u-boot-{args.board}-build"))
    shutil.rmtree(work, ignore_errors=True)
    source = os.path.join(work, "source")
    os.makedirs(source)
    archive = fetch_debian_sources(["u-boot"], work, log)["u-boot"]
    run(["tar", "-xf", archive, "-C", source, "--strip-components=1"], log)
    environment = {name: value for name, value in os.environ.items()
                   if name not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES",
                                   "KCONFIG_CONFIG", "BOARD", "BUILD", "V")}
    build = {"cwd": source, "env": environment}
    cross = "CROSS_COMPILE=" + args.cross
    run(["make", cross, base], log, **build)
    run(["sh", "scripts/kconfig/merge_config.sh", "-m", ".config", fragment], log, **build)
    run(["make", cross, "olddefconfig"], log, **build)
    run(["make", f"-j{os.cpu_count() or 1}", cross, "u-boot.bin"], log, **build)
    shutil.copyfile(os.path.join(source, "u-boot.bin"),
                    os.path.join(args.out, f"u-boot-{args.board}.bin"))
    shutil.rmtree(work)


# What a recipe consists of, for its hash.
RECIPES = {
    "libs": [" ".join(LIBFDT_SOURCES + SHA256_SOURCES), SHA256_KEEP.pattern,
             archive_objects, build_libs],
    "newlib": [NEWLIB_CFLAGS, build_newlib],
    "u-boot": [build_u_boot],
}


def recipe_hash(args):
    """A hash of everything that decides what is built."""
    digest = hashlib.sha256(repr([args.cc, args.ar, args.cflags, args.host_cc,
                                  args.host_cflags, args.cross]).encode())
    here = os.path.dirname(os.path.abspath(__file__))
    lib = os.path.join(here, "..", "hypervisor", "lib")
    files = []
    if args.what == "libs":
        files += [os.path.join(lib, "mbedtls_config.h")]
        files += sorted(glob.glob(os.path.join(lib, "include", "*.h")))
    if args.what == "u-boot":
        files += [u_boot_config(args.board)]
    for path in files:
        with open(path, "rb") as content:
            digest.update(content.read())
    for recipe in RECIPES[args.what]:
        digest.update((recipe if isinstance(recipe, str)
                       else inspect.getsource(recipe)).encode())
    digest.update(subprocess.run(
        ["dpkg-query", "-W", "-f", "${Package} ${Version}\n"] + BUILD_PACKAGES[args.what],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False).stdout)
    return digest.hexdigest()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=["libs", "newlib", "u-boot"])
    parser.add_argument("--board", help="of U-Boot")
    parser.add_argument("--out", required=True, help="folder of the results")
    parser.add_argument("--cross", default="aarch64-linux-gnu-", help="prefix of the tools")
    parser.add_argument("--cc", default="aarch64-linux-gnu-gcc", help="compiler for EL2")
    parser.add_argument("--ar", default="aarch64-linux-gnu-ar")
    parser.add_argument("--cflags", default="", help="flags for EL2")
    parser.add_argument("--host-cc", default="gcc")
    parser.add_argument("--host-cflags", default="")
    args = parser.parse_args()

    name = args.what + (f"-{args.board}" if args.board else "")
    stamp = os.path.join(args.out, name + ".stamp")
    wanted = recipe_hash(args)

    def is_done():
        try:
            with open(stamp) as text:
                return text.read() == wanted
        except FileNotFoundError:
            return False

    if is_done():
        return 0
    os.makedirs(args.out, exist_ok=True)
    with open(os.path.join(args.out, name + ".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if is_done():
            return 0
        log = os.path.abspath(os.path.join(args.out, name + ".log"))
        open(log, "w").close()
        try:
            RECIPES[args.what][-1](args, log)
        except Failure as failure:
            sys.stderr.write(f"set-up: {failure}\n")
            return 1
        with open(stamp, "w") as text:
            text.write(wanted)
    return 0


if __name__ == "__main__":
    sys.exit(main())
