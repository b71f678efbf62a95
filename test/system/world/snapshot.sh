#!/usr/bin/env bash
# Prints all that dbns could leave behind on a machine, sorted, the same for the same state; imports nothing from dbns
# and trusts none of its names. What may stay (images and other caches) comes under the last heading.
set -uo pipefail
export LC_ALL=C
shopt -s nullglob

heading() { printf '\n# %s\n' "$1"; }

# Fills the arrays below from /proc without a single child, which would be seen.
declare -A parent command
look_at_processes() {
  local directory pid stat name rest words
  for directory in /proc/[0-9]*; do
    pid=${directory#/proc/}
    { read -r stat <"$directory/stat" && mapfile -d '' -t words <"$directory/cmdline"; } 2>/dev/null || continue
    rest=(${stat##*) })
    name=${stat#*(}
    parent[$pid]=${rest[1]}
    # A zombie has left already; a thread of the kernel has no words.
    if [[ ${rest[0]} != Z && ${#words[@]} != 0 ]]; then command[$pid]="${name%)*}: ${words[*]//$'\n'/ }"; fi
  done
}

# Not ourselves, nor who called us (vitest, init), nor the world's outside host.
forget_test_runner() {
  local pid=$$
  while [[ $pid != 0 ]]; do
    unset "command[$pid]"
    pid=${parent[$pid]:-0}
  done
  unset "command[${DBNS_WORLD_OUTSIDE_PID:-0}]"
}

processes() { printf '%s\n' "${command[@]}" | sort | sed '/^$/d'; }

# Links, addresses, routes and rules of a namespace, without what changes by itself: indexes, lifetimes, carrier.
network() { # [NAMESPACE]
  printf '%s\n' 'link show' 'address show' 'route show table all' 'rule show' |
    ip ${1:+-n "$1"} -details -oneline -batch - 2>&1 |
    awk '
      /^[0-9]+: [^ ]+ </ { print "link " link($0); next }
      /^[0-9]+: [^ ]+ +inet/ { print "address " $2, $3, $4, scope($0); next }
      /^[0-9]+:\t/ { gsub(/[ \t]+/, " "); print "rule " $0; next }
      { sub(/ linkdown/, ""); sub(/ expires [0-9]+sec/, ""); gsub(/ +/, " "); print "route " $0 }
      function scope(line) { sub(/.* scope /, "", line); sub(/\\.*/, "", line); gsub(/ (tentative|optimistic|dadfailed)/, "", line); return line }
      function link(line,  part, count, i, type, alias, segments) {
        count = split(line, part, /\\ +/)
        for (i = 3; i <= count; i++) if (part[i] ~ /^alias /) alias = part[i]; else if (type == "") { split(part[i], word, " "); type = word[1] }
        if (match(part[2], / gso_max_segs [0-9]+/)) segments = substr(part[2], RSTART, RLENGTH)
        sub(/ promiscuity .*/, "", part[2])
        sub(/^[0-9]+: /, "", part[1])
        sub(/@if[0-9]+:/, ":", part[1])
        gsub(/NO-CARRIER,|,LOWER_UP|,M-DOWN/, "", part[1])
        gsub(/ (state|mode) [A-Z]+/, "", part[1])
        return part[1] " type " type " " part[2] segments " " alias
      }' | sort
}

named_networks() {
  local namespace
  for namespace in /run/netns/*; do
    printf '%s\n' "${namespace##*/}"
    network "${namespace##*/}" | sed 's/^/  /'
  done
}

rules6() { ip -6 -oneline rule show 2>/dev/null | sed 's/\t/ /; s/^/rule6 /'; }

mounts() {
  awk '{
    for (i = 7; $i != "-"; i++) { sub(/:[0-9]+/, "", $i); $6 = $6 "," $i }
    print $5, $(i + 1), $4, $6, $(i + 2), $(i + 3)
  }' /proc/self/mountinfo | sort
}

sysctls() {
  grep --no-messages '' \
    /proc/sys/net/ipv4/conf/*/{forwarding,route_localnet,rp_filter,proxy_arp,accept_local,arp_ignore,arp_announce} \
    /proc/sys/net/ipv6/conf/*/{forwarding,disable_ipv6,accept_ra,accept_dad,proxy_ndp} \
    /proc/sys/net/ipv4/{ip_forward,ip_nonlocal_bind,ip_unprivileged_port_start,ip_local_port_range,ping_group_range} \
    /proc/sys/net/ipv{4,6}/neigh/default/gc_thresh? /proc/sys/net/bridge/* \
    /proc/sys/net/core/{somaxconn,rmem_max,wmem_max} /proc/sys/net/netfilter/nf_conntrack_max \
    /proc/sys/fs/{aio-max-nr,file-max,nr_open} /proc/sys/fs/inotify/max_* \
    /proc/sys/kernel/{pid_max,threads-max} /proc/sys/vm/{swappiness,overcommit_memory,max_map_count} |
    sed 's:^/proc/sys/::' | sort
}

# Type, mode, owner and size; a directory's size says how many names it once had.
list() { # FIND-ARGUMENTS…
  find "$@" \( -type d -printf '%p d %m %U:%G\n' -o -printf '%p %y %m %U:%G %s %l\n' \) 2>/dev/null | sort
}

caches=(/var/lib/dbns/{images,pristine,servers})

files() {
  list /etc/netns /run/netns /run/dbns /var/lib/dbns "${HOME:-/root}"/.{cache,config,local/share}/dbns \
    \( -path "${caches[0]}" -o -path "${caches[1]}" -o -path "${caches[2]}" \) -prune -o
}

# The world's /etc is a copy: what is newer than the world was changed in it.
changed_etc() { list /etc -mindepth 1 -path /etc/netns -prune -o -cnewer /run/test-world/began; }

temporary() { find /tmp /var/tmp /dev/shm -mindepth 1 -maxdepth 1 -printf '%p %y %m %U:%G\n' 2>/dev/null | sort; }

sockets() { awk '$8 ~ /dbns/ { print $5, $6, $8 }' /proc/net/unix | sort; }

look_at_processes
forget_test_runner
heading 'processes' && processes
heading 'network' && network && rules6
heading 'network namespaces' && named_networks
heading 'nftables' && nft --stateless list ruleset
heading 'mounts' && mounts
heading 'sysctls' && sysctls
heading 'files' && files
if [[ ${DBNS_WORLD:-} == 1 ]]; then heading 'changed in /etc' && changed_etc; fi
heading 'temporary files' && temporary
heading 'unix sockets' && sockets
heading 'caches: may stay' && find "${caches[@]}" -maxdepth 1 -printf '%p %y\n' 2>/dev/null | sort
exit 0
