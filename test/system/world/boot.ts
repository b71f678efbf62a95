import { userTypes } from './machine.js';

// A boot is a world in the world: processes, network and /run of its own, which are thrown away whole; the disk stays.

let boots = 0;

/** The machine's way out: an interface of another name at each boot. */
export const uplink = () => `up${boots}`;

/** Runs lines of a user's on a machine that was just booted; then the power goes. */
export async function boot(script: string, expectExit = 0): Promise<string> {
  boots++;
  const inner = `set -euo pipefail
    mount -t tmpfs tmpfs /run; export HOME=/tmp
    cat /proc/sys/kernel/random/uuid >/run/boot-id; mount --bind /run/boot-id /proc/sys/kernel/random/boot_id
    ip link set lo up; ip link add ${uplink()} type veth peer name peer; ip address add 192.0.2.2/24 dev ${uplink()}
    ip link set ${uplink()} up; ip link set peer up; ip route add default via 192.0.2.1
    dbns() { $DBNS "$@"; }
    ${script}`;
  const { stdout } = await userTypes(
    `exec unshare --net --mount --pid --fork --kill-child --mount-proc bash -c "$INNER"`,
    { env: { INNER: inner }, expectExit },
  );
  return stdout.trim();
}
