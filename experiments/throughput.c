/* throughput.c -- what a training step costs, as a fraction of the machine.
 *
 * Question  How many samples a second does a training step (likelihood,
 *           gradient, Adam) process, and what part is that of the arithmetic
 *           this machine can do, measured in the same run?
 * Method    Workloads W1 (RealNVP, 2-D, 8 couplings, MLP 2 x 64, batch 256),
 *           W2 (d = 63, 10 couplings, MLP 2 x 512, batch 512) and W5 (P L U,
 *           d = 512, batch 1024).  Peak: the best matrix product of the build's
 *           precision, one on each thread.  Times are medians over rounds of
 *           all workloads in turn.
 * Writes    throughput.csv.  Times are no results: this table alone changes
 *           from run to run. */
#include "jf.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#ifdef _OPENMP
#include <omp.h>
#endif

enum { ROUNDS = 7, MAX_WORKLOADS = 3 };

typedef struct {
    const char *name;
    size_t d, couplings, hidden, batch; /* couplings 0: P L U */
} workload;

static const workload workloads[MAX_WORKLOADS] = {
    {"W1", 2, 8, 64, 256},
    {"W2", 63, 10, 512, 512},
    {"W5", 512, 0, 0, 1024},
};

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static jf_layer *build(const workload *w)
{
    jf_layer *f = jf_flow_new(w->d);
    if (w->couplings == 0) {
        jf_flow_add(f, jf_bias(w->d));
        jf_flow_add(f, jf_plu(w->d, 1));
    }
    for (size_t k = 0; k < w->couplings; k++) {
        size_t split = w->d - w->d / 2;
        jf_side side = k % 2 ? JF_LOWER : JF_UPPER;
        size_t b = side == JF_UPPER ? w->d - split : split;
        jf_flow_add(
            f, jf_coupling(w->d, split, side, jf_map_clamp(1),
                           jf_mlp(&(jf_mlp_options){w->d - b, 2 * b, w->hidden,
                                                    2, JF_RELU, 0,
                                                    0})));
    }
    return f;
}

/* Multiplications and additions of one step: three products with every weight
 * matrix (forward, and two in backward); P L U: as one matrix, and its own
 * products over the factors and its inverse. */
static double operations(const workload *w)
{
    double rows = (double)w->batch, d = (double)w->d, sum = 0;
    for (size_t k = 0; k < w->couplings; k++) {
        size_t split = w->d - w->d / 2, b = k % 2 ? split : w->d - split;
        double h = (double)w->hidden;
        sum += (double)(w->d - b) * h + h * h + h * 2 * (double)b;
    }
    if (w->couplings == 0)
        return 6 * rows * d * d + (3 * 2 + 2) * d * d * d;
    return 6 * rows * sum;
}

/* A workload in progress. */
typedef struct {
    jf_layer *f;
    real *theta, *state, *grad;
    jf_matrix x;
    jf_optimizer adam;
    jf_latent q;
    size_t step;
    double times[ROUNDS];
} job;

static job job_new(const workload *w, jf_team *team)
{
    job j = {.f = build(w), .adam = jf_adam(0), .q = jf_normal()};
    j.theta = jf_theta_new(j.f);
    j.grad = jf_theta_new(j.f);
    j.state =
        jf_alloc(jf_optimizer_state(&j.adam, j.f->n_params), sizeof *j.state);
    j.x = jf_matrix_new(w->batch, w->d);
    jf_fill_normal(j.x, 1, JF_PURPOSE_DATA, 0);
    jf_init(j.f, j.theta, j.x, 1, team);
    return j;
}

static void step(job *j, jf_team *team)
{
    jf_likelihood value;
    jf_nll(j->f, &j->q, j->theta, j->x, &value, j->grad, team);
    jf_optimizer_step(&j->adam, ++j->step, 1e-4, 1, j->f->n_params, j->theta,
                      j->state, j->grad, team);
}

/* Seconds a step over at least 0.2 s. */
static double time_step(job *j, jf_team *team)
{
    double start = seconds(), spent;
    size_t steps = 0;
    do {
        step(j, team);
        steps++;
        spent = seconds() - start;
    } while (spent < 0.2);
    return spent / (double)steps;
}

