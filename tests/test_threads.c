/* test_threads.c -- two threads that train, look for blame and save at once,
 * one of them where the loss has no value: GSL's handler, which belongs to the
 * whole process, is neither called nor changed. */
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <gsl/gsl_errno.h>

#include "check.h"
#include "jf.h"

enum { N = 24, D = 2, ROUNDS = 400 };

static atomic_uint calls;
static pthread_barrier_t start;

static void count_call(const char *reason, const char *file, int line, int code)
{
    (void)reason, (void)file, (void)line, (void)code;
    atomic_fetch_add(&calls, 1);
}

/* What a thread does; the logit of a point outside of (0, 1) has no value. */
typedef struct {
    int outside, alone;
    char path[64];
    unsigned long wrong;
    real theta[2 * D]; /* after the last round */
} job;

static jf_layer *make_flow(void)
{
    jf_layer *flow = jf_flow_new(D);
    jf_flow_add(flow, jf_elementwise(D, jf_map_logit()));
    jf_flow_add(flow, jf_actnorm(D));
    return flow;
}

static void once(job *j, const jf_layer *flow, jf_matrix x, jf_team *team)
{
    jf_latent normal = jf_normal();
    real theta[2 * D] = {0}, grad[2 * D] = {0};
    jf_fit_result r;
    int code = jf_fit(flow, &normal, theta, jf_const(x),
                      &(jf_fit_options){.rate = 0.1, .steps = 5}, &r, team);
    j->wrong += code != GSL_SUCCESS;
    j->wrong += r.status != (j->outside ? JF_DIVERGED : JF_FINISHED);
    j->wrong += r.culprit.blame != (j->outside ? JF_BLAME_CODE : JF_BLAME_NONE);
    memcpy(j->theta, theta, sizeof theta);
    jf_culprit c =
        jf_find_blame(flow, &normal, theta, jf_const(x), 0, grad, team);
    j->wrong += c.code != (j->outside ? GSL_EDOM : GSL_SUCCESS);
}

static void *work(void *arg)
{
    job *j = arg;
    jf_layer *flow = make_flow();
    jf_team *team = jf_team_new(1);
    jf_matrix x = jf_matrix_new(N, D);
    real theta[2 * D] = {0};

    jf_fill_uniform(x, 1, JF_PURPOSE_USER, 0);
    if (j->outside)
        x.data[3] = R(1.5);
    if (!j->alone)
        pthread_barrier_wait(&start);
    for (int k = 0; k < ROUNDS; k++)
        once(j, flow, x, team);
    for (int k = 0; k < 20; k++) {
        j->wrong += jf_theta_save(j->path, flow, theta) != GSL_SUCCESS;
        j->wrong += jf_theta_load(j->path, flow, theta) != GSL_SUCCESS;
    }
    unlink(j->path);
    jf_matrix_free(&x);
    jf_team_free(team);
    jf_layer_free(flow);
    return NULL;
}

static void test_together(void)
{
    job jobs[] = {{0}, {.outside = 1}, {.alone = 1}};
    pthread_t threads[2];
    for (int k = 0; k < 3; k++)
        snprintf(jobs[k].path, sizeof jobs[k].path, "/tmp/jf-threads-%ld-%d",
                 (long)getpid(), k);
    CHECK(pthread_barrier_init(&start, NULL, 2) == 0);
    for (int k = 0; k < 2; k++)
        CHECK(pthread_create(&threads[k], NULL, work, &jobs[k]) == 0);
    for (int k = 0; k < 2; k++)
        pthread_join(threads[k], NULL);
    pthread_barrier_destroy(&start);
    work(&jobs[2]); /* alone: the same numbers as beside another */
    for (int k = 0; k < 3; k++)
        CHECK(jobs[k].wrong == 0);
    CHECK(memcmp(jobs[0].theta, jobs[2].theta, sizeof jobs[0].theta) == 0);
}

/* A latent law that keeps two evaluations inside one another: the first waits
 * in its own until the second is in its, which waits until the first is done.
 */
static sem_t first_is_in, second_is_in, first_is_done;

static void first_density(const jf_latent *self, jf_const_matrix z,
                          double *log_q, double scale, jf_matrix dz)
{
    jf_latent normal = jf_normal();
    (void)self;
    sem_post(&first_is_in);
    sem_wait(&second_is_in);
    normal.log_density(&normal, z, log_q, scale, dz);
}

static void second_density(const jf_latent *self, jf_const_matrix z,
                           double *log_q, double scale, jf_matrix dz)
{
    jf_latent normal = jf_normal();
    (void)self;
    sem_post(&second_is_in);
    sem_wait(&first_is_done);
    normal.log_density(&normal, z, log_q, scale, dz);
}

/* One evaluation of the loss, at a gradient of 0. */
static void *fit_once(void *arg)
{
    jf_latent *q = arg;
    jf_layer *flow = jf_flow_new(D);
    jf_team *team = jf_team_new(1);
    jf_matrix x = jf_matrix_new(N, D);
    jf_fit_result r;
    int code = jf_fit(flow, q, NULL, jf_const(x), NULL, &r, team);
    if (q->log_density == first_density)
        sem_post(&first_is_done);
    jf_matrix_free(&x);
    jf_team_free(team);
    jf_layer_free(flow);
    return code == GSL_SUCCESS && r.status == JF_CONVERGED ? arg : NULL;
}

static void test_overlap(void)
{
    jf_latent laws[2] = {jf_normal(), jf_normal()};
    pthread_t threads[2];
    laws[0].log_density = first_density;
    laws[1].log_density = second_density;
    CHECK(sem_init(&first_is_in, 0, 0) == 0);
    CHECK(sem_init(&second_is_in, 0, 0) == 0);
    CHECK(sem_init(&first_is_done, 0, 0) == 0);
    CHECK(pthread_create(&threads[0], NULL, fit_once, &laws[0]) == 0);
    sem_wait(&first_is_in);
    CHECK(pthread_create(&threads[1], NULL, fit_once, &laws[1]) == 0);
    for (int k = 0; k < 2; k++) {
        void *good;
        pthread_join(threads[k], &good);
        CHECK(good != NULL);
    }
}

/* Two lanes that wait for each other, so in two threads; the caller's ends, and
 * the other takes its time. */
typedef struct {
    pthread_t caller;
    atomic_int begun, ended;
} pair;

static int slow_lane(void *arg, size_t lane, size_t first, size_t count,
                     jf_work *unused)
{
    pair *p = arg;
    (void)lane, (void)first, (void)count, (void)unused;
    atomic_fetch_add(&p->begun, 1);
    for (int k = 0; atomic_load(&p->begun) < 2 && k < 10000; k++)
        usleep(1000);
    if (!pthread_equal(p->caller, pthread_self()))
        usleep(50000);
    atomic_fetch_add(&p->ended, 1);
    return GSL_SUCCESS;
}

static void test_awaited(void)
{
    jf_team *team = jf_team_new(2);
    pair p = {.caller = pthread_self()};
    CHECK(jf_team_run(team, 2, 2, slow_lane, &p) == GSL_SUCCESS);
    CHECK(atomic_load(&p.begun) == 2 && atomic_load(&p.ended) == 2);
    jf_team_free(team);
}

int main(void)
{
    gsl_set_error_handler(count_call);
    test_awaited();
    test_overlap();
    CHECK(gsl_set_error_handler(count_call) == count_call);
    test_together();
    CHECK(gsl_set_error_handler(NULL) == count_call);
    CHECK(atomic_load(&calls) == 0);
    return check_end();
}
