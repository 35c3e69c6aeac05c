/* team.c -- lanes over a pool of threads.
 *
 * One word tells what is to be done: the number of the job, its lanes, and the
 * next lane that nobody has taken.  A thread takes a lane by a compare-and-swap
 * of that word, so it can only ever take a lane of the job that the word names;
 * while a taken lane is not finished its job cannot end, and what the job says
 * about itself stays valid.  Threads without work spin for some microseconds,
 * since the next job of a training step comes at once, and then sleep. */
#include "base/team.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"

/* Helgrind knows mutexes and conditions, but no atomics: it is told what waits for
 * what (-Dhelgrind=true, tests/helgrind.sh). */
#ifdef JF_HELGRIND
#include <valgrind/helgrind.h>
#define GIVES(atomic) ANNOTATE_HAPPENS_BEFORE(atomic)
#define TAKES(atomic) ANNOTATE_HAPPENS_AFTER(atomic)
#define IS_ATOMIC(object)                                                      \
    VALGRIND_HG_DISABLE_CHECKING(&(object), sizeof(object))
#else
#define GIVES(atomic) (void)(atomic)
#define TAKES(atomic) (void)(atomic)
#define IS_ATOMIC(object) (void)&(object)
#endif

enum { SPINS = 4000 };

struct jf_pool {
    _Atomic uint64_t word;  /* job << 32 | lanes << 16 | next lane */
    atomic_size_t finished; /* lanes of the job */
    size_t n, lanes;
    unsigned char turn[JF_MAX_LANES]; /* which lane is begun first, .. */
    jf_lane_task task;
    void *arg;
    jf_work **work; /* of lanes, or of threads */
    int by_thread;
    atomic_size_t started; /* threads that know their number */
    int status[JF_MAX_LANES];
    jf_error error[JF_MAX_LANES];

    pthread_mutex_t mutex;
    pthread_cond_t wake;
    atomic_size_t sleepers;
    atomic_int stop;
    size_t workers;
    pthread_t threads[]; /* workers */
};

static void pause_briefly(void)
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#endif
}

static uint64_t next_lane(uint64_t word)
{
    return word & 0xffff;
}

static uint64_t lanes_of(uint64_t word)
{
    return word >> 16 & 0xffff;
}

/* Lanes in the order in which they are begun: shuffled (Fisher and Yates) by a
 * congruential generator. */
static void draw_turns(uint64_t order, size_t lanes, unsigned char *turn)
{
    for (size_t k = 0; k < lanes; k++)
        turn[k] = (unsigned char)k;
    for (size_t k = lanes; order && k > 1; k--) {
        order = order * 6364136223846793005u + 1442695040888963407u;
        size_t j = (order >> 33) % k;
        unsigned char last = turn[k - 1];
        turn[k - 1] = turn[j];
        turn[j] = last;
    }
}

struct lane {
    jf_lane_task task;
    void *arg;
    size_t index, first, count;
};

static int run_lane(void *arg, jf_work *work)
{
    const struct lane *l = arg;
    return l->task(l->arg, l->index, l->first, l->count, work);
}

/* Lane l, as a run of its own; what fails in it goes to error. */
static int work_lane(jf_lane_task task, void *arg, size_t n, size_t lanes,
                     size_t l, jf_work *work, jf_error *error)
{
    size_t first = n * l / lanes, last = n * (l + 1) / lanes;
    struct lane lane = {task, arg, l, first, last - first};
    if (last == first)
        return GSL_SUCCESS;
    error->code = GSL_SUCCESS;
    jf_error *before = jf_error_divert(error);
    int status = jf_work_run(work, run_lane, &lane);
    jf_error_divert(before);
    return status;
}

/* Let the failure of a lane be the caller's. */
static int report_lane(int status, const jf_error *error)
{
    if (error->code == status)
        return jf_error_raise(error);
    JF_ERROR("a lane failed and did not say why", status);
}

/* Take and work lanes until none is left.  thread: 0 is the caller. */
static void help(struct jf_pool *p, size_t thread)
{
    uint64_t word = atomic_load_explicit(&p->word, memory_order_acquire);
    while (next_lane(word) < lanes_of(word)) {
        if (!atomic_compare_exchange_weak_explicit(&p->word, &word, word + 1,
                                                   memory_order_acq_rel,
                                                   memory_order_acquire))
            continue;
        TAKES(&p->word);
        size_t l = p->turn[next_lane(word)];
        p->status[l] =
            work_lane(p->task, p->arg, p->n, p->lanes, l,
                      p->work[p->by_thread ? thread : l], &p->error[l]);
        GIVES(&p->finished);
        atomic_fetch_add_explicit(&p->finished, 1, memory_order_release);
        word = atomic_load_explicit(&p->word, memory_order_acquire);
    }
}

