/* ranks.c -- the only file that knows MPI. */
#include "base/ranks.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/team.h"

size_t jf_ranks_launched(void)
{
    /* Open MPI; MPICH and others by Hydra, and srun with PMI2; srun with PMIx */
    static const char *const names[] = {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE"};
    const char *count = NULL;
    for (size_t k = 0; k < sizeof names / sizeof *names && !count; k++)
        count = getenv(names[k]);
    if (!count && getenv("PMIX_RANK"))
        count = getenv("SLURM_NTASKS");
    size_t launched = count ? strtoul(count, NULL, 10) : 1;
    return launched ? launched : 1;
}

void jf_ranks_lanes(const jf_ranks *r, size_t lanes, size_t *first,
                    size_t *last)
{
    *first = lanes * r->rank / r->count;
    *last = lanes * (r->rank + 1) / r->count;
}

#ifdef JF_MPI
#include <mpi.h>

/* Entries that are exchanged at once: buffers stay small, counts in an int. */
enum { BLOCK = 1 << 18 };

/* Room for six numbers a rank, of the call that is made; NULL: not begun. */
static int *room;

/* A process that fails must not leave the others waiting. */
static void end_all(int status, void *unused)
{
    int begun, ended;
    (void)unused;
    MPI_Initialized(&begun);
    MPI_Finalized(&ended);
    if (begun && !ended)
        MPI_Abort(MPI_COMM_WORLD, status ? status : 1);
}

static void end_quickly(void)
{
    end_all(1, NULL);
}

int jf_ranks_begin(jf_ranks *r)
{
    int rank, count, level;
    size_t launched = jf_ranks_launched();
    if (MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &level) != MPI_SUCCESS)
        return jf_refuse("MPI", 0, "does not start");
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &count);
    *r = (jf_ranks){(size_t)rank, (size_t)count};
    room = jf_alloc(6 * r->count, sizeof *room);
    if (!room) {
        MPI_Finalize();
        return jf_refuse("MPI", 0, "no memory for numbers of %zu ranks",
                         r->count);
    }
    if (launched > 1 && r->count != launched) {
        MPI_Finalize();
        return jf_refuse("MPI", 0,
                         "%zu ranks found, %zu that the launcher started "
                         "expected: it is of another MPI library",
                         r->count, launched);
    }
    on_exit(end_all, NULL);
    at_quick_exit(end_quickly);
    return GSL_SUCCESS;
}

void jf_ranks_end(jf_ranks *r)
{
    MPI_Finalize();
    free(room);
    room = NULL;
    *r = (jf_ranks){0, 1};
}

/* Ready while the others are near, as within a step, and then asleep. */
static void wait_for(MPI_Request *request)
{
    enum { READY = 1000 };
    struct timespec pause = {0, 1000};
    for (int k = 0, done = 0;
         MPI_Test(request, &done, MPI_STATUS_IGNORE), !done; k++) {
        if (k < READY)
            continue;
        nanosleep(&pause, NULL);
        if (pause.tv_nsec < 10000000)
            pause.tv_nsec *= 2;
    }
}

int jf_ranks_any(const jf_ranks *r, int value)
{
    int mine = value != 0, any = 0;
    MPI_Request request;
    (void)r;
    MPI_Iallreduce(&mine, &any, 1, MPI_INT, MPI_MAX, MPI_COMM_WORLD, &request);
    wait_for(&request);
    return any;
}

void jf_ranks_share(const jf_ranks *r, void *data, size_t size)
{
    char *at = data;
    (void)r;
    for (size_t n; size > 0; at += n, size -= n) {
        n = size < BLOCK ? size : BLOCK;
        MPI_Bcast(at, (int)n, MPI_BYTE, 0, MPI_COMM_WORLD);
    }
}

