/* team.c -- lanes over OpenMP threads. */
#include "base/team.h"

#include <stdlib.h>

#include <gsl/gsl_errno.h>
#ifdef _OPENMP
#include <omp.h>
#endif

jf_team *jf_team_new(size_t threads)
{
    jf_team *team = jf_alloc(1, sizeof *team);
#ifdef _OPENMP
    team->threads = threads ? threads : (size_t)omp_get_max_threads();
#else
    (void)threads;
    team->threads = 1;
#endif
    team->memory = (size_t)1 << 30;
    for (size_t l = 0; l < JF_MAX_LANES; l++)
        team->work[l] = jf_work_new();
    return team;
}

void jf_team_free(jf_team *team)
{
    if (!team)
        return;
    for (size_t l = 0; l < JF_MAX_LANES; l++)
        jf_work_free(team->work[l]);
    free(team);
}

size_t jf_lanes(size_t n, size_t min_rows)
{
    size_t lanes = min_rows ? n / min_rows : n;
    return lanes < 1 ? 1 : lanes > JF_MAX_LANES ? JF_MAX_LANES : lanes;
}

int jf_team_run(jf_team *team, size_t n, size_t lanes, jf_lane_task task,
                void *arg)
{
    int status[JF_MAX_LANES] = {0};
    int threads = (int)(team->threads < lanes ? team->threads : lanes);
    (void)threads;

#pragma omp parallel for schedule(dynamic, 1)                                  \
    num_threads(threads) if (threads > 1)
    for (size_t l = 0; l < lanes; l++) {
        size_t first = n * l / lanes, last = n * (l + 1) / lanes;
        if (last > first)
            status[l] = task(arg, l, first, last - first, team->work[l]);
    }
    for (size_t l = 0; l < lanes; l++)
        if (status[l] != GSL_SUCCESS)
            return status[l];
    return GSL_SUCCESS;
}
