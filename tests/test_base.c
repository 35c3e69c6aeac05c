/* test_base.c -- views, the work stack, random streams, lanes, array
 * functions, calls tried apart. */
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <gsl/gsl_randist.h>

#include <Random123/philox.h>

#include "base/clones.h"
#include "base/trial.h"
#include "check.h"
#include "jf.h"

static void test_views(void)
{
    jf_matrix m = jf_matrix_new(4, 5), copy = jf_matrix_new(2, 2);
    for (size_t i = 0; i < 20; i++)
        m.data[i] = (real)i;
    jf_matrix block = jf_columns(jf_rows(m, 1, 2), 3, 2);
    CHECK(block.rows == 2 && block.cols == 2 && block.stride == 5);
    CHECK(jf_row(block, 1)[1] == 14);
    jf_matrix_copy(copy, jf_const(block));
    CHECK(copy.data[0] == 8 && copy.data[1] == 9 && copy.data[2] == 13);
    jf_matrix_fill(block, 7);
    CHECK(m.data[8] == 7 && m.data[14] == 7 && m.data[7] == 7 &&
          m.data[10] == 10);
    CHECK(jf_matrix_finite(jf_const(m)));
    m.data[19] = (real)NAN;
    CHECK(!jf_matrix_finite(jf_const(m)) &&
          jf_matrix_finite(jf_const(jf_rows(m, 0, 3))));
    jf_matrix_free(&copy);
    jf_matrix_free(&m);
}

/* 1 when p points to what it may not change. */
#define IS_CONST(p) _Generic((p), const real * : 1, real * : 0)

/* Views for reading see the same entries, and let nobody write. */
static void test_const_views(void)
{
    jf_matrix m = jf_matrix_new(4, 5);
    for (size_t i = 0; i < 20; i++)
        m.data[i] = (real)i;
    jf_const_matrix c = jf_const(m);
    CHECK(c.rows == 4 && c.cols == 5 && c.stride == 5 && c.data == m.data);
    jf_const_matrix block = jf_const_columns(jf_const_rows(c, 1, 2), 3, 2);
    CHECK(block.rows == 2 && block.cols == 2 && block.stride == 5);
    CHECK(jf_const_row(block, 1)[1] == 14);
    jf_row(m, 2)[4] = -1;
    CHECK(jf_const_row(block, 1)[1] == -1);
    c = jf_const_view(m.data, 2, 10);
    CHECK(c.stride == 10 && jf_const_row(c, 1) == m.data + 10);
    CHECK(IS_CONST(c.data) && IS_CONST(jf_const_row(c, 0)));
    CHECK(!IS_CONST(m.data) && !IS_CONST(jf_row(m, 0)));
    jf_matrix_free(&m);
}

/* Philox4x64-10 known answers, from the test vectors of Random123 (kat_vectors
 * of its distribution). */
static void test_known_answers(void)
{
    gsl_rng *rng = jf_stream_new();
    const uint64_t zero[4] = {0x16554d9eca36314cull, 0xdb20fe9d672d0fdcull,
                              0xd7e772cee186176bull, 0x7e68b68aec7ba23bull};
    jf_stream_seek(rng, 0, 0, 0, 0);
    for (int k = 0; k < 4; k++)
        CHECK(gsl_rng_get(rng) == zero[k]);
    gsl_rng_free(rng);
}

/* Word k of a stream is a word of block k / 4, at (block, step, row, 0) under
 * the key (seed, purpose); a uniform is its top 53 bits. */
static void test_places(void)
{
    enum { SEED = 11, PURPOSE = 22, STEP = 33, ROW = 44 };
    gsl_rng *rng = jf_stream_new(), *uniform = jf_stream_new();
    jf_stream_seek(rng, SEED, PURPOSE, STEP, ROW);
    jf_stream_seek(uniform, SEED, PURPOSE, STEP, ROW);
    for (uint64_t k = 0; k < 50; k++) {
        philox4x64_ctr_t at = {{k / 4, STEP, ROW, 0}};
        philox4x64_key_t key = {{SEED, PURPOSE}};
        uint64_t word = gsl_rng_get(rng);
        CHECK(word == philox4x64(at, key).v[k % 4]);
        CHECK(gsl_rng_uniform(uniform) == ldexp((double)(word >> 11), -53));
    }
    gsl_rng_free(uniform);
    gsl_rng_free(rng);
}