/* Operations a second of square products, one on each thread at a time. */
static double time_products(size_t threads)
{
    enum { SIZE = 512, REPEATS = 8 };
    double start = seconds();
    (void)threads;
#pragma omp parallel num_threads((int)threads)
    {
        jf_matrix a = jf_matrix_new(SIZE, SIZE), b = jf_matrix_new(SIZE, SIZE);
        jf_matrix c = jf_matrix_new(SIZE, SIZE);
        jf_matrix_fill(a, R(0.5));
        jf_matrix_fill(b, R(0.25));
        for (size_t i = 0; i < REPEATS; i++)
            jf_gemm(JF_PLAIN, JF_PLAIN, 1, a, b, 0, c);
        jf_matrix_free(&a);
        jf_matrix_free(&b);
        jf_matrix_free(&c);
    }
    return 2.0 * SIZE * SIZE * SIZE * REPEATS * (double)threads /
           (seconds() - start);
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *times)
{
    qsort(times, ROUNDS, sizeof *times, by_size);
    return times[ROUNDS / 2];
}

static double peak_mib(const jf_team *team, const job *j)
{
    size_t bytes = 0, n = j->f->n_params;
    for (size_t l = 0; l < JF_MAX_LANES; l++)
        bytes += team->work[l]->peak_bytes;
    bytes += (2 * n + jf_optimizer_state(&j->adam, n)) * sizeof(real);
    return (double)bytes / (1 << 20);
}

static void measure(size_t threads, jf_table *out, size_t point)
{
    jf_team *team[MAX_WORKLOADS];
    job jobs[MAX_WORKLOADS];
    double rates[ROUNDS];

    for (size_t w = 0; w < MAX_WORKLOADS; w++) {
        team[w] = jf_team_new(threads);
        jobs[w] = job_new(&workloads[w], team[w]);
        step(&jobs[w], team[w]); /* touch the arena */
    }
    for (size_t r = 0; r < ROUNDS; r++) {
        rates[r] = time_products(threads);
        for (size_t w = 0; w < MAX_WORKLOADS; w++)
            jobs[w].times[r] = time_step(&jobs[w], team[w]);
    }
    double peak = median(rates);
    for (size_t w = 0; w < MAX_WORKLOADS; w++) {
        job *j = &jobs[w];
        double time = median(j->times);
        double rate = operations(&workloads[w]) / time;
        jf_table_row(out, point, "%s,%s,%zu,%.6g,%.6g,%.6g,%.4f,%.1f,%zu,%.6g",
                     workloads[w].name, JF_PRECISION, threads,
                     (double)workloads[w].batch / time, rate * 1e-9,
                     peak * 1e-9, rate / peak, peak_mib(team[w], j),
                     j->f->n_params, time * 1e3);
        printf("%s  %zu thread%s  %8.3f ms a step  %5.1f %% of the peak of "
               "%.0f GFLOP/s\n",
               workloads[w].name, threads, threads > 1 ? "s" : " ", time * 1e3,
               100 * rate / peak, peak * 1e-9);
        jf_matrix_free(&j->x);
        free(j->state);
        free(j->grad);
        free(j->theta);
        jf_layer_free(j->f);
        jf_team_free(team[w]);
    }
    jf_table_finish(out, point);
}

int main(int argc, char **argv)
{
    jf_args args = jf_args_read(
        argc, argv, "What does a training step cost?  Prints and writes times.",
        NULL);
    jf_team *team = jf_team_new(args.threads);
    size_t most = team->threads;
    jf_team_free(team);
    args.resume = 0; /* a time is of one run */
    jf_table *out = jf_table_new(
        &args, "throughput",
        "workload,precision,threads,samples_per_second,gflops,peak_gflops,"
        "fraction_of_peak,peak_mib,params,milliseconds",
        2);
    for (size_t p = 0; p < (most > 1 ? 2 : 1); p++)
        measure(p == 0 ? 1 : most, out, p);
    jf_table_close(out);
    jf_tables_done();
    return 0;
}
