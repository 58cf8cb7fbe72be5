#!/bin/sh
# Removes the lab's cgroup after the lab's starter has ended: the namespaces do not remove it. Runs in a
# mount namespace of its own; its standard input closes when the starter ends, also when it is killed.
set -u
name=$1
mount -t cgroup2 cgroup2 /sys/fs/cgroup || exit 1
group=/sys/fs/cgroup/$name
mkdir "$group" || exit 1
# The limits of the appliance's units need the controllers. Where cgroup v1 uses them, cgroup v2 has none
# to enable.
read -r controllers <"$group/cgroup.controllers" || true
for controller in $controllers; do
  echo "+$controller" >"$group/cgroup.subtree_control" 2>/dev/null
done
echo ready
trap '' INT HUP TERM
while read -r _; do :; done
echo 1 >"$group/cgroup.kill"
tries=0
while [ -d "$group" ] && [ $tries -lt 100 ]; do
  find "$group" -depth -type d -exec rmdir {} \; 2>/dev/null
  [ -d "$group" ] && sleep 0.1
  tries=$((tries + 1))
done
