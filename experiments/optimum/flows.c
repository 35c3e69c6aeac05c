/* flows.c -- beyond linear flows: which line is a ceiling?
 *
 * Question  Affine flows stop at EIG.  How much of the negentropy, the gap
 *           between EIG and -h(X), do flows of constant determinant and
 *           nonlinear flows capture?
 * Method    Adam on train rows, early stop on validation rows, likelihood on
 *           test rows, which nothing else sees; real tables standardised and
 *           split 60/20/20, toys with known density.  affine: dense + bias.
 *           constant_det: the same and additive couplings.  nonlinear: affine
 *           couplings between dense maps (RealNVP, Dinh et al. 2017), clamped
 *           scales.
 * Writes    optimum-flows.csv [nats per sample]. */
#include "optimum.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_cdf.h>

enum { HIDDEN = 32, COUPLINGS = 6, BATCH = 256 };

/* Flows. */

static jf_net *net(size_t in, size_t out)
{
    return jf_mlp(&(jf_mlp_options){in, out, HIDDEN, 2, JF_TANH, 0, 0});
}

static void add_couplings(jf_layer *f, size_t d, jf_map map, int mix)
{
    for (size_t k = 0; k < COUPLINGS; k++) {
        jf_side side = k % 2 ? JF_LOWER : JF_UPPER;
        size_t b = side == JF_UPPER ? d - d / 2 : d / 2;
        if (mix && k > 0)
            jf_flow_add(f, jf_plu(d, k));
        jf_flow_add(f, jf_coupling(d, d / 2, side, map,
                                   net(d - b, b * map.module.n_params)));
    }
}

static void affine(jf_layer *f, size_t d)
{
    jf_flow_add(f, jf_actnorm(d));
    jf_flow_add(f, jf_dense(d));
}

static void constant_det(jf_layer *f, size_t d)
{
    affine(f, d);
    add_couplings(f, d, jf_map_shift(), 0);
    jf_flow_add(f, jf_actnorm(d));
}

static void nonlinear(jf_layer *f, size_t d)
{
    affine(f, d);
    add_couplings(f, d, jf_map_clamp(2), 1);
    jf_flow_add(f, jf_actnorm(d));
}

static const struct {
    const char *name, *class;
    void (*add)(jf_layer *, size_t);
} flows[] = {
    {"affine", "affine", affine},
    {"additive couplings + scale", "constant_det", constant_det},
    {"RealNVP", "nonlinear", nonlinear},
};

enum { FLOWS = sizeof flows / sizeof *flows, SAVED = FLOWS - 1 };

/* Tables. */

typedef struct {
    char name[64];
    int saved; /* --save is of it */
    jf_matrix train, validation, test;
    const jf_toy *toy;   /* NULL: a real table */
    jf_moments m;        /* of train */
    double eigen;        /* EIG of the law (toy) or of train [nats] */
    double entropy_line; /* -h [nats]; NaN when unknown */
    double ceiling;      /* of constant determinant [nats]; NaN likewise */
    double wrong;        /* the same from E|X|^2, not E|X*|^2            */
} table;

/* The constant-determinant optimum (C3.9), where it is known: an isotropic
 * Gaussian rearrangement gives -h, a uniform law -h minus 1 - log 2. */
static double constant_det_ceiling(const jf_toy *toy)
{
    const char *name = toy->name;
    if (strcmp(name, "gauss") == 0 || strcmp(name, "banana") == 0)
        return -toy->entropy(NULL);
    if (strcmp(name, "square") == 0 || strcmp(name, "checkerboard") == 0)
        return -toy->entropy(NULL) - (1 - log(2.0));
    if (strcmp(name, "exponential") == 0)
        return -(1 + log(3.0));
    return (double)NAN;
}

/* EIG of the covariance of a toy, and the formula of the ceiling with the
 * second moment of X for that of its rearrangement. */
static void eigen_of_toy(const jf_toy *toy, double *eigen, double *wrong)
{
    double mean[2], c[4], lambda[2];
    toy->moments(mean, c);
    *wrong =
        jf_constant_det(2, c[0] + c[3] + mean[0] * mean[0] + mean[1] * mean[1]);
    *eigen = jf_eigen_symmetric(2, c, lambda, 0) == GSL_SUCCESS
                 ? jf_eig(2, lambda)
                 : (double)NAN;
}

