/* test_allocations.c -- a training step allocates nothing once it is warm, and
 * ends with the same parameters for every number of threads; and its memory
 * does not depend on depth when it recomputes.
 *
 * The allocating functions of the C library are replaced by wrappers that
 * count: calls from this program, the library in it, apart from those that
 * OpenBLAS, LAPACK and FFTW make on their own.  Ours are always none; theirs
 * are none but for the flows marked so, where they are said: the exact norm of
 * a bounded weight matrix is an eigenvalue, for which LAPACK allocates.  Under
 * a sanitizer, which replaces the functions itself, or without glibc, only the
 * bytes are compared. */
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "jf.h"

#ifdef __has_feature /* Clang's way to tell */
#define SANITIZED                                                              \
    (__has_feature(address_sanitizer) || __has_feature(thread_sanitizer))
#elif defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#else
#define SANITIZED 0
#endif
#if defined(__GLIBC__) && !SANITIZED
#define COUNTS 1
#else
#define COUNTS 0
#endif

enum { WARM_UP = 2, STEPS = 3 };

static atomic_size_t allocations, foreign;

#if COUNTS
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

/* The program's own code lies between these, from the linker. */
extern const char __executable_start, etext;

static void note(const void *caller)
{
    const char *at = caller;
    int own = at >= &__executable_start && at < &etext;
    atomic_fetch_add(own ? &allocations : &foreign, 1);
}
#define COUNT() note(__builtin_return_address(0))
#define HOOK __attribute__((noinline)) /* it returns to who called it */

HOOK void *malloc(size_t size)
{
    COUNT();
    return __libc_malloc(size);
}

HOOK void *calloc(size_t count, size_t size)
{
    COUNT();
    return __libc_calloc(count, size);
}

HOOK void *realloc(void *old, size_t size)
{
    COUNT();
    return __libc_realloc(old, size);
}

HOOK void *aligned_alloc(size_t alignment, size_t size)
{
    COUNT();
    return __libc_memalign(alignment, size);
}

HOOK void *memalign(size_t alignment, size_t size)
{
    COUNT();
    return __libc_memalign(alignment, size);
}

HOOK int posix_memalign(void **memory, size_t alignment, size_t size)
{
    COUNT();
    *memory = __libc_memalign(alignment, size);
    return *memory ? 0 : 12; /* ENOMEM */
}

/* A count that misses one of them would prove nothing. */
static void test_count(void)
{
    void *volatile p[5];
    void *aligned = NULL;
    size_t before = atomic_load(&allocations);
    p[0] = malloc(100);
    CHECK(atomic_load(&allocations) == before + 1);
    p[1] = calloc(10, 10);
    CHECK(atomic_load(&allocations) == before + 2);
    p[2] = realloc(NULL, 100);
    CHECK(atomic_load(&allocations) == before + 3);
    p[3] = aligned_alloc(64, 128);
    CHECK(atomic_load(&allocations) == before + 4);
    CHECK(posix_memalign(&aligned, 64, 128) == 0);
    CHECK(atomic_load(&allocations) == before + 5);
    p[4] = aligned;
    for (size_t k = 0; k < 5; k++)
        free(p[k]);
}
#endif

static jf_layer *real_nvp(size_t d, size_t layers, size_t hidden)
{
    jf_layer *f = jf_flow_new(d);
    size_t split = d - d / 2;
    for (size_t k = 0; k < layers; k++) {
        size_t b = k % 2 ? split : d / 2;
        jf_mlp_options o = {
            .n_in = d - b, .n_out = 2 * b, .hidden = hidden, .depth = 2};
        jf_flow_add(f, jf_coupling(d, split, k % 2 ? JF_LOWER : JF_UPPER,
                                   jf_map_clamp(1), jf_mlp(&o)));
    }
    return f;
}

static jf_layer *build_w1(void)
{
    return real_nvp(2, 8, 64);
}

/* As wide as what is trained, and less deep: layers do what those of the same
 * kind before them do. */
enum { DEEP = 4 };

static jf_layer *build_w2(void)
{
    return real_nvp(63, DEEP, 512);
}

static jf_layer *build_maf(void)
{
    jf_layer *f = jf_flow_new(63);
    for (size_t k = 0; k < DEEP; k++) {
        jf_flow_add(f, jf_autoregressive(63, jf_map_clamp(1),
                                         jf_made(63, 2, 512, 2, JF_RELU)));
        jf_flow_add(f, jf_reverse(63));
    }
    return f;
}

