#!/bin/sh
# enter.sh HOST COMMAND…: what ssh is to a real cluster. mpirun starts its daemons with it (plm_rsh_agent).
# $CLUSTER_HOSTS is a folder with a file for each host, which holds the process whose namespaces are the host.
host=$1
shift
exec nsenter --target "$(cat "$CLUSTER_HOSTS/$host")" --net --uts -- sh -c "$*"
