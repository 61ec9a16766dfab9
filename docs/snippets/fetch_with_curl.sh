#!/bin/sh
# A published file with curl, only when it changed, whole or not at all, and checked by its hash.
# Usage: sh fetch_with_curl.sh https://…/catalogue/ waste_per_capita      (writes waste_per_capita.csv here)
set -eu
base=$1 name=$2
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
  mv "$name.etag.new" "$name.etag"
else
  rm -f "$name.csv.new" "$name.etag.new"
fi
