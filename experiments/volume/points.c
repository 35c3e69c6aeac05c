/* points.c -- claims about volume that need one number each.
 *
 * C4.3 and C4.4: polygons, shapes, a determinant that a harmonic function
 * hides.  C5.2: the profile form of the likelihood.  C5.4: readings of "the
 * determinant is maximised" that are false. */
#include "volume.h"

#include <math.h>
#include <string.h>

#include <gsl/gsl_min.h>

/* A closed map as a probe; the caller frees. */
static probe probe_new(const closed_map *m)
{
    return (probe){m->make(m->d), NULL, jf_team_new(1)};
}

static void probe_free(probe *p)
{
    jf_team_free(p->team);
    jf_layer_free((jf_layer *)p->f);
}

static const closed_map *map_named(const char *name)
{
    for (size_t k = 0; k < CLOSED_MAPS; k++)
        if (strcmp(closed_maps[k].name, name) == 0)
            return &closed_maps[k];
    jf_fail(1, "volume: no map %s", name);
}

/* The error of an n-gon falls by 4 when n doubles; the next order is (2 pi /
 * n)^2 of it. */
static void polygon(const experiment *e, finding *f)
{
    const closed_map *m = &closed_maps[WAVE];
    probe p = probe_new(m);
    double is = m->ratio(2, m->x0, 0.5);
    (void)e;
    f->d = 2;
    f->n = 64;
    f->measured = (volume_polygon(&p, m->x0, 0.5, 64) - is) /
                  (volume_polygon(&p, m->x0, 0.5, 128) - is);
    f->expected = 4;
    probe_free(&p);
}

static void harmonic(const experiment *e, finding *f)
{
    const closed_map *m = map_named("harmonic");
    probe p = probe_new(m);
    (void)e;
    f->d = 2;
    for (int k = 0; k < 6; k++)
        f->measured = jf_worse(
            f->measured, fabs(volume_contour(&p, m->x0, ldexp(1, -k), 512) /
                                  exp(probe_log_abs_det(&p, m->x0)) -
                              1));
    probe_free(&p);
}

/* Singular values of [1 tau; 0 1] against exp(+-asinh(tau/2)). */
static void shape(const experiment *e, finding *f)
{
    (void)e;
    f->d = 2;
    for (int k = -4; k <= 6; k++) {
        double tau = ldexp(1, k), a[4] = {1, tau, 0, 1}, sigma[2];
        int failed = jf_singular_values(2, 2, a, sigma) != GSL_SUCCESS;
        double expected = exp(asinh(tau / 2));
        f->measured = jf_worse(
            f->measured, failed ? (double)NAN : fabs(sigma[0] / expected - 1));
        f->measured = jf_worse(f->measured, fabs(sigma[1] * expected - 1));
    }
}

/* C5.2.  A flow of R^2 that is not fitted: weights drawn, on 2000 points of the
 * banana. */
enum { ROWS = 2000 };

typedef struct {
    jf_matrix z;
    double mean_ld;
} image;

static image image_of(const experiment *e, size_t a, unsigned long name)
{
    jf_layer *f = nonlinear_new(&architectures[a], 2);
    jf_team *team = jf_team_new(1);
    image out = {jf_matrix_new(ROWS, 2), 0};
    double ld[ROWS];
    real *theta = jf_theta_new(f);
    gsl_rng *rng = stream(e, name);

    jf_toy_fill(jf_toy_find("banana"), out.z, e->args.seed);
    jf_init(f, theta, jf_const(out.z), e->args.seed, team);
    for (size_t i = 0; i < f->module.n_params; i++)
        theta[i] += (real)(0.1 * jf_stream_normal(rng, 1));
    if (jf_forward(f, theta, out.z, ld, team) != GSL_SUCCESS)
        ld[0] = (double)NAN;
    for (size_t i = 0; i < ROWS; i++)
        out.mean_ld += ld[i] / ROWS;
    gsl_rng_free(rng);
    free(theta);
    jf_team_free(team);
    jf_layer_free(f);
    return out;
}

static double mean_square(jf_matrix z)
{
    double sum = 0;
    for (size_t i = 0; i < z.rows; i++)
        sum += square(jf_norm(z.cols, jf_row(z, i))) / (double)z.rows;
    return sum;
}