static jf_layer *build_spline(void)
{
    jf_layer *f = jf_flow_new(6);
    for (size_t k = 0; k < 2; k++) {
        jf_map map = jf_map_spline(8, 3);
        jf_mlp_options o = {.n_in = 3,
                            .n_out = 3 * map.module.n_params,
                            .hidden = 32,
                            .depth = 1,
                            .activation = JF_TANH};
        jf_flow_add(f, jf_actnorm(6));
        jf_flow_add(f, jf_coupling(6, 3, JF_UPPER, map, jf_mlp(&o)));
        jf_flow_add(f, jf_reverse(6));
    }
    return f;
}

static jf_layer *build_glow(void)
{
    return jf_glow(&(jf_glow_options){
        .height = 32, .width = 32, .levels = 3, .depth = 2, .hidden = 32});
}

static jf_layer *build_large_glow(void)
{
    return jf_glow(&(jf_glow_options){
        .height = 128, .width = 128, .levels = 2, .depth = 2, .hidden = 16});
}

static jf_layer *build_cosine(void)
{
    return jf_cosine(64, 96, 3, 6);
}

static jf_layer *with_bias(jf_layer *linear)
{
    jf_layer *f = jf_flow_new(linear->d);
    jf_flow_add(f, jf_bias(linear->d));
    jf_flow_add(f, linear);
    return f;
}

static jf_layer *build_plu(void)
{
    return with_bias(jf_plu(128, 1));
}

static jf_layer *build_triangular(void)
{
    return with_bias(jf_triangular(128));
}

static jf_layer *build_dense(void)
{
    return with_bias(jf_dense(64));
}

static jf_layer *build_orthogonal(void)
{
    return with_bias(jf_orthogonal(64, 64));
}

static jf_layer *build_svd(void)
{
    return with_bias(jf_svd(32));
}

static jf_layer *build_residual(void)
{
    jf_mlp_options o = {.n_in = 8,
                        .n_out = 8,
                        .hidden = 32,
                        .depth = 2,
                        .activation = JF_TANH,
                        .lipschitz = 0.9};
    return with_bias(jf_residual_net(8, jf_mlp(&o)));
}

/* recompute: store no activations. */
static const struct {
    const char *name;
    jf_layer *(*build)(void);
    size_t rows;
    int recompute, theirs; /* theirs: BLAS or LAPACK may allocate */
} flows[] = {
    {"RealNVP d=2", build_w1, 256, 0, 0},
    {"RealNVP d=63", build_w2, 512, 0, 0},
    {"RealNVP d=63, recomputing", build_w2, 512, 1, 0},
    {"MAF d=63", build_maf, 512, 0, 0},
    {"MAF d=63, recomputing", build_maf, 512, 1, 0},
    {"splines", build_spline, 300, 0, 0},
    {"Glow 32 x 32", build_glow, 16, 0, 0},
    {"Glow 32 x 32, recomputing", build_glow, 16, 1, 0},
    {"Glow 128 x 128", build_large_glow, 1, 0, 0},
    {"Glow 128 x 128, recomputing", build_large_glow, 1, 1, 0},
    {"cosine", build_cosine, 8, 0, 0},
    {"P L U", build_plu, 1024, 0, 0},
    {"triangular", build_triangular, 1024, 0, 0},
    {"dense", build_dense, 512, 0, 0},
    {"orthogonal", build_orthogonal, 512, 0, 0},
    {"svd", build_svd, 512, 0, 0},
    {"residual", build_residual, 256, 0, 1},
};
enum { FLOWS = sizeof flows / sizeof *flows };

/* Allocations of STEPS warm training steps, ours and theirs, and ours of the
 * first step; theta is what they end with. */
typedef struct {
    size_t ours, theirs, first;
} counted;

