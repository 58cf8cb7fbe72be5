#!/bin/sh
# Set-up for `npm run ova` on a fresh Debian 12 or 13: installs what is missing, by name, then hands over to main.ts.
set -eu
cd "$(dirname "$0")/../.."

say() { printf '%s\n' "$*" >&2; }

if [ "$(id -u)" != 0 ]; then
  if ! command -v sudo >/dev/null 2>&1; then
    say "Building the image needs root, or sudo: it installs a root file system with its owners."
    exit 1
  fi
  say "Building the image needs root: sudo is used from here on."
  exec sudo env "HOME=$HOME" "XDG_CACHE_HOME=${XDG_CACHE_HOME:-$HOME/.cache}" "PATH=$PATH" sh image/build/ova.sh "$@"
fi

# mmdebstrap makes the system and the workshop; qemu boots the result and writes qcow2 and vhdx.
packages="mmdebstrap debian-archive-keyring qemu-system-x86 qemu-utils"
if ! command -v packer >/dev/null 2>&1; then
  if apt-cache show packer >/dev/null 2>&1; then
    packages="$packages packer"
  else
    say "Packer is missing, and this Debian has no package of it (Debian 12 has one). Get it from https://developer.hashicorp.com/packer/install,"
    say "put it on the PATH, run 'packer init packer/plugins' once, then run this again."
    exit 1
  fi
fi

missing=""
for package in $packages; do
  status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
  [ "$status" = installed ] || missing="$missing $package"
done
if [ -n "$missing" ]; then
  say "Installing Debian packages:$missing"
  # shellcheck disable=SC2086 # a list of words
  DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing >/dev/null ||
    { apt-get update -q >/dev/null && DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing >/dev/null; }
fi

if [ ! -x node_modules/.bin/node ]; then
  say "Installing the npm packages of package-lock.json"
  npm ci --loglevel=error --no-fund --no-audit >&2
fi
exec node_modules/.bin/node image/build/main.ts "$@"
