export PATH=$PATH:/work/wt/lan15/node_modules/.cache/lan/usr/bin
O="nsenter -t $DBNS_WORLD_OUTSIDE_PID -n"
D="node bin/run.js"
ip link add br0 type bridge; ip address add 192.168.7.1/24 dev br0; ip link set br0 up
ip link add lan0 type veth peer name eth0 netns $DBNS_WORLD_OUTSIDE_PID; ip link set lan0 master br0 up
$O ip address add 192.168.7.9/24 dev eth0;  $O ip link set eth0 up
ip link show br0
time $D replication create r --nodes 2 --bridge-to br0 --ip 192.168.7.50-192.168.7.55; echo rc $?
ip link show br0
$D network r
$D network r --graph mermaid
$O node test/system/world/probe.mjs knock 192.168.7.50 3306 2000
$D add r; echo rc $?
$D replication create q --nodes 1 --bridge-to br0 --ip 192.168.7.9-192.168.7.12; echo rc $?
$D stop r; $D start r
$D destroy r --yes
ip -br address
echo ------ iface
ip link delete br0;  ip address add 192.168.7.2/24 brd + dev lan0; ip route add 10.77.0.0/16 via 192.168.7.9 metric 77 src 192.168.7.2
ip -d address show lan0; ip route
$D pxc create r --nodes 2 --bridge-to lan0 --ip 192.168.7.50-192.168.7.55; echo rc $?
ip -br address; ip route
$D network r
$O node test/system/world/probe.mjs knock 192.168.7.50 3306 2000
$O node test/system/world/probe.mjs knock 192.168.7.50 4567 1000
$O node test/system/world/probe.mjs knock 192.168.7.2 22 1000
$D destroy r --yes
ip -br address; ip route
$D replication create r --nodes 2 --bridge-to uplink0 --ip 198.51.100.50-198.51.100.55; echo rc $?
