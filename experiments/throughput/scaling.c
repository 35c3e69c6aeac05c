/* scaling.c -- cost against size: d, rows, layers, width, pixels,
 * depth and threads.
 *
 * Training steps are timed in turn over the sizes of a sweep, on one thread;
 * the cost is the least time of all turns, since what disturbs a step adds to
 * it.  The exponent is the slope of a least-squares line through (log size, log
 * cost) over the three largest sizes, where the leading term rules; its
 * standard error is that of the residuals.  Beside it stand the exponent that
 * the formula has for large sizes, and the slope of the counted operations over
 * the same sizes.  In the sweep over depth the cost is memory, of a step that
 * recomputes its activations: what it pushes on its stacks at most besides what
 * is prepared of theta and its gradient, which grow as theta does.  That is the
 * same in every run. */
#include "throughput.h"

#include <math.h>

enum { MAX_SIZES = 6, QUICK_SIZES = 4, FITTED = 3 };

enum { D, ROWS, LAYERS, HIDDEN, SIDE, THREADS };

typedef struct {
    const char *quantity, *base; /* the workload whose kind it is */
    size_t rows, d, layers, hidden, side, levels;
    int varies; /* D .. THREADS */
    int memory; /* the cost is memory */
    double expected;
    size_t sizes[MAX_SIZES]; /* ends with 0 */
} sweep;

static const sweep sweeps[] = {
    {"dense d", "W5d", .rows = 16, .layers = 1, .varies = D, .expected = 3,
     .sizes = {64, 128, 256, 512, 1024}},
    {"plu d", "W5", .rows = 2048, .layers = 1, .varies = D, .expected = 2,
     .sizes = {16, 32, 64, 128, 256}},
    {"triangular d", "W5t", .rows = 2048, .layers = 1, .varies = D,
     .expected = 2, .sizes = {16, 32, 64, 128, 256}},
    {"coupling d", "W2", .rows = 256, .layers = 4, .hidden = 64, .varies = D,
     .expected = 1, .sizes = {64, 128, 256, 512, 1024}},
    {"coupling rows", "W2", .d = 32, .layers = 4, .hidden = 128, .varies = ROWS,
     .expected = 1, .sizes = {256, 512, 1024, 2048, 4096}},
    {"coupling layers", "W2", .rows = 256, .d = 32, .hidden = 128,
     .varies = LAYERS, .expected = 1, .sizes = {2, 4, 8, 16, 32}},
    {"coupling hidden", "W2", .rows = 256, .d = 32, .layers = 4,
     .varies = HIDDEN, .expected = 2, .sizes = {64, 128, 256, 512, 1024}},
    {"glow pixels", "W3", .rows = 1, .layers = 2, .hidden = 32, .levels = 2,
     .varies = SIDE, .expected = 1, .sizes = {32, 64, 128, 256, 512}},
    {"glow memory depth", "W3", .rows = 1, .hidden = 32, .side = 64,
     .levels = 2, .varies = LAYERS, .memory = 1, .expected = 0,
     .sizes = {2, 4, 8, 16, 32}},
    {"coupling threads", "W2", .rows = 512, .d = 63, .layers = 10,
     .hidden = 512, .varies = THREADS, .expected = -1, .sizes = {1, 2}},
};

typedef struct {
    workload w;
    size_t size; /* as the table has it: pixels, not a side */
    job j;
    double times[MAX_ROUNDS];
    double operations, cost;
} point;

static point point_at(const sweep *s, size_t size)
{
    point p = {.w = *workload_named(s->base), .size = size};
    size_t rows = s->rows, threads = 1;
    p.w.d = s->d, p.w.layers = s->layers, p.w.hidden = s->hidden;
    p.w.side = s->side, p.w.levels = s->levels;
    size_t *field[] = {&p.w.d,      &rows,     &p.w.layers,
                       &p.w.hidden, &p.w.side, &threads};
    *field[s->varies] = size;
    if (p.w.side)
        p.w.d = 3 * p.w.side * p.w.side;
    if (s->varies == SIDE)
        p.size = size * size;
    p.w.batch = p.w.rows[TRAIN] = rows;
    p.w.rows[LOG_PROB] = p.w.rows[SAMPLE] = 0;
    p.w.recompute = s->memory;
    return p;
}

static double time_of(job *j, double seconds)
{
    double start = throughput_seconds(), spent;
    size_t calls = 0;
    do {
        job_call(j, TRAIN);
        calls++;
        spent = throughput_seconds() - start;
    } while (spent < seconds);
    return spent / (double)calls;
}

