#!/bin/sh
# merge.sh PROGRAM OPTION...: after array.sh, with the same options.
#SBATCH --job-name=jacflow-merge
set -eu
exec srun "$@" --merge
