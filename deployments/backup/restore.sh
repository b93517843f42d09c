#!/bin/sh
# Puts a backup in place of a data folder that is not in use: restore.sh BACKUP DATA_DIR
# What was there is kept beside it. Check it before you start: tradsys journal verify --data-dir DATA_DIR
set -eu
[ $# -eq 2 ] || { echo 'usage: restore.sh BACKUP DATA_DIR' >&2; exit 2; }
backup=$1 target=$2
[ -d "$backup/journal" ] || { echo "$backup is no backup: it holds no journal" >&2; exit 2; }
if [ -e "$target" ]; then
  kept="$target.before-restore-$(date -u +%Y%m%dT%H%M%SZ)"
  mv "$target" "$kept"
  echo "what was in $target is in $kept"
fi
umask 077
cp -R "$backup" "$target"
sync
echo "restored to $target"
