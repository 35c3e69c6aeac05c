/* test_errors.c -- messages and handlers by thread, and what a team hands back.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "jf.h"

/* Sanitizers stop at sizes that no machine has, unless told. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "allocator_may_return_null=1";
}

const char *__tsan_default_options(void);
const char *__tsan_default_options(void)
{
    return "allocator_may_return_null=1";
}

typedef struct {
    int calls, code;
    pthread_t thread;
    char message[64];
} heard;

static void listen(const jf_error *error, void *arg)
{
    heard *h = arg;
    h->calls++;
    h->code = error->code;
    h->thread = pthread_self();
    snprintf(h->message, sizeof h->message, "%.60s", error->message);
}

static void test_record(void)
{
    heard h = {0};
    jf_error_clear();
    CHECK(jf_error_last()->code == GSL_SUCCESS);
    CHECK(jf_actnorm(0) == NULL);
    CHECK(jf_error_last()->code == GSL_EINVAL);
    CHECK(strstr(jf_error_last()->message, "column") != NULL);
    CHECK(strstr(jf_error_last()->file, "actnorm.c") != NULL);
    CHECK(jf_error_last()->line > 1);
    jf_error_set_handler(listen, &h);
    CHECK(jf_dense(0) == NULL && h.calls == 1 && h.code == GSL_EINVAL);
    jf_layer_free(jf_dense(1));
    CHECK(h.calls == 1); /* a success is no news */
    jf_error_set_handler(NULL, NULL);
    CHECK(jf_dense(0) == NULL && h.calls == 1);
    CHECK(jf_error_report(GSL_EDOM, "f", 3, "%d of %s", 2, "x") == GSL_EDOM);
    CHECK(strcmp(jf_error_last()->message, "2 of x") == 0);
}

static void test_divert(void)
{
    heard h = {0};
    jf_error own = {0};
    jf_error_set_handler(listen, &h);
    jf_error_clear();
    jf_error *before = jf_error_divert(&own);
    CHECK(jf_dense(0) == NULL);
    CHECK(jf_error_divert(before) == &own);
    CHECK(h.calls == 0 && own.code == GSL_EINVAL);
    CHECK(jf_error_last()->code == GSL_SUCCESS);
    CHECK(jf_error_raise(&own) == GSL_EINVAL && h.calls == 1);
    CHECK(strcmp(jf_error_last()->message, own.message) == 0);
    jf_error_set_handler(NULL, NULL);
}

static int common_calls;

static void listen_for_all(const jf_error *error, void *arg)
{
    (void)error, (void)arg;
    common_calls++;
}

/* Another thread has its own last error and handler, and the default. */
static void *elsewhere(void *arg)
{
    heard *h = arg;
    int clean = jf_error_last()->code == GSL_SUCCESS;
    clean = clean && jf_dense(0) == NULL && common_calls == 1;
    jf_error_set_handler(listen, h);
    clean = clean && jf_deep_linear(2, 0) == NULL && common_calls == 1;
    return clean ? arg : NULL;
}

static void test_threads(void)
{
    heard h = {0}, own = {0};
    pthread_t thread;
    void *clean;
    CHECK(jf_actnorm(0) == NULL);
    jf_error_set_handler(listen, &own);
    jf_error_set_default(listen_for_all);
    CHECK(pthread_create(&thread, NULL, elsewhere, &h) == 0);
    pthread_join(thread, &clean);
    CHECK(clean != NULL && h.calls == 1 && own.calls == 0);
    CHECK(strstr(jf_error_last()->message, "column") != NULL);
    jf_error_set_default(NULL);
    jf_error_set_handler(NULL, NULL);
}

/* Lanes from the third on fail, each with a message of its own; the others
 * have a failure that they get over. */
static int fail_late(void *arg, size_t lane, size_t first, size_t count,
                     jf_work *work)
{
    size_t *recovered = arg;
    (void)first, (void)count;
    jf_push(work, 100); /* left there */
    work->tape = JF_TAPE_FULL;
    if (lane < 2) {
        recovered[lane] =
            jf_error_report(GSL_EDOM, "f", 1, "no news") == GSL_EDOM;
        work->tape = JF_TAPE_NONE;
        jf_pop(work, jf_top(work));
        return GSL_SUCCESS;
    }
    return jf_error_report(GSL_ESING, "f", 1, "lane %zu", lane);
}

static int fail_mute(void *arg, size_t lane, size_t first, size_t count,
                     jf_work *work)
{
    (void)arg, (void)lane, (void)first, (void)count, (void)work;
    return GSL_EFAILED;
}

static void test_lanes(size_t threads)
{
    size_t recovered[2] = {0};
    heard h = {0};
    jf_team *team = jf_team_new(threads);
    jf_error_set_handler(listen, &h);
    for (int k = 0; k < 200; k++)
        CHECK(jf_team_run(team, 160, 8, fail_late, recovered) == GSL_ESING);
    CHECK(h.calls == 200 && strcmp(h.message, "lane 2") == 0);
    CHECK(pthread_equal(h.thread, pthread_self()));
    CHECK(strcmp(jf_error_last()->message, "lane 2") == 0);
    CHECK(recovered[0] && recovered[1]);
    for (size_t l = 0; l < JF_MAX_LANES; l++)
        CHECK(team->work[l]->depth == 0 && team->work[l]->tape == 0);
    CHECK(jf_divide(team->work[1], 160, 8, fail_late, recovered) == GSL_ESING);
    CHECK(h.calls == 201 && strcmp(h.message, "lane 2") == 0);
    CHECK(jf_team_run(team, 160, 8, fail_mute, NULL) == GSL_EFAILED);
    CHECK(h.calls == 202 && h.code == GSL_EFAILED && h.message[0]);
    jf_error_set_handler(NULL, NULL);
    jf_team_free(team);
}

/* A push that no machine can serve. */
static int push_too_much(void *arg, jf_work *work)
{
    int *reached = arg;
    jf_push(work, 10);
    jf_push(jf_second_stack(work), 10);
    jf_push_matrix(work, (size_t)1 << 40, (size_t)1 << 40);
    *reached = 1;
    return GSL_SUCCESS;
}

static int run_inside(void *arg, jf_work *work)
{
    real *own = jf_push(work, 5);
    own[4] = 1;
    JF_TRY(jf_work_run(work, push_too_much, arg));
    return GSL_SUCCESS;
}

static void test_run(void)
{
    jf_work *work = jf_work_new();
    int reached = 0;
    real *kept = jf_push(work, 3);
    CHECK(jf_work_run(work, push_too_much, &reached) == GSL_ENOMEM);
    CHECK(!reached && work->depth == 1 && jf_top(work) == kept);
    CHECK(work->second->depth == 0);
    CHECK(jf_error_last()->code == GSL_ENOMEM && *jf_error_last()->message);
    CHECK(jf_work_run(work, run_inside, &reached) == GSL_ENOMEM);
    CHECK(!reached && work->depth == 1 && work->second->depth == 0);
    CHECK(jf_push(work, (size_t)1 << 60) == NULL); /* outside of a run */
    CHECK(jf_push_bytes(work, (size_t)-1) == NULL && work->depth == 1);
    CHECK(jf_matrix_new((size_t)1 << 40, (size_t)1 << 40).data == NULL);
    CHECK(jf_error_last()->code == GSL_ENOMEM);
    jf_pop(work, kept);
    jf_work_free(work);
}

int main(void)
{
    test_record();
    test_divert();
    test_threads();
    test_lanes(1);
    test_lanes(2);
    test_lanes(5);
    test_run();
    return check_end();
}
