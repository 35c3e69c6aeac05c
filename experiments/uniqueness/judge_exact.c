/* judge_exact.c -- verdicts on exact pairs, from their table. */
#include "exact.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_integration.h>

/* Kolmogorov's law. */

static int ascending(const void *a, const void *b)
{
    double u = *(const double *)a, v = *(const double *)b;
    return (u > v) - (u < v);
}

/* The distance of sorted v + shift. */
static double logistic_distance(size_t n, const double *v, double shift)
{
    double worst = 0;
    for (size_t i = 0; i < n; i++) {
        double f = 1 / (1 + exp(-v[i] - shift));
        worst = jf_worse(worst, fabs(f - (double)i / (double)n));
        worst = jf_worse(worst, fabs(f - (double)(i + 1) / (double)n));
    }
    return worst;
}

static double kolmogorov_p(size_t n, double distance)
{
    double root = sqrt((double)n), p = 0;
    double lambda = (root + 0.12 + 0.11 / root) * distance;
    if (!(lambda > 0.2)) /* 1 - p < 1e-12 there */
        return isnan(lambda) ? lambda : 1;
    for (int k = 1; k <= 30; k++)
        p += 2 * (k % 2 ? 1 : -1) * exp(-2 * square(k * lambda));
    return fmin(1, fmax(0, p));
}

logistic_fit logistic_fit_of(size_t n, double *v)
{
    double low = 0, high = 10, share = JF_LEVEL / JF_SHARES;
    qsort(v, n, sizeof *v, ascending);
    double distance = logistic_distance(n, v, 0);
    for (int k = 0; k < 30; k++) {
        double middle = 0.5 * (low + high);
        double p = kolmogorov_p(n, logistic_distance(n, v, middle));
        *(p < share ? &high : &low) = middle;
    }
    /* A location is estimated with variance 3 / n at best. */
    double detectable =
        high + gsl_cdf_ugaussian_Pinv(0.9) * sqrt(3 / (double)n);
    return (logistic_fit){
        distance * sqrt((double)n), kolmogorov_p(n, distance), detectable,
        kolmogorov_p(n, logistic_distance(n, v, 1.5 * detectable))};
}

/* Verdicts. */

static double at(const jf_table *t, size_t point, const char *column)
{
    return jf_table_number(t, point, 0, column);
}

/* The column of flow f or g: "variance" gives variance_f. */
static double of(const jf_table *t, size_t point, const char *column, int of_g)
{
    char name[64];
    snprintf(name, sizeof name, "%s_%s", column, of_g ? "g" : "f");
    return at(t, point, name);
}

static int normal_base(size_t k)
{
    return strcmp(exact_pairs[k].base, "normal") == 0;
}

static void judge_differences(const experiment *e, const jf_table *t)
{
    jf_finding identity = {.expected = 1}, formula = {.expected = 1};
    jf_finding floor = {.measured = (double)INFINITY};
    double broken[2] = {0, 0}, fallen = (double)INFINITY;
    for (size_t k = 0; k < n_exact_pairs; k++) {
        identity.measured =
            jf_worse(identity.measured, at(t, k, "identity_ratio"));
        formula.measured =
            jf_worse(formula.measured, at(t, k, "formula_ratio"));
        broken[0] = jf_worse(broken[0], at(t, k, "identity_broken"));
        broken[1] = jf_worse(broken[1], at(t, k, "formula_broken"));
        if (normal_base(k)) {
            double excess = at(t, k, "least_excess");
            double top = -0.5 * at(t, k, "d") * JF_LOG_2PI;
            floor.measured = -jf_worse(-floor.measured, -excess);
            fallen = -jf_worse(-fallen, -excess - top);
        }
    }
    identity.broken = broken[0] - identity.measured;
    formula.broken = broken[1] - formula.measured;
    floor.broken = fallen - floor.measured;
    jf_judge(e->verdicts,
             &(jf_claim){
                 "C1.1", "ld_f - ld_g = log p_Z(g) - log p_Z(f) at every point",
                 "pairs of exact flows, D = 1 .. 16; 50 central points of each",
                 "ld by five-point differences; largest error over what these "
                 "may err: the change from twice the step, and rounding",
                 JF_IDENTITY, "sign exchanged"},
             JF_AT_MOST, &identity);
    jf_judge(e->verdicts,
             &(jf_claim){
                 "C1.1",
                 "the formulas for log|det| are those of the maps' Jacobians",
                 "50 central points of every pair",
                 "five-point differences; largest error over what these may "
                 "err: the change from twice the step, and rounding",
                 JF_IDENTITY, "|z|^2 for |z|^2/2"},
             JF_AT_MOST, &formula);
    jf_judge(e->verdicts,
             &(jf_claim){"C1.4", "log|det J| >= log p_X + (D/2) log 2 pi",
                         "pairs over N(0 I); 50 central points of each",
                         "ld by five-point differences; least excess, with "
                         "what these may err added",
                         JF_IDENTITY, "(D/2) log 2 pi twice"},
             JF_AT_LEAST, &floor);
}