void jf_ranks_in_turn(const jf_ranks *r, size_t size, void *sum,
                      void (*add)(void *arg, void *sum), void *arg)
{
    enum { TAG = 0 };
    int rank = (int)r->rank, last = (int)r->count - 1;
    if (room && rank > 0)
        MPI_Recv(sum, (int)size, MPI_BYTE, rank - 1, TAG, MPI_COMM_WORLD,
                 MPI_STATUS_IGNORE);
    add(arg, sum);
    if (room && rank < last)
        MPI_Send(sum, (int)size, MPI_BYTE, rank + 1, TAG, MPI_COMM_WORLD);
    if (room)
        MPI_Bcast(sum, (int)size, MPI_BYTE, last, MPI_COMM_WORLD);
}

int jf_ranks_agree(const jf_ranks *r, int status, jf_error *error)
{
    int mine = status ? (int)r->rank : (int)r->count, first;
    if (!room)
        return status ? jf_error_raise(error) : GSL_SUCCESS;
    MPI_Allreduce(&mine, &first, 1, MPI_INT, MPI_MIN, MPI_COMM_WORLD);
    if (first == (int)r->count)
        return GSL_SUCCESS;
    MPI_Bcast(error, (int)sizeof *error, MPI_BYTE, first, MPI_COMM_WORLD);
    error->file = __FILE__; /* a text of another process */
    return jf_error_raise(error);
}

/* counts and starts of n things in lanes, by rank. */
static void by_rank(const jf_ranks *r, size_t n, size_t lanes, int *counts,
                    int *starts)
{
    for (size_t k = 0; k < r->count; k++) {
        size_t first, last;
        jf_ranks_lanes(&(jf_ranks){k, r->count}, lanes, &first, &last);
        starts[k] = (int)(n * first / lanes);
        counts[k] = (int)(n * last / lanes) - starts[k];
    }
}

void jf_ranks_gather(const jf_ranks *r, size_t n, size_t lanes, size_t size,
                     void *data)
{
    MPI_Datatype thing;
    int *counts = room, *starts = room + r->count;
    if (!room)
        return;
    by_rank(r, n, lanes, counts, starts);
    MPI_Type_contiguous((int)size, MPI_BYTE, &thing);
    MPI_Type_commit(&thing);
    MPI_Allgatherv(MPI_IN_PLACE, 0, MPI_DATATYPE_NULL, data, counts, starts,
                   thing, MPI_COMM_WORLD);
    MPI_Type_free(&thing);
}

static const MPI_Datatype real_type =
#ifdef JF_SINGLE
    MPI_FLOAT;
#else
    MPI_DOUBLE;
#endif

void jf_ranks_trade(const jf_ranks *r, const size_t *out, const real *sent,
                    const size_t *in, real *got)
{
    int *counts = room, *starts = counts + r->count,
        *counts_in = starts + r->count, *starts_in = counts_in + r->count;
    int gone = 0, come = 0;
    if (!room)
        return;
    for (size_t k = 0; k < r->count; k++) {
        starts[k] = gone;
        starts_in[k] = come;
        gone += counts[k] = (int)out[k];
        come += counts_in[k] = (int)in[k];
    }
    MPI_Alltoallv(sent, counts, starts, real_type, got, counts_in, starts_in,
                  real_type, MPI_COMM_WORLD);
}

/* What an exchange of a block needs: its entries are cut by rank; the lanes of
 * this rank go out by destination, those of all come in for its own entries. */
typedef struct {
    size_t first, last; /* lanes of this rank */
    int *cut, *start;   /* (R) entries of a rank: how many, from where */
    int *out, *out_at, *in, *in_at; /* (R) */
    real *sent, *got;
} exchange;

