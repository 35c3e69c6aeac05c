/* curve.c -- the best map of two modes by budget, exactly.
 *
 * Question  Two normal laws of width 1/2 at +-2 force M = s exp(a^2/2s^2) =
 *           1490 on an exact flow (C6.6).  What does a smaller M cost, and what
 *           a smaller L beside it?
 * Method    The convex program of common/lipschitz_program.c on a grid of M
 *           without L, and on a plane of both: maps whose KL is exact.
 * Writes    lipschitz-curve.csv: kl_nats of the best map of the line; of the
 *           best affine one (clip_kl_nats); universal_kl_nats: what no flow of
 *           any dimension beats, by M alone (C6.5ii); gap_kl_nats: -log(2
 *           Phi(-d/M)) for two parts at distance 2d, here of the intervals at
 *           distance 1, whose best map has intervals_kl_nats. */
#include "lipschitz.h"

#include <math.h>

#include <gsl/gsl_cdf.h>

#define MODE 2.0
#define WIDTH 0.5
enum { CURVE = 40, SIDE = 25, PLANE = SIDE * SIDE };

/* KL of the best affine map: the mixture's entropy by the same midpoints. */
static double affine_kl(double lip, double inverse)
{
    double lambda = MODE * MODE + WIDTH * WIDTH, entropy = 0, h = 11.0 / 20000;
    for (size_t i = 0; i < 20000; i++) {
        double x = -5.5 + ((double)i + 0.5) * h;
        double p = (exp(-2 * (x - MODE) * (x - MODE)) +
                    exp(-2 * (x + MODE) * (x + MODE))) /
                   sqrt(2 * M_PI) / (2 * WIDTH);
        entropy -= p > 0 ? p * log(p) * h : 0;
    }
    double s = fmin(fmax(1 / sqrt(lambda), 1 / inverse), lip);
    return -entropy + 0.5 * JF_LOG_2PI + 0.5 * s * s * lambda - log(s);
}

static void row(const experiment *e, jf_table *out, size_t point, double lip,
                double inverse, const char *part)
{
    int on_curve = isinf(lip);
    size_t cells = on_curve ? by_profile(e, 1000, 8000, 20000)
                            : by_profile(e, 200, 2000, 8000);
    double lambda = MODE * MODE + WIDTH * WIDTH;
    jf_table_row(
        out, point,
        "%s," JF_G "," JF_G "," JF_G "," JF_G "," JF_G "," JF_G "," JF_G, part,
        lip, inverse,
        best_on_line((line_law){MODE, WIDTH}, inverse, lip, cells),
        affine_kl(lip, inverse), inverse_cost(1, &lambda, inverse),
        on_curve ? -log(2 * gsl_cdf_ugaussian_P(-0.5 / inverse)) : (double)NAN,
        on_curve ? best_on_intervals(0.5, inverse, cells) : (double)NAN);
}

void lipschitz_curve(experiment *e)
{
    size_t points = CURVE + PLANE, done = 0;
    jf_table *out =
        jf_table_new(&e->args, "lipschitz-curve",
                     "part,lip_budget,inverse_budget,kl_nats,clip_kl_nats,"
                     "universal_kl_nats,gap_kl_nats,intervals_kl_nats",
                     points);

#pragma omp parallel for schedule(dynamic, 1) num_threads((int)e->team->threads)
    for (size_t p = 0; p < points; p++) {
        if (!jf_table_has(out, p)) {
            if (p < CURVE) {
                row(e, out, p, (double)INFINITY,
                    0.5 * pow(2e4, (double)p / (CURVE - 1)), "curve");
            } else {
                double lip =
                    0.25 * pow(64, (double)((p - CURVE) % SIDE) / (SIDE - 1));
                double inverse =
                    0.5 * pow(512, (double)((p - CURVE) / SIDE) / (SIDE - 1));
                if (lip * inverse > 1.001)
                    row(e, out, p, lip, inverse, "plane");
            }
            jf_table_finish(out, p);
        }
#pragma omp critical(lipschitz_curve)
        jf_progress(&e->args, "curves", ++done, points);
    }
    jf_table_close(out);
}
