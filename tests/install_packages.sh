#!/usr/bin/env bash
# Installs the Debian 12 packages that building, testing and the examples need, if any is missing.
# "tests/install_packages.sh build" leaves out what only the tests need, "samba" what the example
# with Samba does not. Needs root (or sudo) only when something is missing.
set -euo pipefail

packages=(
  bazel-bootstrap bazel-rules-java bazel-rules-proto g++ git ca-certificates
  capnproto libcapnp-dev libabsl-dev libgflags-dev libgtest-dev libgmock-dev libbenchmark-dev
  liblmdb-dev libtdb-dev python3
)
if [ "${1:-}" = samba ]; then
  packages+=(samba smbclient iproute2)
elif [ "${1:-}" != build ]; then
  packages+=(
    clang clang-format clang-tidy libclang-rt-14-dev # the clang and fuzz configurations
    iproute2 procps rsyslog                           # integration tests
    mandoc                                            # checks of the manual pages
    ctdb                                              # conformance tests: its lock helper
    samba samba-testsuite smbclient                   # unmodified clients of ours
    pkg-config                                        # the installed library's test
    tdb-tools                                         # TDB files of others
  )
fi

missing=()
for package in "${packages[@]}"; do
  dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed ||
    missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || {
    echo "Missing packages: ${missing[*]}" >&2
    echo "Install them as root: apt-get install ${missing[*]}" >&2
    exit 1
  }
  as_root=(sudo)
fi
echo "Installing: ${missing[*]}"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
{
  "${as_root[@]}" apt-get update &&
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
      apt-get install -y --no-install-recommends "${missing[@]}"
} >"$log" 2>&1 || {
  cat "$log" >&2
  exit 1
}
# Debian does not start ctdb, but would at the next boot; who had it before is not asked.
case " ${missing[*]} " in
  *" ctdb "*) "${as_root[@]}" update-rc.d ctdb disable >/dev/null 2>&1 || true ;;
esac
