#!/bin/sh
# Installs the programs of other projects that the interop tests talk to, from Debian or Ubuntu.
#
#   contrib/peers.sh           install what is missing (as root), or say what is missing
#   contrib/peers.sh --list    print the packages, one a line
#   contrib/peers.sh --check   install nothing; end with 1 where something is missing
#
# Ends with 0 also where a package cannot be had: the tests say themselves what they missed, and
# fail for it where CI is set.
set -u

packages='curl
dovecot-imapd
dovecot-lmtpd
dovecot-managesieved
dovecot-pop3d
fetchmail
getmail6
isync
offlineimap3
swaks'

say() {
    printf 'peers: %s\n' "$*"
}

is_installed() {
    dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null | grep -qx installed
}

print_missing() {
    for package in $packages; do
        is_installed "$package" || printf '%s\n' "$package"
    done
}

# One by one where all at once will not do, so that one package that is gone does not cost the rest.
install_packages() {
    # shellcheck disable=SC2086 # a list of words
    apt-get install -y -q --no-install-recommends $1 && return
    for package in $1; do
        apt-get install -y -q --no-install-recommends "$package"
    done
}

# The tests start what they need; services of the system's would only be in the way.
policy=/usr/sbin/policy-rc.d

deny_service_starts() {
    [ -e "$policy" ] && return
    trap 'rm -f "$policy"' EXIT
    trap 'exit 1' HUP INT TERM
    printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod +x "$policy"
}

case "${1-}" in
--list)
    printf '%s\n' "$packages"
    exit 0
    ;;
--check | '') ;;
*)
    say "unknown option $1: allowed are --list and --check" >&2
    exit 2
    ;;
esac

if ! command -v dpkg-query >/dev/null; then
    say 'no dpkg here; install by your own means:' $packages
    [ "${1-}" = --check ] && exit 1
    exit 0
fi

missing=$(print_missing)
if [ -z "$missing" ]; then
    say 'all there'
    exit 0
fi
if [ "${1-}" = --check ]; then
    say 'missing:' $missing
    exit 1
fi
if [ "$(id -u)" != 0 ]; then
    say 'not root; missing, install with: apt-get install' $missing
    exit 0
fi

say 'installing:' $missing
DEBIAN_FRONTEND=noninteractive
export DEBIAN_FRONTEND
deny_service_starts
if ! install_packages "$missing"; then
    # What the machine knew of the archive may be too old for what it holds today.
    apt-get update -q
    install_packages "$(print_missing)"
fi
missing=$(print_missing)
if [ -n "$missing" ]; then
    say 'COULD NOT INSTALL:' $missing
fi
exit 0
