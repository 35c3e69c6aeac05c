/* shadow.c -- a flow may lose its point and keep its density (C6.9).
 *
 * d = 4.  A layer turns the first pair by 2 |z_12|^2, then the planes (1, 3),
 * (2, 4), (1, 4) by fixed angles: area and radius are kept, so that the tail of
 * every layer is N(0, I), log|det| = 0 and log q(x) = log p_Z(x) is known.
 * Each layer is computed in double and rounded to float: d_k, its error, is
 * known but for 1e-16.  The computed log q errs by exactly sum_k (|h_k - d_k|^2
 * - |h_k|^2) / 2, at most sum_k (|h_k| + |d_k|) |d_k|.
 * Writes    lipschitz-shadow.csv: errors of the map, over |x|, and of log q,
 *           and that bound, in roundings u, by layers. */
#include "lipschitz.h"

#include <float.h>
#include <math.h>

enum { D = 4, DEPTH = 200, STARTS = 24, LOST = 64 };
#define TWIST 2.0
#define U ((double)FLT_EPSILON / 2)

static void turn(double *z, size_t i, size_t j, double angle)
{
    double c = cos(angle), s = sin(angle), x = z[i];
    z[i] = c * x - s * z[j];
    z[j] = s * x + c * z[j];
}

/* twist 0 leaves an isometry. */
static void layer(double *z, double twist)
{
    turn(z, 0, 1, twist * (z[0] * z[0] + z[1] * z[1]));
    turn(z, 0, 2, atan2(4, 3));
    turn(z, 1, 3, atan2(12, 5));
    turn(z, 0, 3, atan2(15, 8));
}

typedef struct {
    double map, log_q;  /* errors: of the map over |x|; of log q */
    double bound, last; /* of all layers; of the last alone */
} shadow;

/* s (DEPTH): after each layer, from a random start. */
static void follow(const experiment *e, size_t start, double twist, shadow *s)
{
    gsl_rng *rng = stream(e, 640 + start);
    double x[D], exact[D], h[D], size = 0, sum = 0;
    for (size_t i = 0; i < D; i++) {
        exact[i] = h[i] = x[i] = (double)(float)jf_stream_normal(rng, 1);
        size += square(x[i]);
    }
    for (size_t k = 0; k < DEPTH; k++) {
        double gap = 0, moved = 0, radius = 0, log_q = 0;
        layer(exact, twist);
        layer(h, twist);
        for (size_t i = 0; i < D; i++) {
            double before = h[i];
            h[i] = (double)(float)before;
            moved += square(h[i] - before);
            radius += square(h[i]);
            gap += square(h[i] - exact[i]);
            log_q += 0.5 * (x[i] - h[i]) * (x[i] + h[i]);
        }
        double last = (sqrt(radius) + sqrt(moved)) * sqrt(moved);
        sum += last;
        s[k] = (shadow){sqrt(gap / size), fabs(log_q), sum, last};
    }
    gsl_rng_free(rng);
}

/* The worst ratio over depths and starts; broken: the last layer alone. */
static void kept(const experiment *e, finding *f)
{
    shadow s[DEPTH];
    double wrong = 0;
    f->d = D;
    f->n = STARTS;
    for (size_t i = 0; i < STARTS; i++) {
        follow(e, i, TWIST, s);
        for (size_t k = 0; k < DEPTH; k++) {
            f->measured = jf_worse(f->measured, s[k].log_q / s[k].bound);
            wrong = jf_worse(wrong, s[k].log_q / s[k].last);
        }
    }
    f->expected = 1;
    f->broken = wrong - f->measured;
}

/* Decades by which the map's largest error after LOST layers exceeds the
 * largest bound for log q. */
static double decades(const experiment *e, double twist)
{
    shadow s[DEPTH];
    double map = 0, log_q = 0;
    for (size_t i = 0; i < STARTS; i++) {
        follow(e, i, twist, s);
        map = jf_worse(map, s[LOST - 1].map);
        log_q = jf_worse(log_q, s[LOST - 1].bound);
    }
    return log10(map / log_q);
}

static void lost(const experiment *e, finding *f)
{
    f->d = D;
    f->n = STARTS;
    f->measured = decades(e, TWIST);
    f->broken = decades(e, 0) - f->measured;
}

#define CHAIN                                                                  \
    "d = 4, layers that keep N(0, I), rounded to float; 24 random starts"

static const check checks[] = {
    {{"C6.9",
      "log q errs by at most sum_k (|h_k| + |d_k|) |d_k| in every depth to 200",
      CHAIN, "largest ratio; layers in double add 1e-7 of it", JF_IDENTITY,
      "the last layer's rounding alone"},
     "density kept",
     JF_AT_MOST,
     64 * (double)DBL_EPSILON / U,
     kept},
    {{"C6.9", "while the map errs by more than the bound of log q", CHAIN,
      "decades between the largest of both after 64 layers, against 0",
      JF_IDENTITY, "isometries, whose errors add up"},
     "map lost",
     JF_AT_LEAST,
     0,
     lost},
};

const check_list list_chains = {checks, sizeof checks / sizeof *checks};

void lipschitz_shadow(experiment *e)
{
    static const size_t depths[] = {1, 4, 8, 16, 32, 64, 200};
    jf_table *out = jf_table_new(&e->args, "lipschitz-shadow",
                                 "layers,start,map_error_u,log_q_error_u,"
                                 "bound_u",
                                 STARTS);
    for (size_t p = 0; p < STARTS; p++) {
        shadow s[DEPTH];
        if (jf_table_has(out, p))
            continue;
        follow(e, p, TWIST, s);
        for (size_t k = 0; k < sizeof depths / sizeof *depths; k++) {
            const shadow *at = &s[depths[k] - 1];
            jf_table_row(out, p, "%zu,%zu," JF_G "," JF_G "," JF_G, depths[k],
                         p, at->map / U, at->log_q / U, at->bound / U);
        }
        jf_table_finish(out, p);
    }
    jf_table_close(out);
}