/* MiB of the stacks, besides what is prepared of theta and its gradient. */
static double memory_of(const job *j)
{
    size_t reals = j->f->module.n_pulled + j->f->module.n_derived;
    return job_arena_mib(j) - (double)(reals * sizeof(real)) / (1 << 20);
}

/* The slope of log cost by log size over n points, and its standard error. */
static double slope_of(size_t n, const double *x, const double *y, double *se)
{
    double mx = 0, my = 0, xx = 0, xy = 0, rest = 0;
    for (size_t i = 0; i < n; i++) {
        mx += log(x[i]) / (double)n;
        my += log(y[i]) / (double)n;
    }
    for (size_t i = 0; i < n; i++) {
        double dx = log(x[i]) - mx;
        xx += dx * dx;
        xy += dx * (log(y[i]) - my);
    }
    for (size_t i = 0; i < n; i++) {
        double r = log(y[i]) - my - xy / xx * (log(x[i]) - mx);
        rest += r * r;
    }
    *se = n > 2 ? sqrt(rest / (double)(n - 2) / xx) : (double)NAN;
    return xy / xx;
}

static void write_rows(const sweep *s, const point *points, size_t n,
                       size_t rounds, jf_table *out, size_t number)
{
    double size[MAX_SIZES], cost[MAX_SIZES], operations[MAX_SIZES], se, none;
    size_t from = n > FITTED ? n - FITTED : 0, count = n - from;
    for (size_t i = 0; i < n; i++) {
        size[i] = (double)points[i].size;
        cost[i] = points[i].cost;
        operations[i] = points[i].operations;
    }
    double slope =
        n > 1 ? slope_of(count, size + from, cost + from, &se) : (double)NAN;
    double counted =
        n > 1 ? slope_of(count, size + from, operations + from, &none)
              : (double)NAN;
    if (n < 2)
        se = (double)NAN;
    for (size_t i = 0; i < n; i++) {
        spread t = spread_of(rounds, points[i].times);
        jf_table_row(out, number,
                     "%s,%zu,%.6g,%.4f,%.4f,%g,%.4f,%zu,%s,%.6g,%.6g,%.6g,%.6g",
                     s->quantity, points[i].size, t.median, slope, se,
                     s->expected, s->memory ? (double)NAN : counted,
                     points[from].size, s->memory ? "MiB" : "s", cost[i],
                     t.lower, t.upper, operations[i]);
    }
    if (n < 2) {
        printf("%-18s %8zu alone, no exponent\n", s->quantity, points[0].size);
        return;
    }
    printf("%-18s %8zu .. %-8zu exponent %6.3f +- %.3f, expected %g",
           s->quantity, points[from].size, points[n - 1].size, slope, se,
           s->expected);
    if (!s->memory && s->varies != THREADS)
        printf(", operations %.3f", counted);
    printf("\n");
}

static void run_sweep(const jf_args *args, const sweep *s, size_t threads,
                      jf_table *out, size_t number)
{
    static point points[MAX_SIZES];
    size_t n = 0, rounds = args->profile == JF_FULL ? 11 : 5;
    double seconds = args->profile == JF_QUICK ? 0.005 : 0.03;
    int by_threads = s->varies == THREADS;
    size_t most = args->profile == JF_QUICK ? QUICK_SIZES : MAX_SIZES;
    for (; n < most && s->sizes[n]; n++) {
        if (by_threads && s->sizes[n] > threads)
            break;
        points[n] = point_at(s, s->sizes[n]);
        points[n].j =
            job_new(&points[n].w, by_threads ? s->sizes[n] : (size_t)1);
        points[n].operations = workload_operations(&points[n].w, TRAIN);
        job_call(&points[n].j, TRAIN);
    }
    for (size_t r = 0; r < rounds; r++)
        for (size_t i = 0; i < n; i++)
            points[i].times[r] = time_of(&points[i].j, seconds);
    for (size_t i = 0; i < n; i++) {
        points[i].cost = s->memory ? memory_of(&points[i].j)
                                   : spread_of(rounds, points[i].times).least;
        job_free(&points[i].j);
    }
    write_rows(s, points, n, rounds, out, number);
    jf_table_finish(out, number);
}

void throughput_scaling(const jf_args *args, size_t threads)
{
    size_t count = sizeof sweeps / sizeof *sweeps;
    jf_table *out =
        jf_table_new(args, "scaling",
                     "quantity,size,seconds,exponent,se_exponent,expected,"
                     "operations_exponent,fitted_from,unit,cost,lower_quartile,"
                     "upper_quartile,operations",
                     count);
    for (size_t k = 0; k < count; k++) {
        run_sweep(args, &sweeps[k], threads, out, k);
        jf_progress(args, "scaling", k + 1, count);
    }
    jf_table_close(out);
}
