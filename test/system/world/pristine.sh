#!/usr/bin/env bash
# pristine.sh DIRECTORY: makes the pristine directories that most tests clone from, in a world, and copies them to
# DIRECTORY: what every world of a test run may start with ($DBNS_TEST_PRISTINE). Tests of their making use their own.
set -euo pipefail

dbns() { DBNS_ALLOW_EXPIRED=1 bin/run.js "$@" >/dev/null; }

while read -r topology image; do
  dbns "$topology" create seed --nodes 1 --image "$image"
  dbns destroy seed
done <<END
pxc mariadb:10.11
pxc mariadb:11.8
replication mariadb:10.11
replication mysql:9.7
END
cp -a --sparse=always /var/lib/dbns/pristine "$1"
