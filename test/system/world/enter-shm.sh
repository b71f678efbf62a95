#!/usr/bin/env bash
# enter.sh COMMAND…  runs a command in a world of its own and passes its exit code on; `enter.sh bash` gives a shell.
#
# A world is this machine as it was before anything with namespaces ran on it (inside.sh says what is its own). When
# the command ends, or this script does by whatever signal, every process of the world is dead and its files are gone.
set -euo pipefail

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
parent=/dev/shm

# What a world left that was ended by kill -9. A living one holds the lock; a new one may not have it yet.
sweep() {
  local directory
  while read -r directory; do
    flock --nonblock "$directory" rm -rf --one-file-system "$directory" || true
  done < <(find "$parent" -maxdepth 1 -name 'dbns-world-??????' -type d -mmin +1)
}

# Init's death takes all processes of the world along, and `wait` returns after the last of them.
end_world() {
  local init
  if read -r init 2>/dev/null <"$scratch/init"; then kill -KILL "$init"; else kill -KILL "$world"; fi 2>/dev/null || true
}

[[ $EUID == 0 ]] || { echo 'A world needs root: type sudo before the command.' >&2; exit 3; }
sweep
scratch=$(mktemp -d "$parent/dbns-world-XXXXXX")
exec {lock}<"$scratch"
flock "$lock"
trap 'rm -rf --one-file-system "$scratch"' EXIT

# A job in the background would ignore Ctrl-C and have no stdin.
setpriv --pdeathsig KILL env --default-signal=INT,QUIT \
  unshare --net --mount --propagation private --pid --fork --kill-child \
  "$here/inside.sh" "$scratch" "$@" <&0 {lock}<&- &
world=$!
caught=0
trap 'caught=130; end_world' INT
trap 'caught=143; end_world' TERM HUP
code=0
wait "$world" || code=$?
while kill -0 "$world" 2>/dev/null; do # a trap interrupts wait
  code=0
  wait "$world" || code=$?
done
((caught == 0)) || exit "$caught"
exit "$code"