static void take_toy(const experiment *e, table *t, const jf_toy *toy)
{
    size_t n = by_profile(e, 500, 8000, 40000);
    size_t tests = by_profile(e, 4000, 8000, 40000);
    jf_matrix *parts[] = {&t->train, &t->validation, &t->test};
    snprintf(t->name, sizeof t->name, "toy:%s", toy->name);
    t->toy = toy;
    for (size_t k = 0; k < 3; k++) {
        *parts[k] = jf_matrix_new(k == 2 ? tests : n, toy->d);
        jf_toy_fill(toy, *parts[k], e->args.seed + 1000003 * k);
    }
    eigen_of_toy(toy, &t->eigen, &t->wrong);
    t->entropy_line = -toy->entropy(NULL);
    t->ceiling = constant_det_ceiling(toy);
}

static void take_real(const experiment *e, table *t, const char *name)
{
    jf_dataset data = optimum_data(e, name);
    snprintf(t->name, sizeof t->name, "%s", data.name);
    jf_split(data.x, 0.6, 0.2, e->args.seed, &t->train, &t->validation,
             &t->test);
    t->entropy_line = t->ceiling = (double)NAN;
    jf_data_free(&data);
}

static size_t take_tables(const experiment *e, table *tables)
{
    static const char *const real_names[] = {"wine", "iris", "diabetes",
                                             "breast-cancer", "digits"};
    size_t toys, count = 0;
    const jf_toy *toy = jf_toys(&toys);

    if (e->args.data)
        take_real(e, &tables[count++], e->args.data);
    for (size_t k = 0; !e->args.data && k < by_profile(e, 1, 5, 5); k++)
        take_real(e, &tables[count++], real_names[k]);
    for (size_t k = 0; !e->args.data && k < by_profile(e, 3, toys, toys); k++)
        take_toy(e, &tables[count++], &toy[k]);
    tables[0].saved = 1;
    for (size_t k = 0; k < count; k++) {
        if (jf_moments_of(jf_const(tables[k].train), &tables[k].m, e->team) !=
            GSL_SUCCESS)
            jf_fail(1, "%s: eigenvalues did not converge", tables[k].name);
        if (!tables[k].toy)
            tables[k].eigen = jf_eig(tables[k].m.d, tables[k].m.lambda_sigma);
    }
    return count;
}

/* One run. */

/* The test likelihood of the affine optimum of the training rows: z =
 * L^-1 (x - mu), Sigma = L L'. */
static double gaussian_test(const table *t)
{
    size_t d = t->m.d;
    double *l = jf_alloc(d * d, sizeof *l), *z = jf_alloc(d, sizeof *z);
    double sum = 0, half_log_det = 0;

    memcpy(l, t->m.sigma, d * d * sizeof *l);
    if (jf_cholesky(d, l) != GSL_SUCCESS)
        sum = (double)NAN;
    for (size_t i = 0; i < d; i++)
        half_log_det += log(l[i * d + i]);
    for (size_t r = 0; r < t->test.rows; r++)
        for (size_t i = 0; i < d; i++) {
            z[i] = (double)jf_row(t->test, r)[i] - t->m.mean[i];
            for (size_t j = 0; j < i; j++)
                z[i] -= l[i * d + j] * z[j];
            z[i] /= l[i * d + i];
            sum += z[i] * z[i];
        }
    free(z);
    free(l);
    return -0.5 * ((double)d * JF_LOG_2PI + sum / (double)t->test.rows) -
           half_log_det;
}

/* KL(p || q) over the test rows and its standard error; NaN for real tables. */
static double divergence(const table *t, const double *log_q, double *se)
{
    size_t n = t->test.rows;
    double mean = 0, square = 0;
    *se = (double)NAN;
    if (!t->toy)
        return (double)NAN;
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < n; i++) {
            double x[2] = {(double)jf_row(t->test, i)[0],
                           (double)jf_row(t->test, i)[1]};
            double u = t->toy->log_density(x) - log_q[i];
            if (pass == 0)
                mean += u / (double)n;
            else
                square += (u - mean) * (u - mean);
        }
    *se = sqrt(square / (double)(n - 1) / (double)n);
    return mean;
}

