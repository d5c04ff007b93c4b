#!/usr/bin/env bash
# A Slurm cluster on the hosts of hosts.py, to run batch scripts as they are on a real one:
#
#     hosts.py --hosts 4 slurm.sh COMMAND …
#
# COMMAND finds sbatch, srun and squeue working, with one partition of every host. The daemons are Debian's
# (slurm-wlm, munge), one slurmd a host; their files are on the hosts' own /dev/shm and end with the hosts.
set -euo pipefail

for program in munged slurmctld slurmd; do
  command -v "$program" >/dev/null || { echo "slurm.sh: $program is missing; on Debian: apt-get install slurm-wlm munge" >&2; exit 2; }
done
[[ -d ${CLUSTER_HOSTS:-} ]] || { echo "slurm.sh: start it by hosts.py" >&2; exit 2; }

folder=/dev/shm/cluster/slurm
mkdir -p "$folder"/{state,spool,log}
export SLURM_CONF=$folder/slurm.conf

# Ends with status 1 when a condition does not hold within 20 seconds.
await() {
  local what=$1 end=$((SECONDS + 20))
  shift
  until "$@" >/dev/null 2>&1; do
    ((SECONDS < end)) || { echo "slurm.sh: $what; see $(tail -n 3 "$folder"/log/*)" >&2; exit 1; }
    sleep 0.2
  done
}

(umask 077 && head -c 64 /dev/urandom >"$folder/munge.key")
munged --key-file="$folder/munge.key" --socket="$folder/munge.socket" --pid-file="$folder/munged.pid" \
  --log-file="$folder/log/munged" --seed-file="$folder/munge.seed" --force 2>"$folder/log/munged.start"

names=("$CLUSTER_HOSTS"/*)
nodes=${#names[@]}
mkdir -p "${names[@]/#*\//$folder/spool/}"
cat >"$SLURM_CONF" <<CONF
ClusterName=namespaces
SlurmctldHost=node1(10.77.0.1)
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket=$folder/munge.socket,cred_expire=5
CredType=cred/munge
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool/%n
TmpFS=$folder/spool/%n
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd.%n.pid
SlurmctldLogFile=$folder/log/slurmctld
SlurmdLogFile=$folder/log/slurmd.%n
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SlurmdParameters=config_overrides
JobRequeue=1
KillWait=10
MpiDefault=none
NodeName=node[1-$nodes] NodeAddr=10.77.0.[1-$nodes] CPUs=2 State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
CONF

slurmctld -i
for name in "${names[@]}"; do
  nsenter --target "$(cat "$name")" --net --uts -- slurmd -N "${name##*/}"
done
await "the nodes did not become idle" bash -c "[[ \$(sinfo -h -N -t idle -o %N | wc -l) == $nodes ]]"

# mpirun in a job finds its hosts from Slurm, not from hosts.py's settings.
unset OMPI_MCA_orte_default_hostfile OMPI_MCA_plm_rsh_agent
"$@"
