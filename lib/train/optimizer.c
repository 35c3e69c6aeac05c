/* optimizer.c -- elementwise updates over lanes of parameters.
 *
 * Every entry is updated by IEEE operations alone, without contraction, so the
 * result depends neither on the vector length nor on the lanes. */
#include "train/optimizer.h"

#include <math.h>

#include <gsl/gsl_math.h>

#include "base/clones.h"

#ifdef JF_SINGLE
#define SQRT sqrtf
#define FABS fabsf
#else
#define SQRT sqrt
#define FABS fabs
#endif

enum { LANE = 1 << 14 }; /* entries that are worth a thread */

JF_CLONES static void descend(size_t n, real rate, real scale,
                              real *restrict theta, const real *restrict grad)
{
#pragma omp simd
    for (size_t i = 0; i < n; i++)
        theta[i] -= rate * (scale * grad[i]);
}

JF_CLONES static void roll(size_t n, real rate, real scale, real momentum,
                           real *restrict theta, real *restrict v,
                           const real *restrict grad)
{
#pragma omp simd
    for (size_t i = 0; i < n; i++) {
        v[i] = momentum * v[i] + scale * grad[i];
        theta[i] -= rate * v[i];
    }
}

static void sgd_update(const jf_optimizer *self, size_t step, double rate,
                       double scale, size_t n, size_t first, size_t count,
                       real *theta, real *state, const real *grad)
{
    (void)self, (void)step, (void)n, (void)state;
    descend(count, (real)rate, (real)scale, theta + first, grad + first);
}

static void momentum_update(const jf_optimizer *self, size_t step, double rate,
                            double scale, size_t n, size_t first, size_t count,
                            real *theta, real *state, const real *grad)
{
    (void)step, (void)n;
    roll(count, (real)rate, (real)scale, (real)self->momentum, theta + first,
         state + first, grad + first);
}

/* The constants of one Adam step.  With c_k = 1 - beta_k^t the step is
 * rate (m / c_1) / (sqrt(v / c_2) + delta). */
typedef struct {
    real scale, beta1, beta2, new1, new2; /* new_k = 1 - beta_k */
    real rate, root, delta, keep;         /* rate / c_1, c_2^(-1/2) */
} adam_constants;

/* A parameter whose gradient stays zero (a dead unit) would let m decay into
 * subnormal numbers, on which processors are a hundred times slower. */
#ifdef JF_SINGLE
#define TINY FLT_MIN
#else
#define TINY DBL_MIN
#endif

JF_CLONES static void adapt(size_t n, adam_constants c, real *restrict theta,
                            real *restrict m, real *restrict v,
                            const real *restrict grad)
{
#pragma omp simd
    for (size_t i = 0; i < n; i++) {
        real g = c.scale * grad[i];
        real mean = c.beta1 * m[i] + c.new1 * g;
        real square = c.beta2 * v[i] + c.new2 * (g * g);
        m[i] = FABS(mean) < TINY ? 0 : mean;
        v[i] = square < TINY ? 0 : square;
        theta[i] = c.keep * theta[i] -
                   c.rate * mean / (SQRT(square) * c.root + c.delta);
    }
}

/* expm1 keeps the digits of 1 - beta^t for small t. */
static void adam_update(const jf_optimizer *self, size_t step, double rate,
                        double scale, size_t n, size_t first, size_t count,
                        real *theta, real *state, const real *grad)
{
    double t = (double)step;
    double c1 = -expm1(t * log(self->beta1));
    double c2 = -expm1(t * log(self->beta2));
    adam_constants c = {.scale = (real)scale,
                        .beta1 = (real)self->beta1,
                        .beta2 = (real)self->beta2,
                        .new1 = (real)(1.0 - self->beta1),
                        .new2 = (real)(1.0 - self->beta2),
                        .rate = (real)(rate / c1),
                        .root = (real)(1.0 / sqrt(c2)),
                        .delta = (real)self->delta,
                        .keep = (real)(1.0 - rate * self->decay)};
    adapt(count, c, theta + first, state + first, state + n + first,
          grad + first);
}

