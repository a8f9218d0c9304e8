#!/bin/sh
# Installs the Reporting API as a service of systemd: user, folders, program, settings with a fresh secret, unit.
# Running it again brings the program and the units up to date and keeps the settings and the data.
set -eu

usage() {
    cat <<'END'
Usage: install.sh [--binary FILE] [--unit single|cluster] [--dry-run]
       install.sh --uninstall [--purge [--purge-backups]] [--dry-run]

  --binary FILE  The program (default: reporting-api beside this script, else ../dist/reporting-api)
  --unit KIND    single: one process; cluster: a supervisor of several (default: single). Either is reporting-api.service
  --uninstall    Removes the program and the units; settings and data stay
  --purge        With --uninstall: removes settings, data and the user, too; backups stay, with the SECRET_KEY that opens their secrets
  --purge-backups
                 With --purge: removes the backups, too
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
backups=keep
dry=no

while [ $# -gt 0 ]; do
    case $1 in
        --binary) [ $# -ge 2 ] || { usage >&2; exit 2; }; binary=$2; shift ;;
        --unit) [ $# -ge 2 ] || { usage >&2; exit 2; }; kind=$2; shift ;;
        --uninstall) action=uninstall ;;
        --purge) purge=yes ;;
        --purge-backups) backups=remove ;;
        --dry-run) dry=yes ;;
        -h | --help) usage; exit 0 ;;
        *) echo "install.sh: unknown option $1" >&2; usage >&2; exit 2 ;;
    esac
    shift
done
case $kind in single | cluster) ;; *) echo "install.sh: --unit is single or cluster" >&2; exit 2 ;; esac
if [ "$purge" = yes ] && [ "$action" = install ]; then echo 'install.sh: --purge goes with --uninstall' >&2; exit 2; fi
if [ "$backups" = remove ] && [ "$purge" = no ]; then echo 'install.sh: --purge-backups goes with --purge' >&2; exit 2; fi
if [ -z "$root" ] && [ "$dry" = no ] && [ "$(id -u)" -ne 0 ]; then echo 'install.sh: run it as root' >&2; exit 1; fi

program=/opt/reporting-api
settings=/etc/reporting/reporting-api.env
units=/etc/systemd/system
state=/var/lib/reporting
cache=/var/cache/reporting
command=/usr/local/bin/reporting-api
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
    # Those that a purge kept.
    if [ -d "$root$state/backups" ]; then run_on_system chown -R "$user:$user" "$state/backups"; fi
    run install -m 0755 "$binary" "$root$program/reporting-api.new"
    run mv -f "$root$program/reporting-api.new" "$root$program/reporting-api"
    run install -m 0755 "$here/as-service" "$root$program/as-service"
    run install -m 0644 "$here/DEPLOY.md" "$root$program/DEPLOY.md"
    run install -D -m 0755 "$here/on-path" "$root$command"
    if [ -e "$root$settings" ]; then
        echo "The settings in $settings stay as they are."
    elif [ "$dry" = yes ]; then
        echo "would write: $root$settings with a fresh SECRET_KEY"
    else
        write_settings
    fi
    unit=reporting-api.service
    template=$unit
    again=restart
    if [ "$kind" = cluster ]; then
        template=reporting-api-cluster.service
        # One process cannot be reloaded.
        if grep -qs '^ExecReload=' "$root$units/$unit"; then again=reload; fi
    fi
    run install -m 0644 "$here/$template" "$root$units/$unit"
    run install -m 0644 "$here/reporting-api@.service" "$root$units/reporting-api@.service"
    if has_systemd; then
        run systemctl daemon-reload
        run systemctl enable "$unit"
        if systemctl is-active --quiet "$unit"; then
            echo "It runs. To bring it to this program: systemctl $again $unit"
        else
            next_steps
        fi
    fi
}

next_steps() {
    cat <<END
Installed. Next:
  settings     sudoedit $settings
  check them   sudo reporting-api doctor
  start        sudo systemctl start reporting-api
  first user   sudo reporting-api user create --email you@example.com --role admin
The guide is $program/DEPLOY.md.
END
}

# What the backups hold of secrets opens with the key of the settings only.
purge_data() {
    if [ "$backups" = remove ] || [ -z "$(ls -A "$root$state/backups" 2>/dev/null)" ]; then
        run rm -rf "$root$state"
        return
    fi
    run find "$root$state" -mindepth 1 -maxdepth 1 ! -name backups -exec rm -rf {} +
    if [ "$dry" = no ]; then
        (umask 077; grep -hs '^SECRET_KEY=' "$root$settings" >"$root$state/backups/secret.env") || true
    fi
    run_on_system chown -R root:root "$state"
    echo "The backups in $state/backups stay, with their SECRET_KEY in secret.env; --purge-backups removes them."
}

uninstall_all() {
    for unit in reporting-api.service reporting-api@.service; do
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
    run rm -f "$root$command"
    if [ "$purge" = no ]; then
        echo "The settings in $settings and the data in $state stay; --purge removes them."
        return
    fi
    purge_data
    run rm -f "$root$settings"
    if [ -d "$root$(dirname "$settings")" ]; then run rmdir --ignore-fail-on-non-empty "$root$(dirname "$settings")"; fi
    if [ -z "$root" ] && id "$user" >/dev/null 2>&1; then run userdel "$user"; fi
}

if [ "$action" = install ]; then install_all; else uninstall_all; fi
