#!/bin/sh
# mmdebstrap's hook (mmdebstrap(1), customize-hook): makes the console's keyboard maps out of XKB's layouts, in the new root "$1". The packages
# that this takes, 20 MB with what they depend on, are unpacked beside it and go again.
# KEYBOARD_LAYOUTS are layouts that type Latin letters; KEYBOARD_SECOND those that do not: they come as a second group beside "us", since addresses and
# codes are Latin.
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
# Whose work the maps are.
mkdir -p "$root/usr/share/doc/xkb-data"
cp "$work/tree/usr/share/doc/xkb-data/copyright" "$root/usr/share/doc/xkb-data/copyright"