static void judge_agreement(const experiment *e, const jf_table *t)
{
    jf_finding equal = {.tolerance = 64 * DBL_EPSILON};
    jf_finding differ = {.measured = (double)INFINITY};
    double same = 0, broken = 0, size = 0;
    for (size_t k = 0; k < n_exact_pairs; k++) {
        double sd = at(t, k, "sd_difference");
        if (exact_pairs[k].equal) {
            equal.measured =
                jf_worse(equal.measured, at(t, k, "relative_difference"));
            broken = jf_worse(broken, at(t, k, "relative_difference_broken"));
            same = jf_worse(same, sd);
        } else if (exact_pairs[k].d >= 2)
            differ.measured = -jf_worse(-differ.measured, -sd);
        size = jf_worse(size, at(t, k, "max_difference"));
    }
    equal.broken = broken - equal.measured;
    differ.broken = same - differ.measured;
    differ.tolerance = 64 * DBL_EPSILON * size;
    jf_judge(e->verdicts,
             &(jf_claim){"C1.4",
                         "over a uniform base log|det J| is unique at every "
                         "point",
                         "two exact flows onto the cube, D = 2, 4, 8, 16",
                         "largest difference relative to 1 and its terms; 64 "
                         "eps: a few roundings in each of 16 terms",
                         JF_IDENTITY, "density of the base counted twice"},
             JF_EQUAL, &equal);
    jf_judge(e->verdicts,
             &(jf_claim){
                 "C1.3w",
                 "as worded: the Jacobian determinant is unique for given "
                 "distributions",
                 "base not uniform; D >= 2",
                 "least sd of ld_f - ld_g over the counterexamples, rounding "
                 "64 eps of the largest; certified by "
                 "proofs-check/antitone_maps and variable_orders",
                 JF_WORDING, "uniform base"},
             JF_EQUAL, &differ);
}

/* Means and variances of every flow that is not the identity. */
typedef struct {
    cells mean, bracket, coupling, variance;
} moments;

static void judge_mean(const jf_table *t, size_t k, int of_g, moments *m)
{
    const pair *p = &exact_pairs[k];
    double mean = of(t, k, "mean_log_abs_det", of_g), se = of(t, k, "se", of_g);
    double known = of(t, k, "known_variance", of_g), n = at(t, k, "n");
    double expected = at(t, k, "entropy_difference");
    double wrong = strcmp(p->name, "exponential") == 0 ? 0.5 * (double)p->d : 0;
    if (known > 0)
        se = sqrt(known / n);
    cells_add(&m->mean, (mean - expected) / se, p->name, p->d);
    cells_add_broken(&m->mean, (mean - expected + wrong) / se);
}

/* v in standard errors below ends[0] and above ends[1]; nothing falls below 0.
 */
static size_t between(double v, double cv, const double *ends, double *z)
{
    size_t count = 0;
    z[count++] = variance_score(v, ends[1], cv * ends[1]);
    if (ends[0] > 0)
        z[count++] = -variance_score(v, ends[0], cv * ends[0]);
    return count;
}

static void add_between(cells *c, const pair *p, double v, double cv,
                        const double *ends, const double *wrong)
{
    double z[2];
    for (size_t k = between(v, cv, ends, z); k > 0; k--)
        cells_add(c, z[k - 1], p->name, p->d);
    for (size_t k = between(v, cv, wrong, z); k > 0; k--)
        cells_add_broken(c, z[k - 1]);
}

