#!/usr/bin/env bash
# inside.sh SCRATCH COMMAND…  is init of a new world (see enter.sh): furnishes it, then runs the command.
#
# The world's own: processes, network, /run, /etc (a copy, no /etc/netns), /var/lib/dbns (with the machine's images, if
# it has any), /tmp, /var/tmp, /dev/shm, HOME. All else is the machine's. Nothing here is seen outside: mounts are private.
set -euo pipefail

scratch=$1
shift
repository=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../../.." && pwd -P)
own=/run/test-world # what belongs to the tests themselves, not to what they test

# libmount keeps notes in the machine's /run/mount.
mount() { command mount --no-mtab "$@"; }

# /proc is still the machine's: it tells our pid out there, for whoever must end the world.
read -r pid _ </proc/self/stat
echo "$pid" >"$scratch/init"

# A copy of a named namespace's mount would keep the namespace alive after the machine's `ip netns delete`.
forget_namespaces() {
  local mountpoint type
  while read -r mountpoint type; do
    case $type:$mountpoint/ in
      nsfs:* | *:/run/netns/* | *:/run/dbns/* | *:/etc/netns/*) umount --lazy "$mountpoint" || true ;;
    esac
  done < <(sed -E 's/^([^ ]+ ){4}([^ ]+) .* - ([^ ]+) .*/\2 \3/' /proc/self/mountinfo | tac)
}

fresh_proc_and_sys() {
  mount -t proc proc /proc
  mount --make-private --rbind /sys/fs/cgroup "$scratch/held"
  mount -t sysfs sysfs /sys
  mount --move "$scratch/held" /sys/fs/cgroup
}

# Furnish a directory of our own for DIRECTORY, then `place` it there; the repository stays visible below it.
prepare_on_disk() { # DIRECTORY → $furnished
  furnished=$scratch/own$1
  mkdir -p "$furnished"
  mount --bind "$furnished" "$furnished"
}

# A thousand small files: ext4 takes a second for them when as many were deleted just before.
prepare_in_memory() { # DIRECTORY → $furnished
  furnished=$scratch/own$1
  mkdir -p "$furnished"
  mount -t tmpfs -o mode=755 tmpfs "$furnished"
}

place() { # DIRECTORY
  if [[ $repository == "$1"/* ]]; then
    mkdir -p "$furnished${repository#"$1"}"
    mount --rbind "$repository" "$furnished${repository#"$1"}"
  fi
  mount --move "$furnished" "$1"
}

own_etc() {
  prepare_in_memory /etc
  # tar's exit code 1: a file changed meanwhile.
  { tar --create --directory /etc --exclude ./netns . || (($? == 1)); } |
    tar --extract --same-permissions --directory "$furnished"
  place /etc
}

own_run() {
  prepare_in_memory /run
  mkdir -p "$furnished/test-world/"{home,tmp} "$furnished/systemd"
  mkdir -m 1777 "$furnished/lock"
  # Where /etc/resolv.conf may point to.
  if [[ -d /run/systemd/resolve ]]; then cp -R /run/systemd/resolve "$furnished/systemd/"; fi
  place /run
}

# The machine may have no /var/lib/dbns to mount on, and must not be given one.
own_state() {
  local entry name
  prepare_on_disk /var/lib
  shopt -s dotglob nullglob
  for entry in /var/lib/*; do
    name=${entry##*/}
    if [[ $name == dbns ]]; then continue; fi
    if [[ -d $entry && ! -L $entry ]]; then
      mkdir "$furnished/$name"
      mount --rbind "$entry" "$furnished/$name"
    else
      cp -a "$entry" "$furnished/$name"
    fi
  done
  mkdir "$furnished/dbns"
  if [[ -d /var/lib/dbns/images ]]; then
    mkdir "$furnished/dbns/images"
    mount --bind /var/lib/dbns/images "$furnished/dbns/images"
    # A test must not be able to take an image from the machine.
    mount -o remount,bind,ro "$furnished/dbns/images"
  fi
  # What a test run made once for all its worlds (test/run.mjs).
  if [[ -n ${DBNS_TEST_PRISTINE:-} ]]; then cp -a --sparse=always "$DBNS_TEST_PRISTINE" "$furnished/dbns/pristine"; fi
  place /var/lib
}

# As if packages were installed: they are laid over the machine's own (test/image-trees.sh).
own_usr() {
  if [[ -z ${DBNS_TEST_HOST:-} ]]; then return; fi
  mount -t overlay -o "ro,lowerdir=$DBNS_TEST_HOST/usr:/usr" overlay /usr
}

own_temporary() { # DIRECTORY
  prepare_on_disk "$1"
  chmod 1777 "$furnished"
  place "$1"
}

# The outside host: a process in a network of its own, with no name in /run/netns and no route to our clusters.
network_with_outside() {
  unshare --net sleep infinity &
  outside=$!
  until [[ $(readlink /proc/self/ns/net) != "$(readlink "/proc/$outside/ns/net")" ]]; do sleep 0.01; done
  echo 0 >/proc/sys/net/ipv4/ip_forward # new networks take it from the machine
  ip -batch - <<-END
	link set lo up
	link add uplink0 type veth peer name outside0 netns $outside
	address add 198.51.100.2/24 dev uplink0
	END
  no_address_detection uplink0
  ip -batch - <<-END
	link set uplink0 up
	route add default via 198.51.100.1
	END
  nsenter --target "$outside" --net ip -batch - <<-END
	link set lo up
	address add 198.51.100.1/24 dev outside0
	link set outside0 up
	END
}

# IPv6 would look for a second owner of its link-local address for a second, and snapshots would differ meanwhile.
no_address_detection() { # LINK
  local switch=/proc/sys/net/ipv6/conf/$1/accept_dad
  if [[ -e $switch ]]; then echo 0 >"$switch"; fi
}

mkdir "$scratch/held"
forget_namespaces
fresh_proc_and_sys
own_etc
own_state
own_run
own_usr
mount -t tmpfs -o mode=1777 tmpfs /dev/shm
own_temporary /tmp
own_temporary /var/tmp # last: the scratch directory is below it
network_with_outside

unset "${!XDG_@}"
# Each start of node would read it, which takes it 90 ms; nobody in here reaches what it is for.
unset NODE_EXTRA_CA_CERTS
export HOME=$own/home TMPDIR=$own/tmp
export DBNS_WORLD=1 DBNS_WORLD_ADDRESS=198.51.100.2
export DBNS_WORLD_OUTSIDE_PID=$outside DBNS_WORLD_OUTSIDE_ADDRESS=198.51.100.1
touch "$own/began"
cd "$repository"
# Not by exec: init must reap whatever loses its parent.
code=0
"$@" || code=$?
exit "$code"
