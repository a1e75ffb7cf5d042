#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Make the bundle that U-Boot hands to the hypervisor, and the FIT that holds both.

    mkbundle.py --configs DIR --inmates DIR --itb FILE [--uimg FILE]
                [--fit FILE --kernel IMAGE --load ADDRESS]

--itb    the bundle itself: a FIT with the images "system", "cell-NAME" and the
         inmates, each with its sha256
--uimg   the same in a legacy ramdisk header, as booti and QEMU's -initrd want it
--fit    one FIT with the hypervisor and the bundle, for bootm ADDR#CONF ADDR#CONF FDT

The other options make the bundles that tests need: incomplete, damaged, extended.
"""

import argparse
import os
import pathlib
import subprocess
import sys
import tempfile

FIT_CONFIGURATION = "bulkhead"


class BundleError(Exception):
    """What is wrong with the request, in one sentence."""


def find_images(configs, inmates):
    """{image name: file} in the order of the bundle: system, root, other cells, inmates."""
    images, cells = {}, {}
    for path in sorted(pathlib.Path(configs).glob("*.dtb")):
        if path.stem == "system":
            images["system"] = path
        else:
            cells[path.stem] = path
    for name in sorted(cells, key=lambda name: (name != "root", name)):
        images["cell-" + name] = cells[name]
    for path in sorted(pathlib.Path(inmates).glob("*.bin")):
        images[path.stem] = path
    return images


def run(*command):
    """Run a command of U-Boot's or of the device-tree compiler's tools, quietly."""
    environment = dict(os.environ)
    environment.setdefault("SOURCE_DATE_EPOCH", "0")
    command = [str(word) for word in command]
    result = subprocess.run(command, env=environment, stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, universal_newlines=True, check=False)
    if result.returncode != 0:
        raise BundleError(f"`{' '.join(command[:2])}` failed: {result.stdout.strip()}")
    return result.stdout


def write_fit(description, images, configurations, output):
    """Write a FIT by mkimage; images is {name: (file, [property...], has_hash)}."""
    lines = ["/dts-v1/;", "/ {", f'\tdescription = "{description}";',
             "\t#address-cells = <1>;", "\timages {"]
    for name, (path, properties, has_hash) in images.items():
        lines += [f"\t\t{name} {{", f'\t\t\tdescription = "{name}";',
                  f'\t\t\tdata = /incbin/("{pathlib.Path(path).resolve()}");']
        lines += [f"\t\t\t{entry};" for entry in properties]
        if has_hash:
            lines += ['\t\t\thash-1 { algo = "sha256"; };']
        lines += ["\t\t};"]
    lines += ["\t};"] + configurations + ["};", ""]
    output = pathlib.Path(output)
    # A name of its own, so that a reader never sees half a file.
    with tempfile.TemporaryDirectory(dir=output.parent, prefix=".mkbundle") as folder:
        its, itb = os.path.join(folder, "fit.its"), os.path.join(folder, "fit.itb")
        with open(its, "w", encoding="utf-8") as text:
            text.write("\n".join(lines))
        run("mkimage", "-f", its, itb)
        os.replace(itb, output)


def make_itb(output, images, without_hash=()):
    """The bundle: a FIT of {image name: file}."""
    entries = {}
    for name, path in images.items():
        kind = "flat_dt" if name == "system" or name.startswith("cell-") else "standalone"
        entries[name] = (path, [f'type = "{kind}"', 'arch = "arm64"', 'compression = "none"'],
                         name not in without_hash)
    first = next(iter(images), None)
    configurations = []
    if first:
        configurations = ["\tconfigurations {", '\t\tdefault = "bundle";', "\t\tbundle {",
                          f'\t\t\tloadables = "{first}";', "\t\t};", "\t};"]
    write_fit("Bulkhead bundle", entries, configurations, output)


def corrupt_hash(itb, name):
    """Change the first byte of an image's stated sha256."""
    node = f"/images/{name}/hash-1"
    value = run("fdtget", "-t", "bx", itb, node, "value").split()
    run("fdtput", "-t", "bx", itb, node, "value", f"{int(value[0], 16) ^ 0xff:x}", *value[1:])