static void add_block(const jf_ranks *r, size_t n, size_t lanes,
                      real *const *lane, size_t at, real *sum, exchange *x)
{
    size_t own = x->last - x->first, filled = 0;
    by_rank(r, n, r->count, x->cut, x->start);
    size_t mine = (size_t)x->cut[r->rank];
    for (size_t k = 0; k < r->count; k++) {
        size_t first, last, width = (size_t)x->cut[k];
        jf_ranks_lanes(&(jf_ranks){k, r->count}, lanes, &first, &last);
        x->out[k] = (int)(own * width);
        x->out_at[k] = (int)filled;
        x->in[k] = (int)((last - first) * mine);
        x->in_at[k] = (int)(first * mine);
        for (size_t l = x->first; l < x->last; l++, filled += width)
            memcpy(x->sent + filled, lane[l] + at + x->start[k],
                   width * sizeof(real));
    }
    MPI_Alltoallv(x->sent, x->out, x->out_at, real_type, x->got, x->in,
                  x->in_at, real_type, MPI_COMM_WORLD);
    for (size_t l = 1; l < lanes; l++)
        for (size_t i = 0; i < mine; i++)
            x->got[i] += x->got[l * mine + i];
    memcpy(sum + at + x->start[r->rank], x->got, mine * sizeof(real));
    MPI_Allgatherv(MPI_IN_PLACE, 0, MPI_DATATYPE_NULL, sum + at, x->cut,
                   x->start, real_type, MPI_COMM_WORLD);
}

int jf_ranks_add(const jf_ranks *r, size_t n, size_t lanes, real *const *lane,
                 real *sum)
{
    exchange x = {0};
    size_t widest = n < BLOCK ? n : BLOCK;
    jf_ranks_lanes(r, lanes, &x.first, &x.last);
    x.cut = room;
    x.start = x.cut + r->count;
    x.out = x.start + r->count;
    x.out_at = x.out + r->count;
    x.in = x.out_at + r->count;
    x.in_at = x.in + r->count;
    x.sent = jf_alloc((x.last - x.first) * widest + 1, sizeof *x.sent);
    x.got = jf_alloc(lanes * (widest / r->count + 1), sizeof *x.got);
    int found = x.sent && x.got;
    int status = jf_ranks_any(r, !found) ? GSL_ENOMEM : GSL_SUCCESS;
    for (size_t at = 0; at < n && status == GSL_SUCCESS; at += BLOCK)
        add_block(r, n - at < BLOCK ? n - at : BLOCK, lanes, lane, at, sum, &x);
    free(x.got);
    free(x.sent);
    return status;
}

#else

int jf_ranks_begin(jf_ranks *r)
{
    *r = (jf_ranks){0, 1};
    return jf_refuse("MPI", 0, "not in this build (docs/scaling.md)");
}

void jf_ranks_end(jf_ranks *r)
{
    (void)r;
}

int jf_ranks_any(const jf_ranks *r, int value)
{
    (void)r;
    return value != 0;
}

void jf_ranks_share(const jf_ranks *r, void *data, size_t size)
{
    (void)r, (void)data, (void)size;
}

int jf_ranks_agree(const jf_ranks *r, int status, jf_error *error)
{
    (void)r;
    return status == GSL_SUCCESS ? GSL_SUCCESS : jf_error_raise(error);
}

void jf_ranks_gather(const jf_ranks *r, size_t n, size_t lanes, size_t size,
                     void *data)
{
    (void)r, (void)n, (void)lanes, (void)size, (void)data;
}

void jf_ranks_trade(const jf_ranks *r, const size_t *out, const real *sent,
                    const size_t *in, real *got)
{
    (void)r, (void)out, (void)sent, (void)in, (void)got;
}

void jf_ranks_in_turn(const jf_ranks *r, size_t size, void *sum,
                      void (*add)(void *arg, void *sum), void *arg)
{
    (void)r, (void)size;
    add(arg, sum);
}

int jf_ranks_add(const jf_ranks *r, size_t n, size_t lanes, real *const *lane,
                 real *sum)
{
    (void)r;
    for (size_t i = 0; i < n; i++) {
        real total = lane[0][i];
        for (size_t l = 1; l < lanes; l++)
            total += lane[l][i];
        sum[i] = total;
    }
    return GSL_SUCCESS;
}
#endif