/* -LL(c f) for c = exp(t). */
typedef struct {
    double square, mean_ld;
} scaled;

static double minus_likelihood(double t, void *arg)
{
    const scaled *s = arg;
    return JF_LOG_2PI + 0.5 * exp(2 * t) * s->square - s->mean_ld - 2 * t;
}

static void profile_scale(const experiment *e, finding *f)
{
    f->d = 2;
    f->n = ROWS;
    for (size_t a = 0; a < ARCHITECTURES; a++) {
        image m = image_of(e, a, 560 + a);
        scaled s = {mean_square(m.z), m.mean_ld};
        gsl_function g = {minus_likelihood, &s};
        gsl_min_fminimizer *min =
            gsl_min_fminimizer_alloc(gsl_min_fminimizer_brent);
        gsl_min_fminimizer_set(min, &g, 0.1, -20, 20);
        for (int i = 0; i < 100; i++)
            gsl_min_fminimizer_iterate(min);
        double best = -gsl_min_fminimizer_f_minimum(min);
        double formula = -(JF_LOG_2PI + 1) + s.mean_ld - log(s.square / 2);
        f->measured = jf_worse(f->measured, fabs(best - formula));
        gsl_min_fminimizer_free(min);
        jf_matrix_free(&m.z);
    }
}

/* The likelihood after whitening by z -> L^-1 (z - mean), evaluated as such. */
static void profile_affine(const experiment *e, finding *f)
{
    f->d = 2;
    f->n = ROWS;
    for (size_t a = 0; a < ARCHITECTURES; a++) {
        image m = image_of(e, a, 570 + a);
        jf_team *team = jf_team_new(1);
        jf_moments s;
        if (jf_moments_of(jf_const(m.z), &s, team) != GSL_SUCCESS)
            jf_fail(1, "volume: eigenvalues did not converge");
        double l[4], sum = 0;
        memcpy(l, s.sigma, sizeof l);
        if (jf_cholesky(2, l) != GSL_SUCCESS)
            l[0] = (double)NAN;
        for (size_t i = 0; i < ROWS; i++) {
            double u = ((double)jf_row(m.z, i)[0] - s.mean[0]) / l[0];
            double v =
                ((double)jf_row(m.z, i)[1] - s.mean[1] - l[2] * u) / l[3];
            sum -= 0.5 * (u * u + v * v) / ROWS;
        }
        double is = -JF_LOG_2PI + sum + m.mean_ld - log(l[0] * l[3]);
        double formula = -(JF_LOG_2PI + 1) + m.mean_ld - 0.5 * s.log_det_sigma;
        f->measured = jf_worse(f->measured, fabs(is - formula));
        jf_moments_free(&s);
        jf_team_free(team);
        jf_matrix_free(&m.z);
    }
}

/* E|Z'|^2/D of an exact flow on fresh points: the FGM copula's triangular map
 * would do; any exact flow has N(0, I) as its image, here by the inversion. */
static void fresh_moment(const experiment *e, finding *f)
{
    size_t n = by_profile(e, 20000, 200000, 2000000);
    jf_matrix z = jf_matrix_new(n, 2);
    jf_layer *layer = jf_inversion(2);
    jf_team *team = jf_team_new(1);
    double *ld = jf_alloc(n, sizeof *ld);
    jf_fill_normal(z, e->args.seed, JF_PURPOSE_USER + 510, 0);
    if (jf_forward(layer, NULL, z, ld, team) != GSL_SUCCESS)
        ld[0] = (double)NAN;
    f->d = 2;
    f->n = n;
    f->measured = mean_square(z) / 2 + 0 * ld[0];
    f->expected = 1;
    f->se = sqrt(2 / (2 * (double)n)); /* sqrt(2 / (n D)), not the sample's */
    free(ld);
    jf_team_free(team);
    jf_layer_free(layer);
    jf_matrix_free(&z);
}

/* C5.4.  The pointwise reading: the identity and the inversion are exact flows
 * of N(0, I) to itself; near 0 one has the larger |det|, far away the other, so
 * that none has the largest everywhere.  The smaller of the two leads. */
static void pointwise(const experiment *e, finding *f)
{
    static const double near[2] = {0.3, 0}, far[2] = {2, 0};
    probe p = probe_new(map_named("inversion"));
    (void)e;
    f->d = 2;
    f->measured =
        fmin(probe_log_abs_det(&p, near), -probe_log_abs_det(&p, far));
    probe_free(&p);
}

