#!/bin/sh
# mmdebstrap's hook (mmdebstrap(1), customize-hook): puts VMware's program that asks the hypervisor for variables into the new root "$1". It needs the C library
# only; the rest of its package, a daemon by which the hypervisor's administrator runs programs in the guest, and the fifteen packages that this needs, are left out.
set -eu
root=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(cd "$work" && APT_CONFIG=$MMDEBSTRAP_APT_CONFIG apt-get --quiet=2 --option=APT::Sandbox::User=root download open-vm-tools)
dpkg-deb --extract "$work"/*.deb "$work/tree"
install -m 755 -p "$work/tree/usr/bin/vmware-rpctool" "$root/usr/bin/vmware-rpctool"
# That it has all that it needs: outside of VMware it says so, and ends with an error of its own.
said=$(chroot "$root" /usr/bin/vmware-rpctool 'info-get guestinfo.ovfEnv' 2>&1) || true
case $said in
  *VMware* | *guestinfo* | *"No value found"*) ;;
  *) echo "vmware-rpctool does not run: $said" >&2; exit 1 ;;
esac
mkdir -p "$root/usr/share/doc/open-vm-tools"
cp "$work/tree/usr/share/doc/open-vm-tools/copyright" "$root/usr/share/doc/open-vm-tools/copyright"
# For the bill of materials, in the form of dpkg's own list.
mkdir -p "$root/usr/lib/outrider/parts"
# shellcheck disable=SC2016 # dpkg-deb's own variables
dpkg-deb --show --showformat 'Package: ${Package}\nStatus: part ok installed\nArchitecture: ${Architecture}\nVersion: ${Version}\n' "$work"/*.deb >"$root/usr/lib/outrider/parts/open-vm-tools"