def corrupt_data(itb, path):
    """Change the middle byte of an image within the bundle."""
    content, whole = pathlib.Path(path).read_bytes(), bytearray(pathlib.Path(itb).read_bytes())
    place = whole.find(content)
    if not content or place < 0:
        raise BundleError(f"{path} is not in {itb}")
    whole[place + len(content) // 2] ^= 0xff
    pathlib.Path(itb).write_bytes(whole)


def make_uimg(output, itb):
    """The bundle in the legacy header that U-Boot and QEMU strip from a ramdisk."""
    partial = f"{output}.partial"
    run("mkimage", "-A", "arm64", "-O", "linux", "-T", "ramdisk", "-C", "none",
        "-n", "Bulkhead bundle", "-d", itb, partial)
    os.replace(partial, output)


def make_fit(output, kernel, itb, load):
    """One FIT of hypervisor and bundle, each with a hash that U-Boot checks."""
    common = ['arch = "arm64"', 'os = "linux"', 'compression = "none"']
    images = {
        "hypervisor": (kernel, ['type = "kernel"', f"load = <{load:#x}>",
                                f"entry = <{load:#x}>"] + common, True),
        "bundle": (itb, ['type = "ramdisk"'] + common, True),
    }
    configurations = ["\tconfigurations {", f'\t\tdefault = "{FIT_CONFIGURATION}";',
                      f"\t\t{FIT_CONFIGURATION} {{", '\t\t\tkernel = "hypervisor";',
                      '\t\t\tramdisk = "bundle";', "\t\t};", "\t};"]
    write_fit("Bulkhead", images, configurations, output)


def name_and_file(text):
    """NAME=FILE of the command line."""
    name, separator, path = text.partition("=")
    if not separator or not name:
        raise argparse.ArgumentTypeError(f"{text}: NAME=FILE is expected")
    return name, path


def parse(arguments):
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--configs", help="folder of the compiled configs (*.dtb)")
    parser.add_argument("--inmates", help="folder of the guests' images (*.bin)")
    parser.add_argument("--itb", required=True, help="the bundle to make")
    parser.add_argument("--uimg", help="the bundle with a legacy ramdisk header")
    parser.add_argument("--fit", help="the FIT of hypervisor and bundle")
    parser.add_argument("--kernel", help="the hypervisor's arm64 Image, for --fit")
    parser.add_argument("--load", type=lambda text: int(text, 0), help="its address, for --fit")
    group = parser.add_argument_group("for tests (NAME is an image's: system, cell-root, hello)")
    group.add_argument("--add", type=name_and_file, action="append", default=[],
                       metavar="NAME=FILE", help="add an image, or replace the one so named")
    for option, text in (("--omit", "leave the image out"),
                         ("--no-hash", "leave the image's hash out"),
                         ("--corrupt-hash", "state a wrong hash for the image"),
                         ("--corrupt-data", "change a byte of the image")):
        group.add_argument(option, action="append", default=[], metavar="NAME", help=text)
    return parser.parse_args(arguments)


def main(arguments=None):
    args = parse(arguments)
    images = {}
    if args.configs and args.inmates:
        images = find_images(args.configs, args.inmates)
    images.update(args.add)
    for name in args.omit + args.no_hash + args.corrupt_hash + args.corrupt_data:
        if name not in images:
            raise BundleError(f'there is no image "{name}"; there are: {", ".join(images)}')
    files = dict(images)
    for name in args.omit:
        del images[name]
    make_itb(args.itb, images, args.no_hash)
    for name in args.corrupt_hash:
        corrupt_hash(args.itb, name)
    for name in args.corrupt_data:
        corrupt_data(args.itb, files[name])
    if args.uimg:
        make_uimg(args.uimg, args.itb)
    if args.fit:
        if not args.kernel or args.load is None:
            raise BundleError("--fit needs --kernel and --load")
        make_fit(args.fit, args.kernel, args.itb, args.load)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (BundleError, OSError) as error:
        sys.exit(f"mkbundle: {error}")
