#!/bin/sh
# Set-up for the project's commands on a fresh Debian 12 or 13. It installs missing packages and prints
# their names; with nothing missing it takes no time. Then Node 24 from the lock file takes over (main.ts;
# the console and the benchmark of the start have programs of their own). It runs before anything is
# installed: POSIX sh only.
set -eu

command=${1:-start}
cd "$(dirname "$0")/../.."

say() { printf '%s\n' "$*" >&2; }

# The console takes seconds to load, and minutes with the npm packages: keys that are pressed meanwhile
# must not spoil the screen.
if [ "$command" = console ]; then
  if [ -t 0 ] && terminal=$(stty -g 2>/dev/null); then
    trap 'stty "$terminal"' EXIT
    trap 'exit 130' HUP INT TERM
    stty -echo
  fi
  say "Starting the console"
fi

# mmdebstrap builds the appliance's root file system, systemd-container boots it, iproute2 makes its networks.
packages="mmdebstrap debian-archive-keyring systemd-container iproute2"
# qemu boots the image and writes qcow2 and vhdx.
image_packages="mmdebstrap debian-archive-keyring qemu-system-x86 qemu-utils"
simulated=no
case $command in
  # Over a described machine, or configd's socket: nothing of Debian, and no root.
  console) simulated=yes packages="" ;;
  # chromium tests the platform's page, nft counts the packets that leave the lab, shellcheck checks this file.
  test) packages="$packages chromium nftables shellcheck" ;;
  ova | bench-boot) packages=$image_packages ;;
  # UEFI for the virtual machine, tools that make discs and sticks, and tools that read its disk.
  test-image) packages="$image_packages ovmf xorriso mtools squashfs-tools e2fsprogs" ;;
esac
for argument in "$@"; do
  case $argument in
    --simulated | --unit) simulated=yes packages="" ;;
    # Boots the built image instead of the container.
    --vm) packages="$packages qemu-system-x86 qemu-utils" ;;
  esac
done

as_root=""
if [ "$(id -u)" != 0 ]; then
  as_root=none
  if command -v sudo >/dev/null 2>&1; then
    # Without a terminal, sudo cannot ask for a password.
    if sudo -n true 2>/dev/null; then
      as_root="sudo -n"
    elif [ -t 0 ] && [ "$simulated" = no ]; then
      as_root=sudo
    fi
  fi
fi

# Debian 12 has a package of Packer, Debian 13 has none. The package lists may not be there yet.
case $command in
  ova | test-image)
    if ! command -v packer >/dev/null 2>&1 && command -v apt-cache >/dev/null 2>&1 && [ "$as_root" != none ]; then
      apt-cache show packer >/dev/null 2>&1 || $as_root apt-get update -q >/dev/null 2>&1 || true
      if apt-cache show packer >/dev/null 2>&1; then packages="$packages packer"; fi
    fi
    ;;
esac

missing=""
for package in $packages; do
  status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
  [ "$status" = installed ] || missing="$missing $package"
done

if [ -n "$missing" ]; then
  if ! command -v apt-get >/dev/null 2>&1; then
    say "Not installed:$missing. This machine has no apt-get, so it goes on without."
  elif [ "$as_root" = none ]; then
    say "Not installed:$missing. That needs root or sudo, so it goes on without."
  else
    if [ -n "$as_root" ]; then say "sudo is needed to install Debian packages and, later, to run the lab's containers."; fi
    say "Installing Debian packages:$missing"
    install_packages() {
      # shellcheck disable=SC2086 # two lists of words
      $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing
    }
    log=$(mktemp)
    if ! install_packages >"$log" 2>&1; then
      # The package lists may be absent or older than the mirror's packages.
      say "Updating the package lists (apt-get update)"
      $as_root apt-get update -q >"$log" 2>&1 || true
      if ! install_packages >"$log" 2>&1; then
        say "That failed:"
        tail -n 15 "$log" >&2
        say "It goes on with what is there."
      fi
    fi
    rm -f "$log"
  fi
fi

for tool in node npm; do
  if ! command -v "$tool" >/dev/null 2>&1; then
    say "$tool is missing. Install Node.js 20 or later with npm, then run this again."
    exit 1
  fi
done

# Compares npm's record of installed packages with the lock file; packages for other systems may be
# absent.
matches='
  const read = (path) => JSON.parse(require("node:fs").readFileSync(path, "utf8")).packages;
  const have = read("node_modules/.package-lock.json");
  const wrong = Object.entries(read("package-lock.json"))
    .filter(([path, wanted]) => path !== "" && !wanted.optional && have[path]?.version !== wanted.version);
  process.exit(wrong.length === 0 ? 0 : 1);
'
if ! node -e "$matches" 2>/dev/null; then
  say "Installing the npm packages of package-lock.json (about 350 MB, half a minute)"
  # The packages require a newer Node than the host may have; they run on the Node that is one of them.
  npm ci --loglevel=error --no-fund --no-audit >&2
fi

node=$PWD/node_modules/.bin/node
if [ "$command" = console ]; then
  shift
  # The terminal is put back after the console's end, so this shell stays. A shell that waits for a
  # program in the foreground would pass no signal on to it.
  exec 3<&0
  "$node" console/main.ts "$@" <&3 3<&- &
  console=$!
  trap 'kill -TERM "$console" 2>/dev/null || true' HUP INT TERM
  status=0
  wait "$console" || status=$?
  # A signal ends the wait before the console has ended.
  while kill -0 "$console" 2>/dev/null; do
    status=0
    wait "$console" || status=$?
  done
  exit "$status"
fi
main=image/start/main.ts
if [ "$command" = bench-boot ]; then main=test/bench/boot-main.ts; fi
if [ "$command" != test ] && [ -n "$as_root" ] && [ "$as_root" != none ] && [ "$simulated" = no ]; then
  # Containers, network namespaces and a root file system with file owners need root. The cache stays in
  # the user's own folder.
  exec $as_root env "HOME=$HOME" "XDG_CACHE_HOME=${XDG_CACHE_HOME:-$HOME/.cache}" "TERM=${TERM:-linux}" "LANG=${LANG:-C.UTF-8}" "PATH=$PATH" \
    "$node" "$main" "$@"
fi
exec "$node" "$main" "$@"
