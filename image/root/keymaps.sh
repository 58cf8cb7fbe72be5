#!/bin/sh
# A customize-hook (mmdebstrap(1)): makes the console's keyboard maps from XKB's layouts, in the new
# root "$1". The packages that this needs, 20 MB with their dependencies, are unpacked beside the root and
# removed again.
# KEYBOARD_LAYOUTS lists the layouts that type Latin letters, KEYBOARD_SECOND the others. Those become a
# second group beside "us", since addresses and codes are Latin.
set -eu
root=$1
maps=$root/usr/lib/outrider/keymaps
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(cd "$work" && APT_CONFIG=$MMDEBSTRAP_APT_CONFIG apt-get --quiet=2 --option=APT::Sandbox::User=root download xkb-data console-setup)
for package in "$work"/*.deb; do dpkg-deb --extract "$package" "$work/tree"; done
compile() { perl "$work/tree/usr/bin/ckbcomp" "-I$work/tree/usr/share/X11/xkb" -compact -model pc105 "$@"; }
mkdir -p "$maps"
for layout in $KEYBOARD_LAYOUTS; do compile -layout "$layout" >"$maps/$layout.kmap"; done
for layout in $KEYBOARD_SECOND; do compile -layout "us,$layout" -option grp:alt_shift_toggle >"$maps/$layout.kmap"; done
for map in "$maps"/*.kmap; do
  [ -s "$map" ] || { echo "$map is empty" >&2; exit 1; }
done
# Copyright of the layouts that the maps are made from.
mkdir -p "$root/usr/share/doc/xkb-data"
cp "$work/tree/usr/share/doc/xkb-data/copyright" "$root/usr/share/doc/xkb-data/copyright"
