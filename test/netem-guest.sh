#!/usr/bin/env bash
# netem-guest.sh DIRECTORY: makes there what test/system/netem.test.ts boots: a kernel of Debian that has netem (vmlinuz),
# and a tree with the programs that dbns calls, in which /init carries out /script (initrd.gz). Needs qemu, mmdebstrap, apt.
set -euo pipefail

directory=$1
# netem and its company; what they need comes along.
modules=(veth bridge sch_netem sch_htb cls_u32 nf_tables nft_objref nft_numgen nft_ct nft_dup_netdev nft_reject_inet nft_chain_nat nft_masq)

command -v qemu-system-x86_64 >/dev/null ||
  DEBIAN_FRONTEND=noninteractive apt-get install --quiet=2 --yes --no-install-recommends qemu-system-x86 >/dev/null

scratch=$(mktemp --directory)
trap 'rm -rf "$scratch"' EXIT
package=$(apt-cache depends linux-image-amd64 | awk '/Depends:/ { print $2; exit }')
(cd "$scratch" && apt-get -o APT::Sandbox::User=root download --quiet=2 "$package")
dpkg-deb --extract "$scratch"/linux-image-*.deb "$scratch/kernel"
mmdebstrap --quiet --variant=extract --include=dash,busybox-static,iproute2,nftables,iputils-ping,kmod \
  --dpkgopt='path-exclude=/usr/share/*' bookworm "$scratch/root.tar"
root=$scratch/root
mkdir "$root"
tar --extract --file "$scratch/root.tar" --directory "$root"

# All modules of the network, for dependencies; then those alone that are needed.
version=$(basename "$scratch"/kernel/lib/modules/*)
mkdir -p "$root/lib/modules"
cp --archive "$scratch/kernel/lib/modules/$version" "$root/lib/modules/"
chroot "$root" /sbin/depmod "$version"
chroot "$root" /sbin/modprobe --set-version "$version" --show-depends --all "${modules[@]}" |
  awk '$1 == "insmod" && !seen[$2]++ { print $2 }' >"$root/modules"
find "$root/lib/modules" -name '*.ko' | sed "s:^$root::" | sort >"$scratch/all"
sort "$root/modules" | comm -23 "$scratch/all" - | sed "s:^:$root:" | xargs rm

cat >"$root/init" <<'END'
#!/bin/busybox sh
export PATH=/usr/sbin:/usr/bin:/sbin:/bin:/applets
/bin/busybox mkdir -p /proc /sys /dev /run /tmp /applets
/bin/busybox --install -s /applets
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
while read -r module; do insmod "$module" || echo "no $module"; done </modules
dash /script
echo "guest: script ended with $?"
poweroff -f
END
chmod +x "$root/init"

mkdir -p "$directory"
(cd "$root" && find . | "$root/bin/busybox" cpio -o -H newc 2>/dev/null | gzip -1) >"$directory/initrd.gz.new"
cp "$scratch/kernel/boot/vmlinuz-$version" "$directory/vmlinuz"
mv "$directory/initrd.gz.new" "$directory/initrd.gz"