static void judge_variance(const jf_table *t, size_t k, int of_g, moments *m)
{
    const pair *p = &exact_pairs[k];
    double v = of(t, k, "variance", of_g), n = at(t, k, "n");
    double cv = of(t, k, "se_variance", of_g) / v;
    double known = of(t, k, "known_variance", of_g);
    double fourth = of(t, k, "known_fourth", of_g);
    double root_x = sqrt(at(t, k, "variance_log_density"));
    double base = at(t, k, "variance_log_base"), root_z = sqrt(base);
    double wrong_z = normal_base(k) ? sqrt(2 * base) : root_z;
    double like = at(t, k, "comonotone_variance");
    double opposite = at(t, k, "antitone_variance");
    add_between(&m->bracket, p, v, cv,
                (double[]){square(root_x - root_z), square(root_x + root_z)},
                (double[]){square(root_x - wrong_z), square(root_x + wrong_z)});
    if (strcmp(p->base, "normal") == 0 && strcmp(p->name, "fgm") != 0)
        add_between(&m->coupling, p, v, cv, (double[]){like, opposite},
                    (double[]){opposite, like > 0 ? like : opposite});
    if (!isnan(known)) {
        double se = sqrt(fourth / n + 2 * known * known / (n - 1));
        double sum = square(root_x) + base;
        cells_add(&m->variance, variance_score(v, known, se), p->name, p->d);
        cells_add_broken(&m->variance,
                         variance_score(v, sum, se * sum / known));
    }
}

static void judge_moments(const experiment *e, const jf_table *t)
{
    moments *m = jf_alloc(1, sizeof *m);
    for (size_t k = 0; k < n_exact_pairs; k++)
        for (int of_g = 0; of_g < 2; of_g++)
            if (of(t, k, "variance", of_g) != 0) {
                judge_mean(t, k, of_g, m);
                judge_variance(t, k, of_g, m);
            }
    cells_judge(e,
                &(jf_claim){"C1.2",
                            "E log|det J| = h(Z) - h(X) for every exact flow",
                            "every exact flow but the identity, D = 1 .. 16",
                            "largest error of a mean in standard errors (of "
                            "the exact variance where known); normal law, "
                            "Bonferroni over the flows",
                            JF_STATISTIC, "log 2 pi for log 2 pi e"},
                JF_EQUAL, &m->mean, 1);
    cells_judge(
        e,
        &(jf_claim){"C1.2c", "Var ld lies between (sqrt V_X -+ sqrt V_Z)^2",
                    "every exact flow but the identity, D = 1 .. 16",
                    "V_X and V_Z exact; largest excess in standard errors, "
                    "gamma law of a variance, Bonferroni over both ends",
                    JF_STATISTIC, "V_Z = D over a normal base"},
        JF_AT_MOST, &m->bracket, 1);
    cells_judge(
        e,
        &(jf_claim){"C1.7",
                    "Var ld lies between the comonotone and the antitone "
                    "coupling of log p_X and log p_Z",
                    "X normal or exponential, normal base, D = 2 .. 16",
                    "couplings by quadrature of exact quantiles; largest "
                    "excess in standard errors, gamma law of a variance, "
                    "Bonferroni over both ends",
                    JF_STATISTIC, "antitone for comonotone"},
        JF_AT_MOST, &m->coupling, 1);
    cells_judge(
        e,
        &(jf_claim){"C1.3", "the variances of ld have the values listed there",
                    "inversion, radial, exponential and cube pairs, D >= 2",
                    "largest error in standard errors; gamma law of a "
                    "variance, of exact second and fourth cumulants, "
                    "Bonferroni over the flows",
                    JF_STATISTIC, "V_X + V_Z: log p_X and log p_Z independent"},
        JF_EQUAL, &m->variance, 1);
    free(m);
}

/* The index of a pair. */
static size_t find(const char *name)
{
    return (size_t)(pair_find(name, 2, 0) - exact_pairs);
}

static void judge_inversion(const experiment *e, const jf_table *t)
{
    size_t k = find("inversion");
    double n = at(t, k, "n"), mean = 2 * M_LN2;
    double share = JF_LEVEL / JF_SHARES;
    jf_judge(e->verdicts,
             &(jf_claim){"C1.3a",
                         "ld of the inversion has the standard logistic law",
                         "D = 2, normal base",
                         "sqrt n times the Kolmogorov-Smirnov distance; "
                         "Kolmogorov's law; detectable: a shift",
                         JF_STATISTIC, "exp(|z|^2) for exp(|z|^2/2)"},
             JF_AT_MOST,
             &(jf_finding){.measured = at(t, k, "ks_logistic"),
                           .expected = sqrt(0.5 * log(2 / share)),
                           .law = JF_BY_P,
                           .p = at(t, k, "ks_p"),
                           .detectable = at(t, k, "ks_detectable"),
                           .planted_p = at(t, k, "ks_planted_p"),
                           .broken = at(t, k, "ks_broken_p")});
    jf_judge(
        e->verdicts,
        &(jf_claim){"C1.8",
                    "an exact f and T o f differ by 2 log 2 nats on average",
                    "D = 2, normal base; T the inversion",
                    "mean of |ld_f - ld_Tf|, logistic: variance pi^2/3 - 4 "
                    "log^2 2; normal law",
                    JF_STATISTIC, "exp(|z|^2) for exp(|z|^2/2)"},
        JF_EQUAL,
        &(jf_finding){.measured = at(t, k, "mean_abs_difference"),
                      .expected = mean,
                      .law = JF_BY_ERRORS,
                      .se = sqrt((M_PI * M_PI / 3 - mean * mean) / n),
                      .broken = at(t, k, "mean_abs_broken") -
                                at(t, k, "mean_abs_difference")});
}