static jf_fit_options options_of(const experiment *e, const table *t,
                                 size_t way, unsigned long seed)
{
    jf_fit_options options = {.seed = seed};
    if (way == 0) { /* affine: to the optimum of the training rows */
        options.method = JF_LBFGS;
        options.memory = 50;
        return options;
    }
    options.rate = 2e-3;
    options.steps = by_profile(e, 200, 4000, 20000);
    options.schedule = (jf_schedule){.kind = JF_COSINE, .warmup = 50};
    options.batch = BATCH;
    options.clip = 10;
    options.validation = jf_const(t->validation);
    options.check_every = 50;
    options.patience = 20;
    return options;
}

/* The flow with the units of its table, for --save. */
static void save(const experiment *e, const table *t, jf_layer *flow,
                 real *theta)
{
    jf_model m = {.flow = flow, .theta = theta, .base = jf_normal()};
    double *units =
        optimum_units(e, e->args.data ? e->args.data : t->name, &m.noise);
    m.mean = units;
    m.scale = units + flow->d;
    experiment_save(&optimum_save, &m);
    free(units);
}

static void run(const experiment *e, const table *t, size_t way,
                unsigned long seed, jf_table *out, size_t point)
{
    jf_team *team = jf_team_new(1);
    jf_layer *flow = jf_flow_new(t->m.d);
    jf_latent q = jf_normal();
    jf_likelihood train = {.nll = (double)NAN}, test = {.nll = (double)NAN};
    jf_fit_result fit;
    double *log_q = jf_alloc(t->test.rows, sizeof *log_q), se;

    flows[way].add(flow, t->m.d);
    real *theta = jf_theta_new(flow);
    jf_init(flow, theta, jf_const(t->train), seed, team);
    jf_fit_options options = options_of(e, t, way, seed);
    jf_fit(flow, &q, theta, jf_const(t->train), &options, &fit, team);
    jf_nll(flow, &q, theta, jf_const(t->train), &train, NULL, team);
    jf_nll(flow, &q, theta, jf_const(t->test), &test, NULL, team);
    jf_log_prob(flow, &q, theta, jf_const(t->test), log_q, team);
    if (optimum_save && t->saved && way == SAVED && seed == e->args.seed)
        save(e, t, flow, theta);
    double kl = divergence(t, log_q, &se), gaussian = gaussian_test(t);
    jf_table_row(
        out, point,
        "%s,%zu,%zu,%s,%s,%lu," JF_G "," JF_G "," JF_G "," JF_G "," JF_G
        "," JF_G "," JF_G "," JF_G "," JF_G "," JF_G "," JF_G ",%s,%zu",
        t->name, t->train.rows, t->m.d, flows[way].name, flows[way].class, seed,
        -train.nll, -test.nll, t->eigen, t->entropy_line, -test.nll - gaussian,
        test.se, gaussian, jf_eig(t->m.d, t->m.lambda_sigma), t->ceiling, kl,
        se, jf_fit_status_name(fit.status), fit.step);
    free(log_q);
    free(theta);
    jf_layer_free(flow);
    jf_team_free(team);
}

/* Verdicts. */

typedef struct {
    const jf_table *out;
    const table *tables;
    size_t seeds, points;
    double *z, *wrong; /* (points) */
} runs;

static const table *table_of(const runs *r, size_t p)
{
    return &r->tables[p / r->seeds / FLOWS];
}

static int of_class(const runs *r, size_t p, const char *class)
{
    return strcmp(flows[p / r->seeds % FLOWS].class, class) == 0;
}

static double number(const runs *r, size_t p, const char *column)
{
    return jf_table_number(r->out, p, 0, column);
}

/* What rounding may add to a likelihood: LU and W x lose the square root of the
 * condition of Sigma, and n rows are summed. */
static double rounding(const table *t)
{
    double d = (double)t->m.d, n = (double)t->m.n;
    double condition = t->m.lambda_sigma[0] / t->m.lambda_sigma[t->m.d - 1];
    return DBL_EPSILON * (4 * d * d * sqrt(condition) +
                          n * (d + fabs(jf_eig(t->m.d, t->m.lambda_sigma))));
}

