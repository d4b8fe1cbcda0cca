#!/usr/bin/env bash
# Makes Gradescope's image: these sources lie beside this file, as pushpull/.
set -euo pipefail
cd "${AUTOGRADER:-/autograder}/source/pushpull"
apt-get update
apt-get install --yes --no-install-recommends make
scripts/setup --for compile
make
