#!/bin/sh
# The first process of a lab's own PID, mount, network, IPC and UTS namespaces. When it ends, or is
# killed with its starter, the kernel ends every process in the namespaces and removes their mounts and
# networks (pid_namespaces(7)). As a shell it also reaps orphans.
set -eu
system=$1
peers=$2

mount --make-rprivate /
mount -t proc proc /proc
# Mount /sys for this network namespace, and one cgroup v2 tree even where the host has version 1 or
# none: systemd in the container needs it.
mount -t sysfs sysfs /sys
mount -t cgroup2 cgroup2 /sys/fs/cgroup

# Hide the host's /run, so that the lab can neither use its sockets nor leave files there.
mount -t tmpfs -o mode=755,size=4g tmpfs /run
mkdir -p /run/systemd/nspawn /run/netns /run/lab/system /run/lab/peers /run/lab/data /run/lab/platform
mount --bind "$system" /run/lab/system
mount -o remount,bind,ro /run/lab/system

# The root of the lab's other machines; of the host it contains only this lab's folder.
mount --bind "$peers" /run/lab/peers
mount -o remount,bind,ro /run/lab/peers
for folder in run tmp var/log var/lib; do mount -t tmpfs tmpfs "/run/lab/peers/$folder"; done
mkdir -p /run/lab/peers/run/lab /run/lab/peers/run/sshd
mount --bind /run/lab /run/lab/peers/run/lab
mount --rbind /dev /run/lab/peers/dev
mount -t proc proc /run/lab/peers/proc

ip link set lo up
echo ready
# Wait until the starter closes the pipe.
while read -r _; do :; done
