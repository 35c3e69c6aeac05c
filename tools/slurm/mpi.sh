#!/bin/sh
# mpi.sh PROGRAM OPTION...: an experiment over the ranks of MPI; the first rank
# merges their shares:
#
#   sbatch --ntasks=16 tools/slurm/mpi.sh \
#       build/experiments/uniqueness --profile full --out sweep
#
# --ranks fit: all ranks on each training run (docs/scaling.md).  Stopped or
# lost, it goes on when it is submitted again, over any number of ranks.  Where
# srun does not know which MPI to serve: SLURM_MPI_TYPE=pmix, or pmi2.
#SBATCH --job-name=jacflow-mpi
#SBATCH --cpus-per-task=2
#SBATCH --signal=USR1@120
#SBATCH --requeue
#SBATCH --open-mode=append
set -eu
exec srun --cpus-per-task="${SLURM_CPUS_PER_TASK:-1}" "$@" \
    --threads "${SLURM_CPUS_PER_TASK:-1}" --resume --quiet
