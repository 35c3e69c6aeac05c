/* test_shadow.c -- rounding of log q: the bound by one pass backward is that by
 * hand where tails are known, and holds the error along chains that are not. */
#include <gsl/gsl_errno.h>
#include <stdlib.h>

#include "check.h"
#include "jf.h"

enum { D = 4, ROWS = 50 };

static jf_team *team;
static jf_shadow s[ROWS];

static void follow(const jf_layer *f, const jf_latent *q, real size)
{
    jf_matrix x = jf_matrix_new(ROWS, f->d);
    real *theta = jf_theta_new(f);
    jf_fill_normal(x, 3, JF_PURPOSE_USER, 1);
    jf_fill_normal(jf_view(theta, 1, f->module.n_params), 4, JF_PURPOSE_USER,
                   2);
    for (size_t i = 0; i < f->module.n_params; i++)
        theta[i] *= size;
    CHECK(jf_shadow_of(f, q, theta, jf_const(x), s, team) == GSL_SUCCESS);
    free(theta);
    jf_matrix_free(&x);
}

/* z = x diag(w) behind a permutation: the tail of the last layer is the base.
 * With h the rounded w x, d = h - w x: log q errs by (|w x|^2 - |h|^2)/2, to
 * first order by -h . d. */
static void test_by_hand(void)
{
    jf_layer *f = jf_flow_new(D);
    jf_latent normal = jf_normal();
    jf_matrix x = jf_matrix_new(ROWS, D);
    real *theta;
    jf_flow_add(f, jf_reverse(D));
    jf_flow_add(f, jf_diagonal(D));
    theta = jf_theta_new(f);
    jf_fill_normal(x, 3, JF_PURPOSE_USER, 1);
    for (size_t j = 0; j < D; j++)
        theta[j] = R(0.1) * (real)j;
    CHECK(jf_shadow_of(f, &normal, theta, jf_const(x), s, team) == GSL_SUCCESS);
    for (size_t i = 0; i < ROWS; i++) {
        double along = 0, error = 0, moved = 0, ld = 0;
        for (size_t j = 0; j < D; j++) {
            real u = (real)(float)jf_row(x, i)[D - 1 - j];
            real exact = u * (real)exp((double)theta[j]);
            real h = (real)(float)exact;
            double d = (double)(h - exact);
            along += (double)h * d;
            error -= 0.5 * d * (double)(h + exact);
            moved += d * d;
            ld += (double)theta[j];
        }
        ld = (double)(float)ld - ld;
        CHECK_CLOSE(s[i].map, sqrt(moved), 1e-14);
        CHECK_CLOSE(s[i].log_q, error + ld, 1e-14);
        CHECK_CLOSE(s[i].first, ld - along, 1e-14);
        CHECK_CLOSE(s[i].bound, fabs(along) + fabs(ld), 1e-14);
        CHECK(s[i].last == s[i].bound && s[i].where == 2);
    }
    free(theta);
    jf_matrix_free(&x);
    jf_layer_free(f);
}

/* The bound holds, which the last term alone does not, for each base. */
static void test_chains(void)
{
    const jf_latent bases[] = {jf_normal(), jf_logistic(), jf_student(3)};
    for (size_t b = 0; b < 3; b++) {
        double worst = 0, last = 0;
        jf_layer *f = jf_flow_new(D), *inner = jf_flow_new(D);
        jf_flow_add(f, jf_actnorm(D));
        for (size_t k = 0; k < 6; k++) {
            jf_mlp_options net = {2, 4, 9, 1, JF_TANH, 0, 0};
            jf_flow_add(inner, jf_coupling(D, 2, k % 2 ? JF_LOWER : JF_UPPER,
                                           jf_map_clamp(1), jf_mlp(&net)));
        }
        jf_flow_add(f, inner); /* whose layers count one by one */
        jf_flow_add(f, jf_plu(D, 1));
        follow(f, &bases[b], R(0.5));
        for (size_t i = 0; i < ROWS; i++) {
            double rest = 8 * 8 * DBL_EPSILON;
            worst = jf_worse(worst, fabs(s[i].log_q) / (s[i].bound + rest));
            last = jf_worse(last, fabs(s[i].log_q) / (s[i].last + rest));
            CHECK_CLOSE(s[i].first, s[i].log_q, 0.05 * s[i].bound + rest);
            CHECK(s[i].where >= 1 && s[i].where <= 8);
            CHECK(s[i].most >= s[i].bound / 8 && s[i].most <= s[i].bound);
            CHECK(s[i].most >= s[i].last && s[i].map <= s[i].off * 2);
        }
        CHECK(worst <= 1.05);
#ifdef JF_SINGLE
        for (size_t i = 0; i < ROWS; i++)
            CHECK(s[i].map == 0 && s[i].off == 0);
#else
        CHECK(worst > 0.1 && last > 1.05);
#endif
        jf_layer_free(f);
    }
}

static void test_bad(void)
{
    jf_layer *f = jf_flow_new(D);
    jf_latent normal = jf_normal();
    jf_matrix x = jf_matrix_new(ROWS, D + 1);
    real none = 0;
    CHECK(jf_shadow_of(f, &normal, &none, jf_const(x), s, team) == GSL_EBADLEN);
    jf_matrix_free(&x);
    follow(f, &normal, 1); /* the identity */
    for (size_t i = 0; i < ROWS; i++)
        CHECK(s[i].log_q == 0 && s[i].bound == 0 && s[i].where == 0);
    jf_layer_free(f);
}

int main(void)
{
    team = jf_team_new(1);
    test_by_hand();
    test_chains();
    test_bad();
    jf_team_free(team);
    return check_end();
}