static const jf_optimizer_ops sgd = {"sgd", 0, sgd_update};
static const jf_optimizer_ops momentum_sgd = {"momentum", 1, momentum_update};
static const jf_optimizer_ops adam = {"adam", 2, adam_update};

jf_optimizer jf_sgd(double momentum)
{
    return (jf_optimizer){.ops = momentum != 0 ? &momentum_sgd : &sgd,
                          .momentum = momentum};
}

jf_optimizer jf_adam(double decay)
{
    return (jf_optimizer){.ops = &adam,
                          .beta1 = 0.9,
                          .beta2 = 0.999,
                          .delta = 1e-8,
                          .decay = decay};
}

size_t jf_optimizer_state(const jf_optimizer *o, size_t n)
{
    return o->ops->n_state * n;
}

struct update {
    const jf_optimizer *o;
    size_t step, n;
    double rate, scale;
    real *theta, *state;
    const real *grad;
};

static int update_lane(void *arg, size_t lane, size_t first, size_t count,
                       jf_work *work)
{
    const struct update *u = arg;
    (void)lane, (void)work;
    u->o->ops->update(u->o, u->step, u->rate, u->scale, u->n, first, count,
                      u->theta, u->state, u->grad);
    return 0;
}

void jf_optimizer_step(const jf_optimizer *o, size_t step, double rate,
                       double scale, size_t n, real *theta, real *state,
                       const real *grad, jf_team *team)
{
    struct update u = {o, step, n, rate, scale, theta, state, grad};
    jf_team_run(team, n, jf_lanes(n, LANE), update_lane, &u);
}

/* Sixteen partial sums, whatever the vector length: the same bytes. */
JF_CLONES static double sum_squares(size_t n, const real *restrict x)
{
    enum { SUMS = 16 };
    double sum[SUMS] = {0}, total = 0;
    size_t whole = n / SUMS * SUMS;
    for (size_t i = 0; i < whole; i += SUMS) {
#pragma omp simd
        for (size_t k = 0; k < SUMS; k++)
            sum[k] += (double)x[i + k] * (double)x[i + k];
    }
    for (size_t i = whole; i < n; i++)
        sum[i - whole] += (double)x[i] * (double)x[i];
    for (size_t k = 0; k < SUMS; k++)
        total += sum[k];
    return total;
}

struct squares {
    const real *grad;
    double sum[JF_MAX_LANES];
};

static int square_lane(void *arg, size_t lane, size_t first, size_t count,
                       jf_work *work)
{
    struct squares *s = arg;
    (void)work;
    s->sum[lane] = sum_squares(count, s->grad + first);
    return 0;
}

double jf_gradient_norm(size_t n, const real *grad, jf_team *team)
{
    struct squares s = {.grad = grad};
    double sum = 0;
    jf_team_run(team, n, jf_lanes(n, LANE), square_lane, &s);
    for (size_t l = 0; l < JF_MAX_LANES; l++)
        sum += s.sum[l];
    return sqrt(sum);
}

double jf_clip_scale(double norm, double limit)
{
    return limit > 0 && norm > limit ? limit / norm : 1.0;
}

static double decayed(const jf_schedule *s, size_t step, size_t steps)
{
    if (s->kind == JF_COSINE && steps > s->warmup) {
        size_t done = step > s->warmup ? step - s->warmup - 1 : 0;
        double u = (double)done / (double)(steps - s->warmup);
        return s->floor + (1.0 - s->floor) * 0.5 * (1.0 + cos(M_PI * u));
    }
    if (s->kind == JF_STEPS) {
        size_t period = s->period ? s->period : (steps + 2) / 3;
        double factor = s->factor > 0 ? s->factor : 0.1;
        return pow(factor, (double)((step - 1) / (period ? period : 1)));
    }
    return 1.0;
}

double jf_schedule_rate(const jf_schedule *s, double rate, size_t step,
                        size_t steps)
{
    double warm = step < s->warmup ? (double)step / (double)s->warmup : 1.0;
    return rate * warm * decayed(s, step, steps);
}