static void judge_affine(experiment *e, const runs *r)
{
    double worst = -(double)INFINITY, wrong = worst, tolerance = 0;
    for (size_t p = 0; p < r->points; p++) {
        if (!of_class(r, p, "affine"))
            continue;
        const table *t = table_of(r, p);
        double n = (double)t->m.n;
        double excess =
            number(r, p, "train_nats") - number(r, p, "train_eigen_nats");
        worst = jf_worse(worst, excess);
        wrong =
            jf_worse(wrong, excess + 0.5 * (double)t->m.d * log(n / (n - 1)));
        tolerance = jf_worse(tolerance, rounding(t));
    }
    jf_judge(e->verdicts,
             &(jf_claim){"C3.1",
                         "an affine flow never exceeds EIG of its training "
                         "rows",
                         "normal latent, any data",
                         "largest train_nats - EIG; proved inequality, "
                         "rounding of LU and of sums over rows",
                         JF_IDENTITY, "covariance divided by n - 1"},
             JF_AT_MOST,
             &(jf_finding){.measured = worst,
                           .tolerance = tolerance,
                           .broken = wrong - worst});
}

/* E log q <= ceiling, by log q - log p on the same rows. */
static void judge_ceiling(experiment *e, const runs *r)
{
    jf_finding f = {0};
    size_t count = 0, n = 0;
    for (size_t p = 0; p < r->points; p++) {
        const table *t = table_of(r, p);
        if (!of_class(r, p, "constant_det") || isnan(t->ceiling))
            continue;
        double se = number(r, p, "se_kl_nats");
        double nats = -number(r, p, "kl_nats") + t->entropy_line;
        n = t->test.rows;
        r->z[count] = (nats - t->ceiling) / se;
        r->wrong[count++] = (nats - t->wrong) / se;
    }
    jf_family(&f, count, r->z, (double)n - 1, JF_AT_MOST);
    jf_family_broken(&f, count, r->wrong, (double)n - 1, JF_AT_MOST);
    jf_judge(e->verdicts,
             &(jf_claim){"C3.9",
                         "a flow of constant determinant stays below its "
                         "ceiling on test rows",
                         "toys whose ceiling is known",
                         "largest excess in standard errors of log q - log p "
                         "over fresh rows; Student's t; Bonferroni over runs",
                         JF_STATISTIC, "m* of X instead of X*"},
             JF_AT_MOST, &f);
}

/* E_p exp(sum log(q/p)) = 1 for every q that was fixed before the rows: the
 * p-value exp(-sum) has no other hypothesis (Markov's inequality). */
static void judge_entropy(experiment *e, const runs *r)
{
    double count = 0, rows = 0, mean = -(double)INFINITY, se = 0;
    for (size_t p = 0; p < r->points; p++) {
        const table *t = table_of(r, p);
        if (!t->toy)
            continue;
        double one = -number(r, p, "kl_nats");
        count++;
        rows = (double)t->test.rows;
        if (isnan(one) || one > mean) { /* NaN stays */
            mean = one;
            se = number(r, p, "se_kl_nats");
        }
    }
    jf_finding f = {.measured = mean,
                    .law = JF_BY_P,
                    .n = (size_t)rows,
                    .tolerance = log(count * JF_SHARES / JF_LEVEL) / rows};
    f.detectable =
        fmax(0, -mean) + f.tolerance + gsl_cdf_ugaussian_Pinv(0.9) * se;
    f.p = fmin(1, count * exp(-rows * mean));
    f.planted_p = fmin(1, count * exp(-rows * (mean + 1.5 * f.detectable)));
    f.broken = fmin(1, count * exp(-rows * (mean + M_LN2))); /* D = 2 */
    jf_judge(e->verdicts,
             &(jf_claim){"C2.1", "no flow exceeds -h(X): E log(q/p) <= 0",
                         "toys, density known; every class",
                         "largest mean of log(q/p) over fresh rows; p: the "
                         "number of runs times the likelihood ratio of the "
                         "rows (an e-value; Markov's inequality)",
                         JF_STATISTIC,
                         "base constant (D/2) log pi for (D/2) log 2 pi"},
             JF_AT_MOST, &f);
}

/* Test likelihoods of nonlinear flows above EIG of the law, in standard errors:
 * of toys that are Gaussian, or of the others.  NaN: none of these. */