static int has_work(struct jf_pool *p)
{
    uint64_t word = atomic_load(&p->word);
    return next_lane(word) < lanes_of(word) || atomic_load(&p->stop);
}

static void *worker(void *arg)
{
    struct jf_pool *p = arg;
    size_t thread = atomic_fetch_add(&p->started, 1) + 1;
    while (!atomic_load(&p->stop)) {
        for (int k = 0; k < SPINS && !has_work(p); k++)
            pause_briefly();
        if (!has_work(p)) {
            pthread_mutex_lock(&p->mutex);
            atomic_fetch_add(&p->sleepers, 1);
            while (!has_work(p))
                pthread_cond_wait(&p->wake, &p->mutex);
            atomic_fetch_sub(&p->sleepers, 1);
            pthread_mutex_unlock(&p->mutex);
        }
        help(p, thread);
    }
    return NULL;
}

static void wake_all(struct jf_pool *p)
{
    if (atomic_load(&p->sleepers) == 0)
        return;
    pthread_mutex_lock(&p->mutex);
    pthread_cond_broadcast(&p->wake);
    pthread_mutex_unlock(&p->mutex);
}

static struct jf_pool *pool_new(size_t workers)
{
    struct jf_pool *p = jf_alloc(1, sizeof *p + workers * sizeof(pthread_t));
    if (!p)
        return NULL;
    IS_ATOMIC(p->word);
    IS_ATOMIC(p->finished);
    IS_ATOMIC(p->started);
    IS_ATOMIC(p->sleepers);
    IS_ATOMIC(p->stop);
    pthread_mutex_init(&p->mutex, NULL);
    pthread_cond_init(&p->wake, NULL);
    while (p->workers < workers &&
           pthread_create(&p->threads[p->workers], NULL, worker, p) == 0)
        p->workers++;
    return p;
}

static void pool_free(struct jf_pool *p)
{
    if (!p)
        return;
    atomic_store(&p->stop, 1);
    pthread_mutex_lock(&p->mutex);
    pthread_cond_broadcast(&p->wake);
    pthread_mutex_unlock(&p->mutex);
    for (size_t k = 0; k < p->workers; k++)
        pthread_join(p->threads[k], NULL);
    pthread_cond_destroy(&p->wake);
    pthread_mutex_destroy(&p->mutex);
    free(p);
}

/* A thread that multiplies matrices has a buffer from OpenBLAS, which, when it
 * cannot have the room, waits forever: there must be room for all. */
static int has_buffers(size_t threads)
{
    const size_t size = (size_t)129 << 20;
    void *buffer[JF_MAX_LANES];
    size_t n = 0;
    while (n < threads &&
           (buffer[n] = mmap(NULL, size, PROT_READ | PROT_WRITE,
                             MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)) != MAP_FAILED)
        n++;
    if (n < threads)
        jf_error_report(GSL_ENOMEM, __FILE__, __LINE__,
                        "no memory for %zu x %zu bytes, a buffer a thread",
                        threads, size);
    int all = n == threads;
    while (n > 0)
        munmap(buffer[--n], size);
    return all;
}

jf_team *jf_team_new(size_t threads)
{
    jf_team *team = jf_alloc(1, sizeof *team);
    if (!team)
        return NULL;
    if (threads == 0) {
        long online = sysconf(_SC_NPROCESSORS_ONLN);
        threads = online > 0 ? (size_t)online : 1;
    }
    team->threads = threads;
    team->memory = (size_t)1 << 30;
    int complete = 1;
    for (size_t l = 0; l < JF_MAX_LANES && complete; l++)
        complete = (team->work[l] = jf_work_new()) != NULL;
    if (threads > JF_MAX_LANES) /* more cannot have work */
        threads = JF_MAX_LANES;
    for (size_t t = 0; t < threads && complete; t++)
        complete = (team->pieces[t] = jf_work_new()) != NULL;
    complete = complete && has_buffers(threads);
    if (complete && threads > 1)
        complete = (team->pool = pool_new(threads - 1)) != NULL;
    if (complete)
        return team;
    jf_team_free(team);
    return NULL;
}

void jf_team_free(jf_team *team)
{
    if (!team)
        return;
    pool_free(team->pool);
    for (size_t l = 0; l < JF_MAX_LANES; l++) {
        jf_work_free(team->work[l]);
        jf_work_free(team->pieces[l]);
    }
    free(team);
}

size_t jf_lanes(size_t n, size_t min_rows)
{
    size_t lanes = min_rows ? n / min_rows : n;
    return lanes < 1 ? 1 : lanes > JF_MAX_LANES ? JF_MAX_LANES : lanes;
}

