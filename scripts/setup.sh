#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Install the Debian packages that the build and the tests need, and those named as
# arguments; silent when all are there.

packages="
gcc libc6-dev cpp
gcc-aarch64-linux-gnu gcc-arm-none-eabi libnewlib-arm-none-eabi newlib-source
device-tree-compiler u-boot-tools u-boot-qemu qemu-system-arm
python3 python3-kconfiglib python3-pexpect python3-pytest
libcmocka-dev git patch ca-certificates xz-utils
$*"

# dpkg-query prints nothing for a package that it has never heard of.
installed=$(dpkg-query -W -f '${Package} ${db:Status-Status}\n' $packages 2>/dev/null |
	sed -n 's/ installed$//p')
missing=
for package in $packages; do
	case "
$installed
" in
	*"
$package
"*) ;;
	*) missing="$missing $package" ;;
	esac
done
if [ -z "$missing" ]; then
	exit 0
fi

install="apt-get install --no-install-recommends -y$missing"
if [ "$(id -u)" = 0 ]; then
	as_root=
elif sudo -n true 2>/dev/null; then
	as_root="sudo -n"
else
	echo "set-up: these Debian packages are missing and only root can install them;" \
		"please run: sudo apt-get update && sudo $install" >&2
	exit 1
fi

echo "set-up: installing the missing Debian packages:$missing"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# A fresh machine has no lists; another apt may be at work for a while.
if ! { $as_root apt-get update && $as_root env DEBIAN_FRONTEND=noninteractive \
	$install -o DPkg::Lock::Timeout=300; } >"$log" 2>&1 </dev/null; then
	tail -n 5 "$log" >&2
	echo "set-up: apt could not install the missing packages (is there a network?);" \
		"please run: apt-get update && $install" >&2
	exit 1
fi
