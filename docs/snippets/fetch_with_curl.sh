#!/bin/sh
# A published CSV with curl, here as waste_per_capita.csv: only when it changed, whole or not at all, checked by its hash.
# Usage: sh fetch_with_curl.sh https://…/ waste_per_capita      (an address or the folder of a catalogue, and a name)
set -eu
[ $# -eq 2 ] || { sed -n 3p "$0" >&2; exit 2; }
base=${1%/}/ name=$2
case $base in *://*) ;; *) base=file://$(cd "$base" && pwd)/ ;; esac
curl --fail --silent --show-error --compressed --max-time 60 \
  --etag-compare "$name.etag" --etag-save "$name.etag.new" \
  --output "$name.csv.new" "$base$name/$name.csv"
# An answer "not changed" has no body.
if [ -s "$name.csv.new" ]; then
  wanted=$(curl --fail --silent --show-error --max-time 60 "$base$name/release.json" |
    tr -d ' \n' | sed "s/.*\"$name\.csv\":{\"bytes\":[0-9]*,\"sha256\":\"\([0-9a-f]*\)\".*/\1/;
                     t
                     s/.*\"$name\.csv\":{\"sha256\":\"\([0-9a-f]*\)\".*/\1/")
  echo "$wanted  $name.csv.new" | sha256sum --check --quiet
  mv "$name.csv.new" "$name.csv"
  [ ! -s "$name.etag.new" ] || mv "$name.etag.new" "$name.etag"
else
  rm -f "$name.csv.new"
fi
rm -f "$name.etag.new"