/* The calling thread works as well, and then waits for lanes in hand. */
static void run_together(struct jf_pool *p)
{
    uint64_t job = (atomic_load(&p->word) >> 32) + 1;
    atomic_store(&p->finished, 0);
    GIVES(&p->word);
    atomic_store(&p->word, job << 32 | (uint64_t)p->lanes << 16);
    wake_all(p);
    help(p, 0);
    for (int k = 0;
         atomic_load_explicit(&p->finished, memory_order_acquire) < p->lanes;
         k++) {
        if (k < SPINS)
            pause_briefly();
        else
            sched_yield();
    }
    TAKES(&p->finished);
}

/* Room for as many bytes, records included, in one block. */
static void make_room(jf_work *work, size_t bytes)
{
    enum { RECORD = 128 }; /* what a push needs beside its own */
    if (bytes)
        jf_pop(work, jf_push_bytes(work, bytes - RECORD));
}

static int make_both(void *arg, jf_work *work)
{
    const size_t *room = arg;
    make_room(work, room[0]);
    if (room[1])
        make_room(jf_second_stack(work), room[1]);
    return GSL_SUCCESS;
}

/* Every thread's stack, and its second one, gets the room that one has needed,
 * so that a step that has been seen allocates nothing, whoever takes its
 * lanes. */
static int level(jf_team *team)
{
    size_t room[2] = {team->room[0], team->room[1]};
    for (size_t t = 0; t < JF_MAX_LANES && team->pieces[t]; t++) {
        const jf_work *w = team->pieces[t];
        for (size_t k = 0; k < 2 && w; k++, w = w->second)
            room[k] = w->peak_bytes > room[k] ? w->peak_bytes : room[k];
    }
    if (room[0] == team->room[0] && room[1] == team->room[1])
        return GSL_SUCCESS;
    for (size_t t = 0; t < JF_MAX_LANES && team->pieces[t]; t++)
        JF_TRY(jf_work_run(team->pieces[t], make_both, room));
    team->room[0] = room[0];
    team->room[1] = room[1];
    return GSL_SUCCESS;
}

/* Of this thread alone, whatever others do meanwhile. */
static double clock_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Lanes that were begun at these times, the last of which has ended now. */
static void tell(jf_trace *trace, size_t lanes, double *at)
{
    at[lanes] = clock_seconds();
    for (size_t k = 0; k < lanes; k++)
        at[k] = at[k + 1] - at[k];
    trace->heard(trace, lanes, at);
}

/* by_thread: lanes are worked on the stack of the thread that took them. */
static int run(jf_team *team, size_t n, size_t lanes, jf_lane_task task,
               void *arg, int by_thread)
{
    int one[JF_MAX_LANES] = {0}, *status = one;
    jf_error errors[JF_MAX_LANES], *error = errors;
    struct jf_pool *p = team->pool;
    unsigned char alone[JF_MAX_LANES], *turn = p && lanes > 1 ? p->turn : alone;

    draw_turns(team->order, lanes, turn);
    if (p && lanes > 1) {
        p->n = n;
        p->lanes = lanes;
        p->task = task;
        p->arg = arg;
        p->by_thread = by_thread;
        p->work = by_thread ? team->pieces : team->work;
        run_together(p);
        status = p->status;
        error = p->error;
    } else {
        double at[JF_MAX_LANES + 1] = {0};
        for (size_t k = 0; k < lanes; k++) {
            size_t l = turn[k];
            at[k] = team->trace ? clock_seconds() : 0;
            status[l] = work_lane(task, arg, n, lanes, l,
                                  by_thread ? team->pieces[0] : team->work[l],
                                  &error[l]);
        }
        if (team->trace)
            tell(team->trace, lanes, at);
    }
    for (size_t l = 0; l < lanes; l++)
        if (status[l] != GSL_SUCCESS)
            return report_lane(status[l], &error[l]);
    return by_thread ? level(team) : GSL_SUCCESS;
}

int jf_team_run(jf_team *team, size_t n, size_t lanes, jf_lane_task task,
                void *arg)
{
    return run(team, n, lanes, task, arg, 0);
}

int jf_divide(jf_work *work, size_t n, size_t lanes, jf_lane_task task,
              void *arg)
{
    jf_team *team = work->team;
    int status = GSL_SUCCESS;
    jf_error error;

    if (team || lanes == 1) {
        work->team = NULL; /* a lane cannot split again */
        if (lanes == 1)    /* the caller itself */
            status = n ? task(arg, 0, 0, n, work) : GSL_SUCCESS;
        else
            status = run(team, n, lanes, task, arg, 1);
        work->team = team;
        return status;
    }
    for (size_t l = 0; l < lanes && status == GSL_SUCCESS; l++)
        status = work_lane(task, arg, n, lanes, l, work, &error);
    return status == GSL_SUCCESS ? GSL_SUCCESS : report_lane(status, &error);
}
