#!/bin/sh
# Copies the data folder of a platform in one process, running or stopped: backup.sh DATA_DIR TARGET
# Snapshots first and the journal behind them, so that no snapshot knows of a command that the copy lacks. The journal is only
# appended to: an append that is under way leaves an unfinished record at the end, which the next start cuts off; it was
# not acknowledged when the copy was made. The database is left out: it is made again from the journal.
set -eu
[ $# -eq 2 ] || { echo 'usage: backup.sh DATA_DIR TARGET' >&2; exit 2; }
source=$1 target=$2
[ -d "$source/journal" ] || { echo "$source holds no journal" >&2; exit 2; }
[ ! -e "$target" ] || { echo "$target is there already; a backup never writes over another" >&2; exit 2; }
umask 077
partial="$target.partial"
rm -rf "$partial"
mkdir -p "$partial"
[ ! -d "$source/snapshots" ] || cp -R "$source/snapshots" "$partial/snapshots"
cp -R "$source/journal" "$partial/journal"
[ ! -d "$source/secrets" ] || cp -R "$source/secrets" "$partial/secrets"
rm -f "$partial/journal/"*.tmp "$partial/snapshots/"*.tmp
sync
mv "$partial" "$target"
echo "backup in $target"
