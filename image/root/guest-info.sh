#!/bin/sh
# A customize-hook (mmdebstrap(1)): installs vmware-rpctool, which reads VMware's guestinfo variables,
# into the new root "$1". The program needs only the C library. The rest of its package is left out, with
# the fifteen packages that it depends on: a daemon that lets the hypervisor's administrator run programs
# in the guest.
set -eu
root=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(cd "$work" && APT_CONFIG=$MMDEBSTRAP_APT_CONFIG apt-get --quiet=2 --option=APT::Sandbox::User=root download open-vm-tools)
dpkg-deb --extract "$work"/*.deb "$work/tree"
install -m 755 -p "$work/tree/usr/bin/vmware-rpctool" "$root/usr/bin/vmware-rpctool"
# Check that no library is missing: outside of VMware the program reports that, and exits with an error
# of its own.
said=$(chroot "$root" /usr/bin/vmware-rpctool 'info-get guestinfo.ovfEnv' 2>&1) || true
case $said in
  *VMware* | *guestinfo* | *"No value found"*) ;;
  *) echo "vmware-rpctool does not run: $said" >&2; exit 1 ;;
esac
mkdir -p "$root/usr/share/doc/open-vm-tools"
cp "$work/tree/usr/share/doc/open-vm-tools/copyright" "$root/usr/share/doc/open-vm-tools/copyright"
# An entry for the bill of materials, in the form of dpkg's status file.
mkdir -p "$root/usr/lib/outrider/parts"
# shellcheck disable=SC2016 # dpkg-deb replaces these variables
dpkg-deb --show --showformat 'Package: ${Package}\nStatus: part ok installed\nArchitecture: ${Architecture}\nVersion: ${Version}\n' "$work"/*.deb >"$root/usr/lib/outrider/parts/open-vm-tools"
