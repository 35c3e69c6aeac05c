/* affine.c -- affine flows under budgets.
 *
 * Singular values of W kept in [1/M, L] (jf_svd_bounded), trained by L-BFGS on
 * exact moments and tables over a grid of L and M; the optimum is the clipped
 * spectrum, C6.5i.  Started from the optimum without budgets, inside the range:
 * from random ones a run may end where several singular values stand at one
 * bound, so that no rotation among them changes anything, and each of their
 * turned variances asks for the bound.  Both values are in the table. */
#include "budget.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { SPECTRA = 2 };

static const double budgets[BUDGETS] = {0.25, 0.5, 1, 1.5,
                                        2,    3,   5, (double)INFINITY};

/* d + 1 rows with exactly the covariance diag(lambda), turned. */
static affine_data spectrum_data(const experiment *e, size_t which)
{
    static const double four[4] = {9, 2, 0.5, 0.04};
    size_t d = which ? 8 : 4;
    double lambda[8], t[64] = {0}, mean[8] = {0};
    affine_data a = {.x = jf_matrix_new(d + 1, d)};
    jf_layer *turn = jf_orthogonal(d, d);
    real *theta = jf_theta_new(turn);
    double unused[9];
    for (size_t i = 0; i < d; i++) {
        lambda[i] = which ? 100 * pow(100.0 * 100, -(double)i / 7) : four[i];
        t[i * (d + 1)] = sqrt(lambda[i]);
    }
    jf_moments m = {.n = d + 1, .d = d, .mean = mean, .t_sigma = t};
    jf_moments_rows(&m, a.x);
    jf_fill_normal(jf_view(theta, 1, turn->module.n_params), e->args.seed,
                   PURPOSE_BUDGET, 1);
    jf_forward(turn, theta, a.x, unused, e->team);
    if (jf_moments_of(jf_const(a.x), &a.m, e->team) != GSL_SUCCESS)
        jf_fail(1, "lipschitz: eigenvalues did not converge");
    a.entropy = -jf_eig(d, a.m.lambda_sigma);
    snprintf(a.name, sizeof a.name, "gauss d=%zu", d);
    free(theta);
    jf_layer_free(turn);
    return a;
}

static affine_data table_data(const experiment *e, const char *name)
{
    jf_dataset data;
    affine_data a = {.entropy = (double)NAN};
    if (experiment_data(e, name, &data) != GSL_SUCCESS ||
        jf_data_check(&data) != GSL_SUCCESS)
        jf_end(2);
    double *mean = jf_alloc(2 * data.x.cols, sizeof *mean);
    jf_standardize(data.x, mean, mean + data.x.cols);
    snprintf(a.name, sizeof a.name, "%s", data.name);
    a.x = jf_matrix_new(data.x.rows, data.x.cols);
    jf_matrix_copy(a.x, jf_const(data.x));
    if (jf_moments_of(jf_const(a.x), &a.m, e->team) != GSL_SUCCESS)
        jf_fail(1, "lipschitz: eigenvalues did not converge");
    free(mean);
    jf_data_free(&data);
    return a;
}

affine_data budget_data(const experiment *e, size_t which)
{
    static const char *const names[] = {"iris", "wine"};
    if (e->args.data)
        return table_data(e, names[0]);
    return which < SPECTRA ? spectrum_data(e, which)
                           : table_data(e, names[which - SPECTRA]);
}

void budget_data_free(affine_data *a)
{
    jf_moments_free(&a->m);
    jf_matrix_free(&a->x);
}

/* The likelihood of a bounded map trained from theta, which is left trained. */
static double train_affine(const affine_data *a, const jf_layer *f, real *theta,
                           jf_fit_status *status, jf_team *team)
{
    jf_latent q = jf_normal();
    jf_likelihood value = {.nll = (double)NAN};
    jf_fit_result fit;
    jf_fit(f, &q, theta, jf_const(a->x), &(jf_fit_options){.method = JF_LBFGS},
           &fit, team);
    *status = fit.status;
    jf_nll(f, &q, theta, jf_const(a->x), &value, NULL, team);
    return -value.nll;
}

/* bias, then linear; the caller frees. */
static jf_layer *affine_new(size_t d, jf_layer *linear)
{
    jf_layer *f = jf_flow_new(d);
    jf_flow_add(f, jf_bias(d));
    jf_flow_add(f, linear);
    return f;
}

/* theta := the optimum without budgets, its log singular values brought into
 * the range, a tenth of it inside: log sigma = middle + half sin s.  At a bound
 * the slope is 0, and where all stand at one the directions are free: a search
 * from afar may run into a bound by chance and stay. */
static void free_start(const affine_data *a, double lip, double inverse,
                       real *theta, unsigned long seed, jf_team *team)
{
    size_t d = a->m.d;
    double low, high;
    jf_fit_status status;
    jf_layer *f = affine_new(d, jf_svd(d));
    jf_init(f, theta, jf_const(a->x), seed, team);
    train_affine(a, f, theta, &status, team);
    budget_range(lip, inverse, &low, &high);
    double middle = 0.5 * (log(low) + log(high)), half = log(high) - middle;
    for (size_t i = f->module.n_params - d; i < f->module.n_params; i++) {
        double at = ((double)theta[i] - middle) / half;
        theta[i] = (real)asin(fmax(-0.9, fmin(0.9, at)));
    }
    jf_layer_free(f);
}

static void run(const experiment *e, const affine_data *a, double lip,
                double inverse, const budget_tables *t, size_t point)
{
    size_t d = a->m.d;
    jf_team *team = jf_team_new(1);
    jf_layer *f = affine_new(d, bounded_linear(d, lip, inverse));
    jf_fit_status status;
    double low, high, least, largest;
    double lost =
        fmax(inverse_cost(d, a->m.lambda_sigma, inverse),
             isnan(a->entropy) ? 0 : forward_cost(d, a->entropy, lip));
    real *theta = jf_theta_new(f);

    jf_init(f, theta, jf_const(a->x), e->args.seed, team);
    double at_random = train_affine(a, f, theta, &status, team);
    free_start(a, lip, inverse, theta, e->args.seed, team);
    double nats = train_affine(a, f, theta, &status, team);
    jf_stretch_proved(f, theta, (double)INFINITY, &least, &largest, NULL,
                      (jf_const_matrix){0}, team);
    jf_stretch_measured(f, theta, jf_const(jf_rows(a->x, 0, 1)), &low, &high,
                        NULL, team);
    jf_table_row(t->budget, point,
                 "%s,affine," JF_G "," JF_G ",%lu," JF_G "," JF_G "," JF_G
                 "," JF_G "," JF_G "," JF_G "," JF_G ",0,1,nan," JF_G
                 ",%s,nan," JF_G "," JF_G,
                 a->name, lip, inverse, e->args.seed, nats,
                 clip_value(d, a->m.lambda_sigma, lip, inverse),
                 -a->entropy - lost, high, 1 / low, largest, 1 / least,
                 at_random, jf_fit_status_name(status), largest, 1 / least);
    free(theta);
    jf_layer_free(f);
    jf_team_free(team);
}

void budget_affine(const experiment *e, const affine_data *a, size_t pair,
                   const budget_tables *t, size_t point)
{
    double lip = budgets[pair % BUDGETS], inverse = budgets[pair / BUDGETS];
    if (lip * inverse >= 1)
        run(e, a, lip, inverse, t, point);
}
