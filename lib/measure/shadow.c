/* shadow.c -- a pass that is rounded, one that is not, and one backward. */
#include "measure/shadow.h"

#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "layer/pass.h"
#include "train/store.h"

/* The layers, and what the rounded pass leaves: h[k] (n, d) behind layer k,
 * d[k] what rounding it moved, e (K, n). */
typedef struct {
    const jf_layer *f;
    const real *theta;
    size_t n, depth;
    jf_part *part;
    jf_matrix *h, *d;
    double *e, *ld, *exact_ld, *one, *log_q;
    jf_matrix exact, s, copy;
    real *unused; /* a gradient of theta */
} passes;

static int passes_new(passes *p, const jf_layer *f, const real *theta, size_t n)
{
    size_t depth = jf_flow_leaves(f, NULL);
    *p = (passes){.f = f, .theta = theta, .n = n, .depth = depth};
    JF_TRY_MEMORY(p->part = jf_alloc(depth, sizeof *p->part));
    JF_TRY_MEMORY(p->h = jf_alloc(2 * (depth + 1), sizeof *p->h));
    p->d = p->h + depth + 1;
    for (size_t k = 0; k < 2 * (depth + 1); k++)
        JF_TRY_MEMORY((p->h[k] = jf_matrix_new(n, f->d)).data);
    JF_TRY_MEMORY((p->exact = jf_matrix_new(n, f->d)).data);
    JF_TRY_MEMORY((p->s = jf_matrix_new(n, f->d)).data);
    JF_TRY_MEMORY((p->copy = jf_matrix_new(n, f->d)).data);
    JF_TRY_MEMORY(p->unused = jf_theta_new(f));
    JF_TRY_MEMORY(p->e = jf_alloc((depth + 4) * n, sizeof *p->e));
    p->ld = p->e + depth * n;
    p->exact_ld = p->ld + n;
    p->one = p->exact_ld + n;
    p->log_q = p->one + n;
    jf_flow_leaves(f, p->part);
    return GSL_SUCCESS;
}

static void passes_free(passes *p)
{
    for (size_t k = 0; p->h && k < 2 * (p->depth + 1); k++)
        jf_matrix_free(&p->h[k]);
    jf_matrix_free(&p->exact);
    jf_matrix_free(&p->s);
    jf_matrix_free(&p->copy);
    free(p->unused);
    free(p->part);
    free(p->h);
    free(p->e);
}

/* h := h in float; d, unless NULL := what that moved. */
static void round_rows(jf_matrix h, jf_matrix *d)
{
    for (size_t i = 0; i < h.rows; i++)
        for (size_t j = 0; j < h.cols; j++) {
            real *v = &jf_row(h, i)[j], before = *v;
            *v = (real)(float)before;
            if (d)
                jf_row(*d, i)[j] = *v - before;
        }
}

/* The rounded pass and the exact one, and of each row the error of the sum of
 * log-determinants in log_q. */
static int forward(passes *p, jf_shadow *out, jf_team *team)
{
    for (size_t k = 0; k < p->depth; k++) {
        const real *theta = p->theta + p->part[k].first;
        const jf_layer *layer = p->part[k].layer;
        jf_matrix h = p->h[k + 1];
        jf_matrix_copy(h, jf_const(p->h[k]));
        JF_TRY(jf_forward(layer, theta, h, p->ld, team));
        JF_TRY(jf_forward(layer, theta, p->exact, p->exact_ld, team));
        round_rows(h, &p->d[k + 1]);
        for (size_t i = 0; i < p->n; i++) {
            double ld = (double)(float)p->ld[i];
            p->e[k * p->n + i] = ld - p->ld[i];
            out[i].log_q += ld - p->exact_ld[i];
            for (size_t j = 0; j < h.cols; j++) {
                double off = fabs((double)jf_row(h, i)[j] -
                                  (double)jf_row(p->exact, i)[j]);
                if (!(off <= out[i].off))
                    out[i].off = off;
            }
        }
    }
    return GSL_SUCCESS;
}

/* The errors at the end; s := the gradient of log q at z. */
static void compare(passes *p, const jf_latent *q, jf_shadow *out)
{
    jf_matrix z = p->h[p->depth];
    q->log_density(q, jf_const(z), p->ld, 1, p->s);
    q->log_density(q, jf_const(p->exact), p->exact_ld, 0, (jf_matrix){0});
    for (size_t i = 0; i < p->n; i++) {
        double sum = 0;
        for (size_t j = 0; j < z.cols; j++) {
            double gap =
                (double)jf_row(z, i)[j] - (double)jf_row(p->exact, i)[j];
            sum += gap * gap;
        }
        out[i].map = sqrt(sum);
        out[i].log_q += p->ld[i] - p->exact_ld[i];
    }
}

static void add_terms(const passes *p, size_t k, jf_shadow *out)
{
    for (size_t i = 0; i < p->n; i++) {
        double along = 0;
        for (size_t j = 0; j < p->s.cols; j++)
            along += (double)jf_row(p->s, i)[j] * (double)jf_row(p->d[k], i)[j];
        double e = p->e[(k - 1) * p->n + i], term = fabs(along) + fabs(e);
        out[i].first += along + e;
        out[i].bound += term;
        if (k == p->depth)
            out[i].last = term;
        if (!(term <= out[i].most)) {
            out[i].most = term;
            out[i].where = k;
        }
    }
}

/* One pass backward, layer by layer. */
static int backward(passes *p, jf_shadow *out, jf_team *team)
{
    for (size_t i = 0; i < p->n; i++)
        p->one[i] = 1;
    for (size_t k = p->depth; k > 0; k--) {
        jf_part part = p->part[k - 1];
        add_terms(p, k, out);
        jf_matrix_copy(p->copy, jf_const(p->h[k - 1]));
        JF_TRY(jf_vjp(part.layer, p->theta + part.first, p->copy, p->s, p->one,
                      p->unused, JF_TAPE_FULL, team));
    }
    return GSL_SUCCESS;
}

static int follow(passes *p, const jf_latent *q, jf_const_matrix x,
                  jf_shadow *out, jf_team *team)
{
    jf_matrix_copy(p->h[0], x);
    round_rows(p->h[0], NULL);
    jf_matrix_copy(p->exact, jf_const(p->h[0]));
    for (size_t i = 0; i < p->n; i++)
        out[i] = (jf_shadow){.most = -1};
    JF_TRY(forward(p, out, team));
    compare(p, q, out);
    return backward(p, out, team);
}

int jf_shadow_of(const jf_layer *f, const jf_latent *q, const real *theta,
                 jf_const_matrix x, jf_shadow *out, jf_team *team)
{
    passes p;
    JF_TRY(jf_check_columns(f, x));
    int status = passes_new(&p, f, theta, x.rows);
    if (status == GSL_SUCCESS)
        status = follow(&p, q, x, out, team);
    passes_free(&p);
    return status;
}
