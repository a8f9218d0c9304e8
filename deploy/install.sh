#!/bin/sh
# Installs the Reporting API as a service of systemd: user, folders, program, settings with a fresh secret, unit.
# Running it again brings the program and the units up to date and keeps the settings and the data.
set -eu

usage() {
    cat <<'END'
Usage: install.sh [--binary FILE] [--unit single|cluster] [--dry-run]
       install.sh --uninstall [--purge] [--dry-run]

  --binary FILE  The program (default: reporting-api beside this script, else ../dist/reporting-api)
  --unit KIND    single: one process; cluster: a supervisor of several (default: single)
  --uninstall    Removes the program and the units; settings and data stay
  --purge        With --uninstall: removes settings, data and the user, too
  --dry-run      Says what would be done and does nothing

DESTDIR=/some/root installs below that folder: no user is made and systemd is not spoken to.
END
}

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=${DESTDIR:-}
binary=''
kind=single
action=install
purge=no
dry=no

while [ $# -gt 0 ]; do
    case $1 in
        --binary) [ $# -ge 2 ] || { usage >&2; exit 2; }; binary=$2; shift ;;
        --unit) [ $# -ge 2 ] || { usage >&2; exit 2; }; kind=$2; shift ;;
        --uninstall) action=uninstall ;;
        --purge) purge=yes ;;
        --dry-run) dry=yes ;;
        -h | --help) usage; exit 0 ;;
        *) echo "install.sh: unknown option $1" >&2; usage >&2; exit 2 ;;
    esac
    shift
done
case $kind in single | cluster) ;; *) echo "install.sh: --unit is single or cluster" >&2; exit 2 ;; esac
if [ "$purge" = yes ] && [ "$action" = install ]; then echo 'install.sh: --purge goes with --uninstall' >&2; exit 2; fi
if [ -z "$root" ] && [ "$dry" = no ] && [ "$(id -u)" -ne 0 ]; then echo 'install.sh: run it as root' >&2; exit 1; fi

program=/opt/reporting-api
settings=/etc/reporting/reporting-api.env
units=/etc/systemd/system
state=/var/lib/reporting
cache=/var/cache/reporting
user=reporting

run() {
    if [ "$dry" = yes ]; then echo "would run: $*"; else "$@"; fi
}

# For what concerns the running system, not a folder that it is installed below.
run_on_system() {
    if [ -z "$root" ]; then run "$@"; fi
}

has_systemd() { [ -z "$root" ] && [ -d /run/systemd/system ]; }

secret() {
    if command -v openssl >/dev/null 2>&1; then openssl rand -hex 32; else od -An -N32 -tx1 /dev/urandom | tr -d ' \n'; echo; fi
}

# Written beside its place and moved there: it is whole or not there, and never readable by others.
write_settings() {
    # The secret stands in no command line, where others could see it.
    ( umask 077; echo "s/^SECRET_KEY=.*/SECRET_KEY=$(secret)/" | sed -f - "$here/reporting-api.env.example" >"$root$settings.new" )
    chmod 0640 "$root$settings.new"
    if [ -z "$root" ]; then chgrp "$user" "$root$settings.new"; fi
    mv "$root$settings.new" "$root$settings"
}

install_all() {
    if [ -z "$binary" ]; then
        binary=$here/reporting-api
        if [ ! -f "$binary" ]; then binary=$here/../dist/reporting-api; fi
    fi
    if [ ! -f "$binary" ]; then echo "install.sh: there is no program at $binary; give it with --binary" >&2; exit 1; fi

    if [ -z "$root" ] && ! id "$user" >/dev/null 2>&1; then
        run useradd --system --user-group --home-dir "$state" --no-create-home --shell /usr/sbin/nologin "$user"
    fi
    run mkdir -p "$root$program" "$root$units"
    run install -d -m 0755 "$root$(dirname "$settings")"
    run install -d -m 0750 "$root$state"
    run install -d -m 0700 "$root$cache"
    run_on_system chown "$user:$user" "$state" "$cache"
    run install -m 0755 "$binary" "$root$program/reporting-api.new"
    run mv -f "$root$program/reporting-api.new" "$root$program/reporting-api"
    run install -m 0755 "$here/as-service" "$root$program/as-service"
    run install -m 0644 "$here/DEPLOY.md" "$root$program/DEPLOY.md"
    if [ -e "$root$settings" ]; then
        echo "The settings in $settings stay as they are."
    elif [ "$dry" = yes ]; then
        echo "would write: $root$settings with a fresh SECRET_KEY"
    else
        write_settings
    fi
    other=reporting-api-cluster.service
    unit=reporting-api.service
    again=restart
    if [ "$kind" = cluster ]; then other=reporting-api.service; unit=reporting-api-cluster.service; again=reload; fi
    run install -m 0644 "$here/$unit" "$root$units/$unit"
    run install -m 0644 "$here/reporting-api@.service" "$root$units/reporting-api@.service"
    if [ -e "$root$units/$other" ]; then
        if has_systemd; then run systemctl disable --now "$other"; fi
        run rm -f "$root$units/$other"
    fi
    if has_systemd; then
        run systemctl daemon-reload
        run systemctl enable "$unit"
        if systemctl is-active --quiet "$unit"; then
            echo "It runs. To bring it to this program: systemctl $again $unit"
        else
            echo "Look at $settings, then: systemctl start $unit"
        fi
    fi
}

uninstall_all() {
    for unit in reporting-api.service reporting-api-cluster.service reporting-api@.service; do
        if [ ! -e "$root$units/$unit" ]; then continue; fi
        if has_systemd; then
            case $unit in
                *@*) run systemctl stop 'reporting-api@*.service'; run systemctl disable "$unit" ;;
                *) run systemctl disable --now "$unit" ;;
            esac
        fi
        run rm -f "$root$units/$unit"
    done
    if has_systemd; then run systemctl daemon-reload; fi
    run rm -rf "$root$program" "$root$cache"
    if [ "$purge" = no ]; then
        echo "The settings in $settings and the data in $state stay; --purge removes them."
        return
    fi
    run rm -rf "$root$state"
    run rm -f "$root$settings"
    if [ -d "$root$(dirname "$settings")" ]; then run rmdir --ignore-fail-on-non-empty "$root$(dirname "$settings")"; fi
    if [ -z "$root" ] && id "$user" >/dev/null 2>&1; then run userdel "$user"; fi
}

if [ "$action" = install ]; then install_all; else uninstall_all; fi