/* A stream depends on its four numbers alone, and on each of them. */
static void test_streams(void)
{
    gsl_rng *rng = jf_stream_new();
    uint64_t at[5][6];
    for (int k = 0; k < 5; k++) {
        jf_stream_seek(rng, 1 + (k == 1), 2 + (k == 2), 3 + (k == 3),
                       4 + (k == 4));
        for (int j = 0; j < 6; j++)
            at[k][j] = gsl_rng_get(rng);
        for (int i = 0; i < k; i++)
            CHECK(at[i][0] != at[k][0] && at[i][5] != at[k][5]);
    }
    for (int k = 4; k >= 0; k--) { /* in any order */
        jf_stream_seek(rng, 1 + (k == 1), 2 + (k == 2), 3 + (k == 3),
                       4 + (k == 4));
        CHECK(gsl_rng_get(rng) == at[k][0]);
    }
    gsl_rng_free(rng);
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Draws among a million that repeat another. */
static size_t repeats(double draw(gsl_rng *, double))
{
    enum { N = 1000000 };
    double *x = jf_alloc(N, sizeof *x);
    gsl_rng *rng = jf_stream_new();
    size_t count = 0;
    for (size_t i = 0; i < N; i++) {
        x[i] = draw(rng, 1);
        count += x[i] == 0;
    }
    qsort(x, N, sizeof *x, ascending);
    for (size_t i = 1; i < N; i++)
        count += x[i] == x[i - 1];
    gsl_rng_free(rng);
    free(x);
    return count;
}

static double draw_ziggurat(gsl_rng *rng, double sd)
{
    return gsl_ran_gaussian_ziggurat((const gsl_rng *)rng, sd);
}

/* 1e-4 repeats are expected of a million among 2^52 values; the ziggurat is
 * the control. */
static void test_normals(void)
{
    CHECK(repeats(jf_stream_normal) == 0);
    CHECK(repeats(draw_ziggurat) > 50);
}

/* Means and variances within five standard errors; ends excluded. */
static void test_fills(void)
{
    enum { N = 200000 };
    jf_matrix x = jf_matrix_new(N, 1);
    double mean = 0, square = 0, low = 1, high = 0;

    jf_fill_normal(x, 3, JF_PURPOSE_DATA, 0);
    for (size_t i = 0; i < N; i++) {
        mean += (double)x.data[i] / N;
        square += (double)x.data[i] * (double)x.data[i] / N;
    }
    CHECK_CLOSE(mean, 0, 5 / sqrt(N));
    CHECK_CLOSE(square, 1, 5 * sqrt(2.0 / N));
    jf_fill_uniform(x, 3, JF_PURPOSE_DATA, 0);
    mean = 0;
    for (size_t i = 0; i < N; i++) {
        mean += (double)x.data[i] / N;
        low = fmin(low, (double)x.data[i]);
        high = fmax(high, (double)x.data[i]);
    }
    CHECK_CLOSE(mean, 0.5, 5 / sqrt(12.0 * N));
    CHECK(low > 0 && high < 1);
    jf_matrix_free(&x);
}

static void test_work(void)
{
    jf_work *work = jf_work_new();
    void *at[64];
    for (size_t k = 0; k < 64; k++) { /* past several blocks */
        at[k] = jf_push_bytes(work, k * k * 97);
        CHECK((uintptr_t)at[k] % 64 == 0);
        memset(at[k], (int)k, k * k * 97);
    }
    CHECK(work->depth == 64 && jf_top(work) == at[63]);
    jf_pop(work, at[3]); /* out of order: refused */
    CHECK(work->depth == 64);
    for (size_t k = 64; k-- > 0;) {
        const unsigned char *b = at[k];
        CHECK(k == 0 || (b[0] == k && b[k * k * 97 - 1] == k));
        jf_pop(work, at[k]);
    }
    size_t peak = work->peak_bytes;
    CHECK(work->depth == 0 && work->bytes == 0);
    jf_push(jf_second_stack(work), 10);
    for (size_t k = 0; k < 64; k++)
        jf_push_bytes(work, k * k * 97);
    CHECK(work->peak_bytes == peak); /* the same arena */
    jf_work_release(work, 2);
    CHECK(work->depth == 2 && work->second->depth == 1);
    jf_work_release(work, 0);
    CHECK(work->depth == 0 && work->second->depth == 0);
    jf_work_free(work);
}

/* Each row is visited once, by lanes whose bounds do not depend on threads. */

struct visits {
    int rows[1000];
    size_t first[JF_MAX_LANES], fail;
};

static int visit(void *arg, size_t lane, size_t first, size_t count,
                 jf_work *work)
{
    struct visits *v = arg;
    (void)work;
    v->first[lane] = first;
    for (size_t i = first; i < first + count; i++)
        v->rows[i]++;
    return lane >= v->fail ? (int)(GSL_EDOM + (int)(lane - v->fail)) : 0;
}

static void test_team(void)
{
    for (size_t threads = 1; threads <= 4; threads++)
        for (size_t n = 0; n <= 1000; n += 37) {
            jf_team *team = jf_team_new(threads);
            struct visits v = {.fail = JF_MAX_LANES};
            size_t lanes = jf_lanes(n, 10);
            CHECK(lanes >= 1 && lanes <= JF_MAX_LANES);
            CHECK(jf_team_run(team, n, lanes, visit, &v) == GSL_SUCCESS);
            int all = 1;
            for (size_t i = 0; i < 1000; i++)
                all = all && v.rows[i] == (i < n);
            for (size_t l = 0; n && l < lanes; l++)
                all = all && v.first[l] == n * l / lanes;
            CHECK(all);
            if (lanes > 3) { /* the first failure in lane order */
                v.fail = 2;
                CHECK(jf_team_run(team, n, lanes, visit, &v) == GSL_EDOM);
            }
            jf_team_free(team);
        }
}

static double reference(int which, double x)
{
    return which == 0   ? exp(x)
           : which == 1 ? expm1(x)
           : which == 2 ? log1p(fabs(x))
                        : tanh(x);
}

/* Within 4 units in the last place of libm, wherever an entry stands. */
static void test_vmath(int bytes)
{
    jf_vector_bytes = bytes;
    enum { N = 1003 };
    void (*const f[])(size_t, const real *, real *) = {jf_vexp, jf_vexpm1,
                                                       jf_vlog1p, jf_vtanh};
    jf_matrix x = jf_matrix_new(1, N), y = jf_matrix_new(1, N);
    for (int w = 0; w < 4; w++) {
        double worst = 0;
        int same = 1;
        for (size_t i = 0; i < N; i++)
            x.data[i] = (real)(((double)i - N / 2) / 40);
        for (size_t i = 0; w == 2 && i < N; i++)
            x.data[i] = (real)fabs((double)x.data[i]);
        f[w](N, x.data, y.data);
        for (size_t i = 0; i < N; i++) {
            double r = reference(w, (double)x.data[i]);
            double ulp = fmax(fabs(r), (double)JF_EPS) * (double)JF_EPS;
            real single;
            worst = fmax(worst, fabs((double)y.data[i] - r) / ulp);
            f[w](1, &x.data[i], &single);
            same = same && memcmp(&single, &y.data[i], sizeof single) == 0;
        }
        CHECK(worst <= 4);
        CHECK(same);
        x.data[N - 1] = (real)NAN;
        f[w](N, x.data, x.data); /* in place */
        CHECK(isnan(x.data[N - 1]));
        x.data[N - 1] = 0;
        CHECK(memcmp(x.data, y.data, (N - 1) * sizeof(real)) == 0);
    }
    jf_matrix_free(&y);
    jf_matrix_free(&x);
    jf_vector_bytes = 64;
}

/* Calls in a copy of this process. */

static void end_by(void *arg)
{
    printf("not to be seen\n");
    if (*(int *)arg == SIGKILL)
        kill(getpid(), SIGKILL);
    if (*(int *)arg)
        raise(*(int *)arg);
    *(int *)arg = 1;
}

static void exit_early(void *arg)
{
    _exit(*(int *)arg);
}

static void fail(void *arg)
{
    jf_error_report(GSL_EFAILED, __FILE__, __LINE__, "of the copy");
    (void)arg;
}

static void test_trial(void)
{
    static const int signals[] = {0, SIGSEGV, SIGABRT, SIGFPE, SIGKILL};
    for (size_t k = 0; k < sizeof signals / sizeof *signals; k++) {
        int with = signals[k], ended = -1;
        CHECK(jf_try_apart(end_by, &with, &ended) == 0);
        CHECK(ended == signals[k] && with == signals[k]);
    }
    int with = 3, ended = -1;
    CHECK(jf_try_apart(exit_early, &with, &ended) == 0 && ended == SIGABRT);
    jf_error_clear();
    CHECK(jf_try_apart(fail, NULL, &ended) == 0 && ended == 0);
    CHECK(jf_error_last()->code == GSL_SUCCESS);
    signal(SIGCHLD, SIG_IGN); /* as what started the process may have it */
    CHECK(jf_try_apart(exit_early, &with, &ended) == 0 && ended == SIGABRT);
    CHECK(signal(SIGCHLD, SIG_DFL) == SIG_IGN);
}

int main(void)
{
    test_trial();
    test_views();
    test_const_views();
    test_known_answers();
    test_places();
    test_streams();
    test_normals();
    test_fills();
    test_work();
    test_team();
    for (int bytes = 16; bytes <= 64; bytes *= 2)
        test_vmath(bytes);
    return check_end();
}
