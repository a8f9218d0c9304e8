#!/bin/sh
# Usage: boot.sh ROOT CGROUP
# Runs the systemd of the folder ROOT as process 1 of namespaces of its own, in CGROUP, a folder of a cgroup2 that is empty. The clock, the
# modules and the devices of the machine are out of its reach. Ends when that systemd does.
set -eu

root=$1
cgroup=$2

if [ "${3:-}" != inside ]; then
    echo $$ >"$cgroup/cgroup.procs"
    exec unshare --fork --kill-child --mount --pid --uts --ipc --cgroup sh "$0" "$root" "$cgroup" inside
fi

mount --bind "$root" "$root"
mount -t proc -o nosuid,nodev,noexec proc "$root/proc"
mount --bind "$root/proc/sys" "$root/proc/sys"
mount -o remount,bind,ro "$root/proc/sys"
mount -t sysfs -o ro,nosuid,nodev,noexec sysfs "$root/sys"
mount -t cgroup2 -o nosuid,nodev,noexec cgroup2 "$root/sys/fs/cgroup"
mount -t tmpfs -o nosuid,nodev,mode=0755 tmpfs "$root/run"
mount -t tmpfs -o nosuid,mode=0755 tmpfs "$root/dev"
for device in 'null 1 3' 'zero 1 5' 'full 1 7' 'random 1 8' 'urandom 1 9' 'tty 5 0'; do
    # shellcheck disable=SC2086  # three words
    set -- $device
    mknod -m 0666 "$root/dev/$1" c "$2" "$3"
done
mkdir "$root/dev/pts" "$root/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666,mode=0620,gid=5 devpts "$root/dev/pts"
mount -t tmpfs -o nosuid,nodev,mode=1777 tmpfs "$root/dev/shm"
ln -s pts/ptmx "$root/dev/ptmx"
ln -s /proc/self/fd "$root/dev/fd"
for stream in 'stdin 0' 'stdout 1' 'stderr 2'; do ln -s "/proc/self/fd/${stream#* }" "$root/dev/${stream% *}"; done

cd "$root"
pivot_root . mnt
exec chroot . setpriv \
    --bounding-set=-sys_time,-wake_alarm,-sys_module,-sys_rawio,-sys_boot,-syslog,-mac_admin,-mac_override,-audit_control \
    env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin container=other sh -c 'umount -l /mnt && exec /lib/systemd/systemd' </dev/null