static counted train(size_t k, size_t threads, real *theta)
{
    jf_layer *f = flows[k].build();
    jf_team *team = jf_team_new(threads);
    jf_latent q = jf_normal();
    jf_optimizer adam = jf_adam(0);
    jf_likelihood value;
    real *grad = jf_theta_new(f);
    real *state =
        jf_alloc(jf_optimizer_state(&adam, f->module.n_params), sizeof *state);
    jf_matrix x =
        jf_matrix_new(1 + (flows[k].rows - 1) / check_brief(32), f->d);
    counted c = {0, 0, 0};

    if (flows[k].recompute)
        team->memory = 0;
    jf_fill_uniform(x, 1, JF_PURPOSE_DATA, 0);
    CHECK(jf_init(f, theta, jf_const(x), 1, team) == GSL_SUCCESS);
    for (size_t step = 1; step <= WARM_UP + STEPS; step++) {
        if (step == 2)
            c.first = atomic_load(&allocations) - c.ours;
        if (step == 1 || step == WARM_UP + 1) {
            c.ours = atomic_load(&allocations);
            c.theirs = atomic_load(&foreign);
        }
        jf_nll(f, &q, theta, jf_const(x), &value, grad, team);
        jf_optimizer_step(&adam, step, 1e-3, 1, f->module.n_params, theta,
                          state, grad, team);
    }
    c.ours = atomic_load(&allocations) - c.ours;
    c.theirs = atomic_load(&foreign) - c.theirs;
    CHECK(isfinite(value.nll));
    jf_matrix_free(&x);
    free(state);
    free(grad);
    jf_team_free(team);
    jf_layer_free(f);
    return c;
}

static void test_flow(size_t k)
{
    jf_layer *f = flows[k].build();
    size_t n = f->module.n_params;
    real *theta[2] = {jf_theta_new(f), jf_theta_new(f)};
    jf_layer_free(f);
    for (size_t threads = 1; threads <= 2; threads++) {
        counted c = train(k, threads, theta[threads - 1]);
        CHECK(c.ours == 0);
        CHECK(c.theirs == 0 || flows[k].theirs);
        if (c.ours || c.theirs)
            printf("%s, %zu threads, %d steps: %zu allocations, and %zu in "
                   "BLAS and LAPACK\n",
                   flows[k].name, threads, STEPS, c.ours, c.theirs);
#if COUNTS
        CHECK(c.first > 0); /* the arena grows: a step that allocates is seen */
#endif
    }
    CHECK(memcmp(theta[0], theta[1], n * sizeof(real)) == 0);
    free(theta[0]);
    free(theta[1]);
}

/* Bytes that a step of a Glow of depth steps a level has on its stacks at most;
 * vectors: those of theta and of what is prepared of it. */
static size_t bytes_of_step(size_t depth, size_t memory, size_t *vectors)
{
    jf_layer *f = jf_glow(&(jf_glow_options){
        .height = 64, .width = 64, .levels = 2, .depth = depth, .hidden = 16});
    jf_team *team = jf_team_new(2);
    jf_latent q = jf_normal();
    jf_likelihood value;
    real *theta = jf_theta_new(f), *grad = jf_theta_new(f);
    jf_matrix x = jf_matrix_new(1, f->d);
    size_t bytes = 0;

    jf_fill_uniform(x, 1, JF_PURPOSE_DATA, 0);
    jf_init(f, theta, jf_const(x), 1, team);
    jf_team_free(team);
    team = jf_team_new(2);
    team->memory = memory;
    CHECK(jf_nll(f, &q, theta, jf_const(x), &value, grad, team) == GSL_SUCCESS);
    for (size_t l = 0; l < JF_MAX_LANES; l++) {
        for (jf_work *k = team->work[l]; k; k = k->second)
            bytes += k->peak_bytes;
        for (jf_work *k = team->pieces[l]; k; k = k->second)
            bytes += k->peak_bytes;
    }
    *vectors = (f->module.n_params + f->module.n_pulled + f->module.n_derived) *
               sizeof(real);
    jf_matrix_free(&x);
    free(grad);
    free(theta);
    jf_team_free(team);
    jf_layer_free(f);
    return bytes;
}

/* What a step that recomputes its activations needs grows with depth by no more
 * than these vectors, each rounded to 64 bytes; one that stores them does not
 * stay there. */
static void test_depth(void)
{
    size_t few, many, shallow = bytes_of_step(2, 0, &few);
    size_t deep = bytes_of_step(8, 0, &many);
    size_t stored = bytes_of_step(8, (size_t)1 << 30, &many);
    CHECK(deep <= shallow + (many - few) + 3 * 64);
    CHECK(stored > shallow + 4 * (many - few) + 3 * 64);
}

int main(void)
{
#if COUNTS
    test_count();
#else
    fprintf(stderr, "test_allocations: allocations are not counted here\n");
#endif
    for (size_t k = 0; k < FLOWS; k++)
        test_flow(k);
    test_depth();
    return check_end();
}
