#!/bin/sh
# array.sh PROGRAM OPTION...: a sweep as a job array, a share of the grid a task,
# in one folder that all nodes see:
#
#   job=$(sbatch --parsable --array=1-32 tools/slurm/array.sh \
#       build/experiments/optimum --profile full --out sweep)
#   sbatch --dependency=afterok:$job tools/slurm/merge.sh \
#       build/experiments/optimum --profile full --out sweep
#
# Two minutes before its time is over a task is told to stop, and does so with
# status 0: then submit the same array again.  Job and merge need the same
# processors, or OPENBLAS_CORETYPE for all; the merge says so otherwise.
#SBATCH --job-name=jacflow
#SBATCH --cpus-per-task=4
#SBATCH --signal=USR1@120
#SBATCH --requeue
#SBATCH --open-mode=append
set -eu
exec srun --cpus-per-task="${SLURM_CPUS_PER_TASK:-1}" "$@" \
    --threads "${SLURM_CPUS_PER_TASK:-1}" --shard slurm --resume --quiet
