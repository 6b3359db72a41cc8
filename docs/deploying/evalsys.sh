#!/bin/sh
# /usr/local/bin/evalsys: every command as the service's user, with the service's settings.
set -eu
set -a
. /etc/evalsys/evalsys.env
set +a
exec runuser -u evalsys -- /opt/evalsys/bin/evalsys "$@"