static size_t above_eigen(const runs *r, int gaussian, double *z)
{
    size_t count = 0;
    for (size_t p = 0; p < r->points; p++) {
        const table *t = table_of(r, p);
        if (of_class(r, p, "nonlinear") && t->toy &&
            gaussian == (strcmp(t->toy->name, "gauss") == 0))
            z[count++] = (number(r, p, "test_nats") - t->eigen) /
                         number(r, p, "se_test_nats");
    }
    return count;
}

static void judge_wording(experiment *e, const runs *r)
{
    jf_finding f = {0};
    size_t count = above_eigen(r, 0, r->z);
    size_t gaussian = above_eigen(r, 1, r->wrong);
    double freedom = (double)table_of(r, r->points - 1)->test.rows - 1;
    jf_family(&f, count, r->z, freedom, JF_AT_MOST);
    jf_family_broken(&f, gaussian, r->wrong, freedom, JF_AT_MOST);
    jf_judge(
        e->verdicts,
        &(jf_claim){"C3.8w", "as worded: EIG is a ceiling of every flow",
                    "nonlinear flows, toys that are not Gaussian",
                    "largest test likelihood above EIG in standard errors; "
                    "Student's t; Bonferroni over runs",
                    JF_WORDING, "Gaussian data, where it is one"},
        JF_AT_MOST, &f);
}

static void judge(experiment *e, const runs *r)
{
    judge_affine(e, r);
    if (e->args.data) /* its density is not known */
        return;
    judge_ceiling(e, r);
    judge_entropy(e, r);
    judge_wording(e, r);
}

/* For a table of the user's: what each class reached, the mean over seeds. */
static void print_flows(const jf_table *out, size_t seeds)
{
    printf("  %-28s %14s %14s %14s  [nats per sample]\n", "trained flows",
           "train", "test", "over Gaussian");
    for (size_t w = 0; w < FLOWS; w++) {
        static const char *const columns[] = {"train_nats", "test_nats",
                                              "negentropy_captured_nats"};
        double mean[3] = {0};
        for (size_t s = 0; s < seeds; s++)
            for (size_t c = 0; c < 3; c++)
                mean[c] += jf_table_number(out, w * seeds + s, 0, columns[c]) /
                           (double)seeds;
        printf("  %-28s %14.6g %14.6g %14.6g\n", flows[w].name, mean[0],
               mean[1], mean[2]);
    }
}

void optimum_flows(experiment *e)
{
    table tables[32] = {0};
    size_t count = take_tables(e, tables), done = 0;
    size_t seeds = by_profile(e, 1, 3, 5), points = count * FLOWS * seeds;
    jf_table *out = jf_table_new(
        &e->args, "optimum-flows",
        "data,n,d,flow,class,seed,train_nats,test_nats,eigen_nats,"
        "entropy_nats,negentropy_captured_nats,se_test_nats,"
        "gaussian_test_nats,train_eigen_nats,ceiling_nats,kl_nats,se_kl_nats,"
        "status,steps",
        points);

#pragma omp parallel for schedule(dynamic, 1) num_threads((int)e->team->threads)
    for (size_t p = 0; p < points; p++) {
        size_t seed = p % seeds, way = p / seeds % FLOWS;
        if (!jf_table_has(out, p)) {
            run(e, &tables[p / seeds / FLOWS], way, e->args.seed + seed, out,
                p);
            jf_table_finish(out, p);
        }
#pragma omp critical(optimum_flows)
        jf_progress(&e->args, "nonlinear flows", ++done, points);
    }
    if (jf_table_whole(out)) {
        runs r = {out,
                  tables,
                  seeds,
                  points,
                  jf_alloc(points, sizeof(double)),
                  jf_alloc(points, sizeof(double))};
        judge(e, &r);
        free(r.wrong);
        free(r.z);
        if (e->args.data)
            print_flows(out, seeds);
    }
    jf_table_close(out);
    for (size_t k = 0; k < count; k++) {
        jf_matrix_free(&tables[k].train);
        jf_matrix_free(&tables[k].validation);
        jf_matrix_free(&tables[k].test);
        jf_moments_free(&tables[k].m);
    }
}