/* E min(|det J_T|, c) of the inversion is log(1 + c): it grows without end,
 * while the identity, of the same likelihood, has 1. */
static double *capped(const experiment *e, double cap, size_t n)
{
    gsl_rng *rng = stream(e, 580);
    jf_layer *layer = jf_inversion(2);
    double *value = jf_alloc(n, sizeof *value);
    for (size_t i = 0; i < n; i++) {
        double ld = 0;
        real z[2] = {(real)jf_stream_normal(rng, 1),
                     (real)jf_stream_normal(rng, 1)};
        if (layer->ops->forward(layer, (jf_weights){NULL, NULL},
                                jf_view(z, 1, 2), &ld, NULL) != GSL_SUCCESS)
            ld = (double)NAN;
        value[i] = ld < log(cap) ? exp(ld) : cap;
    }
    jf_layer_free(layer);
    gsl_rng_free(rng);
    return value;
}

static void mean_det(const experiment *e, finding *f)
{
    size_t n = by_profile(e, 100000, 1000000, 10000000);
    f->d = 2;
    find_mean(f, n, capped(e, 1000, n));
    f->expected = log1p(1000.0);
}

static void mean_det_worded(const experiment *e, finding *f)
{
    mean_det(e, f);
    f->expected = 1;
}

#define C(id, statement, hypotheses, method)                                   \
    {                                                                          \
        id, statement, hypotheses, method                                      \
    }

static const check checks[] = {
    {C("C4.3", "the polygon's error falls by 4 when its corners double",
       "(e^x cos y, e^x sin y), r = 1/2, 64 and 128 corners",
       "ratio of errors; the next order is 4 (2 pi / 64)^2"),
     "polygon", JF_EQUAL, 0.0386, polygon},
    {C("C4.4", "the ratio is j(centre) at every r although j is not constant",
       "(x + x^2/4, y), j harmonic",
       "largest relative deviation, r = 1 .. 1/32"),
     "harmonic", JF_EQUAL, 1e-13, harmonic},
    {C("C4.4",
       "a shear of determinant 1 has singular values exp(+-asinh(tau/2))",
       "tau = 1/16 .. 64", "largest relative deviation; 64 x rounding"),
     "shape", JF_EQUAL, 1e-13, shape},
    {C("C5.2",
       "max_c LL(c f) = -(d/2) log(2 pi e) + E log|det| - (d/2) log(E|f|^2/d)",
       "any f: eight architectures with random weights",
       "largest deviation of Brent's minimum"),
     "profile by scale", JF_EQUAL, 1e-10, profile_scale},
    {C("C5.2",
       "max over A, b of LL(A f + b) = -(d/2) log(2 pi e) + E log|det| - 1/2 "
       "log det Cov f",
       "any f: eight architectures with random weights",
       "largest deviation of the whitened likelihood"),
     "profile by matrix", JF_EQUAL, 1e-10, profile_affine},
    {C("C5.3", "E|f|^2/d = 1 on fresh points of an exact flow",
       "inversion of the Gaussian plane", "mean; 5 sqrt(2/(n d))"),
     "fresh moment", JF_EQUAL, 0, fresh_moment},
    {C("C5.4",
       "E min(|det J|, 1000) = log 1001 for the inversion: E|det| is "
       "infinite",
       "D = 2, N(0, I); same likelihood as the identity, where it is 1",
       "mean"),
     "E|det|", JF_EQUAL, 0, mean_det},
    {C("C5.4aw",
       "as worded: an optimal flow has the largest determinant at "
       "every point",
       "pointwise reading; exact flows identity and inversion of N(0, I)",
       "the lead in log|det| of the inversion at (.3, 0) and of the identity "
       "at "
       "(2, 0), the smaller one; certified by proofs-check/antitone_maps"),
     "pointwise", JF_AT_MOST, 1e-10, pointwise},
    {C("C5.4bw", "as worded: optimal flows share the maximum of E|det J|",
       "inversion and identity of N(0, I), D = 2",
       "E min(|det|, 1000) of the inversion against 1"),
     "E|det| as worded", JF_EQUAL, 0, mean_det_worded},
};

const check_list list_volume = {checks, sizeof checks / sizeof *checks};
