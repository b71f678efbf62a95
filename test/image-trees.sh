#!/usr/bin/env bash
# image-trees.sh DIRECTORY  makes there what `--image dir:` and `--image host` are tried with; nothing is installed.
#
#   mariadb/   a basedir: Debian's packages of MariaDB, and of the libraries that this machine has not, beside it
#   mysql/     a basedir like a vendor's: the programs of the pulled image mysql:9.7, with their loader and libraries
#   host/usr   the packages again, as they are: what installing them would put into /usr
#
# In a basedir programs find their libraries by a path of their own (RPATH), as those of a vendor's archive do.
set -euo pipefail

packages=(mariadb-{server,client}{,-core} mariadb-backup galera-4 rsync socat)
mysql_image=/var/lib/dbns/images/mysql/9.7/root

mkdir -p "$1"
directory=$(cd -- "$1" && pwd -P)
rm -rf "$directory"/{mariadb,mysql,host,packages}
mkdir -p "$directory"/{mariadb,host,packages/partial} "$directory"/mysql/{bin,lib/mysql,share}

# apt downloads them, and what they need that this machine has not, and leaves it at that.
download() {
  apt-get -qq --yes --no-install-recommends --download-only --reinstall \
    -o "Dir::Cache::archives=$directory/packages" -o Debug::NoLocking=1 -o APT::Sandbox::User=root \
    install patchelf "${packages[@]}"
}

unpack() { # DIRECTORY: its usr/ has all, as on a machine whose /bin, /sbin and /lib are links
  local package part
  for package in "$directory"/packages/*.deb; do dpkg-deb --extract "$package" "$1"; done
  for part in bin sbin lib; do
    if [[ -d $1/$part ]]; then cp -a "$1/$part" "$1/usr/" && rm -r "${1:?}/$part"; fi
  done
}

is_program() { [[ -f $1 && ! -L $1 && $(head -c 4 "$1") == $'\x7fELF' ]]; }

relocate() { # RPATH [--set-interpreter LOADER] PROGRAM…: libraries are found there, also by libraries
  local rpath=$1 loader=() program
  shift
  if [[ $1 == --set-interpreter ]]; then loader=("$1" "$2") && shift 2; fi
  for program; do
    if is_program "$program"; then
      "$directory/host/usr/bin/patchelf" "${loader[@]}" --force-rpath --set-rpath "$rpath" "$program"
    fi
  done
}

mariadb_tree() {
  unpack "$directory/mariadb.packages"
  rm -r "$directory/mariadb"
  mv "$directory/mariadb.packages/usr" "$directory/mariadb"
  rm -r "$directory/mariadb.packages"
  # shellcheck disable=SC2016
  relocate '$ORIGIN/../lib/x86_64-linux-gnu' "$directory"/mariadb/{bin,sbin}/*
}

libraries_of() { # PROGRAM…: as the image's own loader finds them
  local lib=$mysql_image/usr/lib/x86_64-linux-gnu program
  for program; do "$lib/ld-linux-x86-64.so.2" --library-path "$lib" --list "$program"; done |
    sed -nE "s|.* => ($mysql_image/\S+) .*|\1|p" | sort -u
}

mysql_tree() {
  local tree=$directory/mysql
  cp -a "$mysql_image"/usr/sbin/mysqld "$mysql_image"/usr/bin/my* "$tree/bin/"
  cp -a "$mysql_image/usr/lib/mysql/plugin" "$tree/lib/mysql/"
  cp -a "$mysql_image/usr/share/mysql" "$tree/share/"
  libraries_of "$mysql_image"/usr/sbin/mysqld "$mysql_image"/usr/bin/mysql{,dump,binlog} "$tree"/lib/mysql/plugin/*.so |
    xargs cp --dereference --target-directory="$tree/lib"
  # shellcheck disable=SC2016
  relocate '$ORIGIN/../lib' --set-interpreter "$tree/lib/ld-linux-x86-64.so.2" "$tree"/bin/*
}

download
unpack "$directory/host"
mariadb_tree
if [[ -d $mysql_image ]]; then mysql_tree; fi
rm -r "$directory/packages"