/* Exp(1)^2: -A is Gamma(2) and -B Gamma(1), up to a constant. */

/* t (-log F(t)) f(t), F of Gamma(2). */
static double opposed(double t, void *unused)
{
    (void)unused;
    double below = gsl_cdf_gamma_P(t, 2, 1);
    return below > 0 ? -t * log(below) * t * exp(-t) : 0;
}

/* Var (G_2 - log F(G_2)) = 2 + 1 + 2 Cov, by adaptive quadrature over G_2. */
static double antitone_variance(void)
{
    gsl_integration_workspace *w = gsl_integration_workspace_alloc(1000);
    gsl_function f = {opposed, NULL};
    double mean = (double)NAN, error;
    if (w && gsl_integration_qagiu(&f, 0, 1e-12, 1e-11, 1000, w, &mean,
                                   &error) != GSL_SUCCESS)
        mean = (double)NAN;
    gsl_integration_workspace_free(w);
    return 3 - 2 * (mean - 2);
}

static void judge_couplings(const experiment *e, const jf_table *t)
{
    size_t k = find("exponential");
    double like = at(t, k, "comonotone_variance");
    double opposite = at(t, k, "antitone_variance");
    const char *method = "quadrature of exact quantiles over one normal score; "
                         "1e-8: quantiles to 1e-10 in tails of weight 1e-2";
    jf_judge(e->verdicts,
             &(jf_claim){"C1.7",
                         "the polar map of Exp(1)^2 has the least variance of "
                         "all",
                         "D = 2; 2 delta - 1, delta the Gompertz constant",
                         method, JF_IDENTITY, "antitone for comonotone"},
             JF_EQUAL,
             &(jf_finding){.measured = like,
                           .expected = 0.19269472464638814868,
                           .tolerance = 1e-8,
                           .broken = opposite - like});
    jf_judge(e->verdicts,
             &(jf_claim){"C1.7",
                         "no flow of Exp(1)^2 has more variance than the "
                         "antitone coupling",
                         "D = 2; 7 - 2 E[G (-log F(G))], G of law Gamma(2)",
                         method, JF_IDENTITY, "comonotone for antitone"},
             JF_EQUAL,
             &(jf_finding){.measured = opposite,
                           .expected = antitone_variance(),
                           .tolerance = 1e-8,
                           .broken = like - opposite});
    jf_judge(e->verdicts,
             &(jf_claim){"C1.3d", "Var ld of the product map by quadrature",
                         "Exp(1)^2", "quadrature on z; 1e-11, its rounding",
                         JF_IDENTITY, "1.8087288041: digits exchanged"},
             JF_EQUAL,
             &(jf_finding){.measured = of(t, k, "known_variance", 0),
                           .expected = 1.80872880630528,
                           .tolerance = 1e-11,
                           .broken = 1.8087288041 - 1.80872880630528});
    jf_judge(
        e->verdicts,
        &(jf_claim){"C1.3d", "Var ld of the polar map by quadrature",
                    "Exp(1)^2; 2 delta - 1, delta the Gompertz constant",
                    "quadrature on z; 1e-11, its rounding", JF_IDENTITY,
                    "log t for log(1 + t): psi'(2)"},
        JF_EQUAL,
        &(jf_finding){.measured = of(t, k, "known_variance", 1),
                      .expected = 0.19269472464638814868,
                      .tolerance = 1e-11,
                      .broken = M_PI * M_PI / 6 - 1 - 0.19269472464638814868});
}

void judge_exact(const experiment *e, const jf_table *t)
{
    judge_differences(e, t);
    judge_agreement(e, t);
    judge_moments(e, t);
    judge_inversion(e, t);
    judge_couplings(e, t);
}
