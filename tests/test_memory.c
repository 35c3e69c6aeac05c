/* test_memory.c -- no memory, at every place where the library asks for some.
 *
 * The linker hands every allocation of the library to the functions below
 * (tests/meson.build), which refuse the k-th of a call, or all from the k-th
 * on, for each k that the call comes to.  The call then fails with GSL_ENOMEM
 * and a message, has freed what it took, and works when it is repeated, with
 * the bytes that it has without a failure; GSL's handler is neither called nor
 * changed.  What FFTW and GSL's minimiser ask
 * for inside is their own (base/fourier.h, measure/lipschitz.h). */
#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <lapacke.h>
#include <jpeglib.h>
#include <webp/encode.h>
#include <png.h>
#include <zlib.h>

#include "check.h"
#include "jf.h"

static atomic_long until =
    -1;                  /* allocations that are still granted; < 0: all */
static atomic_int stays; /* refused from there on, not once */
static atomic_long asked, refused, live;

static int refuses(void)
{
    atomic_fetch_add(&asked, 1);
    if (atomic_load(&until) < 0)
        return 0;
    long left = atomic_fetch_sub(&until, 1);
    if (left > 0)
        return 0;
    if (atomic_load(&stays))
        atomic_store(&until, 0);
    atomic_fetch_add(&refused, 1);
    errno = ENOMEM;
    return 1;
}

static void *granted(void *memory)
{
    atomic_fetch_add(&live, memory != NULL);
    return memory;
}

void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size)
{
    return refuses() ? NULL : granted(__real_calloc(count, size));
}

void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size)
{
    return refuses() ? NULL : granted(__real_malloc(size));
}

void *__real_aligned_alloc(size_t alignment, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size)
{
    return refuses() ? NULL : granted(__real_aligned_alloc(alignment, size));
}

void *__real_reallocarray(void *old, size_t count, size_t size);
void *__wrap_reallocarray(void *old, size_t count, size_t size)
{
    if (refuses())
        return NULL;
    void *memory = __real_reallocarray(old, count, size);
    return old ? memory : granted(memory);
}

void __real_free(void *memory);
void __wrap_free(void *memory)
{
    atomic_fetch_sub(&live, memory != NULL);
    __real_free(memory);
}

/* Libraries that say by their result that they found none. */
double *__real_fftw_alloc_real(size_t count);
double *__wrap_fftw_alloc_real(size_t count)
{
    return refuses() ? NULL : __real_fftw_alloc_real(count);
}

void *__real_fftw_alloc_complex(size_t count);
void *__wrap_fftw_alloc_complex(size_t count)
{
    return refuses() ? NULL : __real_fftw_alloc_complex(count);
}

png_info *__real_png_create_info_struct(png_struct *png);
png_info *__wrap_png_create_info_struct(png_struct *png)
{
    return refuses() ? NULL : __real_png_create_info_struct(png);
}

lapack_int __real_LAPACKE_dgesdd(int layout, char job, lapack_int m,
                                 lapack_int n, double *a, lapack_int lda,
                                 double *s, double *u, lapack_int ldu,
                                 double *v, lapack_int ldv);
lapack_int __wrap_LAPACKE_dgesdd(int layout, char job, lapack_int m,
                                 lapack_int n, double *a, lapack_int lda,
                                 double *s, double *u, lapack_int ldu,
                                 double *v, lapack_int ldv)
{
    return refuses() ? LAPACK_WORK_MEMORY_ERROR
                     : __real_LAPACKE_dgesdd(layout, job, m, n, a, lda, s, u,
                                             ldu, v, ldv);
}

lapack_int __real_LAPACKE_dsyevd(int layout, char job, char half, lapack_int n,
                                 double *a, lapack_int lda, double *w);
lapack_int __wrap_LAPACKE_dsyevd(int layout, char job, char half, lapack_int n,
                                 double *a, lapack_int lda, double *w)
{
    return refuses() ? LAPACK_WORK_MEMORY_ERROR
                     : __real_LAPACKE_dsyevd(layout, job, half, n, a, lda, w);
}

lapack_int __real_LAPACKE_dgeqrf(int layout, lapack_int m, lapack_int n,
                                 double *a, lapack_int lda, double *tau);
lapack_int __wrap_LAPACKE_dgeqrf(int layout, lapack_int m, lapack_int n,
                                 double *a, lapack_int lda, double *tau)
{
    return refuses() ? LAPACK_WORK_MEMORY_ERROR
                     : __real_LAPACKE_dgeqrf(layout, m, n, a, lda, tau);
}

static unsigned gsl_calls;

static void count_call(const char *reason, const char *file, int line, int code)
{
    (void)reason, (void)file, (void)line, (void)code;
    gsl_calls++;
}

/* What calls work on, made anew for each failure. */
enum { N = 300, D = 4, ROOM = 1 << 16 };

typedef struct {
    jf_layer *flow;
    jf_latent q;
    real *theta;
    jf_matrix x;
    jf_team *team;
    unsigned char out[ROOM]; /* the bytes of the result */
    size_t length;
} world;

static size_t threads = 1;
static char folder[64];
static char path[128];

static const char *in_folder(const char *name)
{
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static void tell(world *w, const void *bytes, size_t size)
{
    if (size > ROOM - w->length)
        size = ROOM - w->length;
    if (size)
        memcpy(w->out + w->length, bytes, size);
    w->length += size;
}

static void tell_matrix(world *w, jf_matrix x)
{
    tell(w, x.data, x.rows * x.cols * sizeof(real));
}

static jf_map spline(void)
{
    return jf_map_spline(4, 3);
}

static jf_net *mlp(size_t n_in, size_t n_out)
{
    return jf_mlp(&(jf_mlp_options){n_in, n_out, 40, 2, JF_TANH, 0, 0});
}

/* Layers that use the stack, nets, factors and lanes in every way. */
static jf_layer *mixed_flow(void)
{
    jf_layer *flow = jf_flow_new(D), *inner = jf_flow_new(2);
    jf_flow_add(flow, jf_actnorm(D));
    jf_flow_add(flow, jf_plu(D, 1));
    jf_flow_add(flow, jf_coupling(D, 2, JF_UPPER, jf_map_clamp(1), mlp(2, 4)));
    jf_flow_add(flow, jf_shuffle(D, 2));
    jf_flow_add(flow, jf_coupling(D, 2, JF_LOWER, spline(), mlp(2, 22)));
    jf_flow_add(flow, jf_svd(D));
    jf_flow_add(flow, jf_residual_net(D, jf_mlp(&(jf_mlp_options){
                                             D, D, 8, 1, JF_TANH, 0, 0.8})));
    jf_flow_add(flow, jf_autoregressive(D, jf_map_exp(),
                                        jf_made(D, 2, 12, 1, JF_TANH)));
    jf_flow_add(inner, jf_dense(2));
    jf_flow_add(inner, jf_special_linear(2));
    jf_flow_add(flow, jf_on_columns(D, 1, inner));
    jf_flow_add(flow, jf_inverted(jf_brenier(D, 2)));
    jf_flow_add(flow, jf_shared(2, jf_qr(2)));
    jf_flow_add(flow, jf_checkpoint(D));
    return flow;
}

/* An image flow, whose layers divide their rows among the team. */
static jf_layer *image_flow(void)
{
    return jf_glow(&(jf_glow_options){.height = 16,
                                      .width = 16,
                                      .channels = 1,
                                      .levels = 2,
                                      .depth = 1,
                                      .hidden = 8,
                                      .checkerboard = 1});
}

static jf_layer *cosine_flow(void)
{
    jf_layer *flow = jf_flow_new(12 * 14 * 2);
    jf_flow_add(flow, jf_cosine(12, 14, 2, 3));
    return flow;
}

static jf_layer *wide_flow(void) /* whose weights the team prepares */
{
    jf_layer *flow = jf_flow_new(80);
    for (int k = 0; k < 3; k++)
        jf_flow_add(flow, jf_plu(80, (uint64_t)k));
    return flow;
}

static void open_world(world *w, jf_layer *(*make)(void))
{
    w->length = 0;
    w->flow = make();
    w->q = jf_normal();
    w->team = jf_team_new(threads);
    w->x = jf_matrix_new(w->flow->d > 100 ? 4 : N, w->flow->d);
    w->theta = jf_theta_new(w->flow);
    jf_fill_normal(w->x, 1, JF_PURPOSE_USER, 0);
    jf_team *team = jf_team_new(1);
    CHECK(jf_init(w->flow, w->theta, jf_const(w->x), 1, team) == GSL_SUCCESS);
    jf_team_free(team);
}

static void close_world(world *w)
{
    free(w->theta);
    jf_matrix_free(&w->x);
    jf_team_free(w->team);
    jf_layer_free(w->flow);
}

/* Calls on a flow. */

static int init(world *w)
{
    real *theta = jf_theta_new(w->flow);
    JF_TRY_MEMORY(theta);
    int status = jf_init(w->flow, theta, jf_const(w->x), 1, w->team);
    tell(w, theta, w->flow->module.n_params * sizeof *theta);
    free(theta);
    return status;
}

/* There and back on a copy. */
static int both_ways(world *w)
{
    jf_matrix z = jf_matrix_new(w->x.rows, w->x.cols);
    double *ld = z.data ? jf_alloc(z.rows, sizeof *ld) : NULL;
    int status = ld ? GSL_SUCCESS : GSL_ENOMEM;
    if (status == GSL_SUCCESS) {
        jf_matrix_copy(z, jf_const(w->x));
        status = jf_forward(w->flow, w->theta, z, ld, w->team);
        tell_matrix(w, z);
    }
    if (status == GSL_SUCCESS) {
        status = jf_inverse(w->flow, w->theta, z, w->team);
        tell_matrix(w, z);
    }
    free(ld);
    jf_matrix_free(&z);
    return status;
}

static int loss(world *w)
{
    real *grad = jf_theta_new(w->flow);
    jf_likelihood value = {0};
    JF_TRY_MEMORY(grad);
    int status =
        jf_nll(w->flow, &w->q, w->theta, jf_const(w->x), &value, grad, w->team);
    tell(w, &value, sizeof value);
    tell(w, grad, w->flow->module.n_params * sizeof *grad);
    free(grad);
    return status;
}

static int lean_loss(world *w)
{
    w->team->memory = 1;
    return loss(w);
}

static int product(world *w)
{
    size_t n = w->x.rows, p = w->flow->module.n_params;
    jf_matrix x = jf_matrix_new(n, w->x.cols);
    jf_matrix dz = x.data ? jf_matrix_new(n, x.cols) : (jf_matrix){0};
    double *dld = dz.data ? jf_alloc(n, sizeof *dld) : NULL;
    real *grad = dld ? jf_theta_new(w->flow) : NULL;
    int status = grad ? GSL_SUCCESS : GSL_ENOMEM;
    if (grad) {
        jf_matrix_copy(x, jf_const(w->x));
        jf_matrix_fill(dz, 1);
        status =
            jf_vjp(w->flow, w->theta, x, dz, dld, grad, JF_TAPE_FULL, w->team);
        tell(w, grad, p * sizeof *grad);
        tell_matrix(w, dz);
    }
    free(grad);
    free(dld);
    jf_matrix_free(&dz);
    jf_matrix_free(&x);
    return status;
}

static int fit_by(world *w, jf_fit_options o)
{
    jf_fit_result r = {0};
    real *theta = jf_theta_new(w->flow);
    JF_TRY_MEMORY(theta);
    memcpy(theta, w->theta, w->flow->module.n_params * sizeof *theta);
    o.validation = jf_const(jf_rows(w->x, 0, 50));
    int status = jf_fit(w->flow, &w->q, theta, jf_const(w->x), &o, &r, w->team);
    tell(w, theta, w->flow->module.n_params * sizeof *theta);
    tell(w, &r.value.nll, sizeof r.value.nll);
    free(theta);
    return status;
}

static int fit_adam(world *w)
{
    return fit_by(w, (jf_fit_options){.steps = 3, .batch = 60});
}

static int fit_lbfgs(world *w)
{
    return fit_by(
        w, (jf_fit_options){
               .method = JF_LBFGS, .steps = 5, .check_every = 1, .memory = 3});
}

/* The first step diverges, and the culprit is looked for. */
static int fit_diverging(world *w)
{
    jf_fit_result r = {0};
    real *theta = jf_theta_new(w->flow);
    JF_TRY_MEMORY(theta);
    theta[0] = (real)NAN;
    int status = jf_fit(w->flow, &w->q, theta, jf_const(w->x),
                        &(jf_fit_options){.steps = 3}, &r, w->team);
    tell(w, &r.status, sizeof r.status);
    tell(w, &r.culprit.blame, sizeof r.culprit.blame);
    free(theta);
    return status;
}

static int fit_files(world *w)
{
    char name[128];
    snprintf(name, sizeof name, "%s/state", folder);
    jf_fit_state *s = jf_fit_state_new(w->flow, NULL);
    JF_TRY_MEMORY(s);
    int status = jf_fit_save(name, w->flow, w->theta, s);
    if (status == GSL_SUCCESS)
        status = jf_fit_load(name, w->flow, w->theta, s);
    jf_fit_state_free(s);
    tell(w, w->theta, w->flow->module.n_params * sizeof(real));
    return status;
}

/* What fit, logprob and sample do with a file. */
static int flow_file(world *w)
{
    char name[128], *text = jf_describe(&w->flow->module);
    double weight = 1, *mean = jf_alloc(w->flow->d, sizeof *mean);
    int status = GSL_ENOMEM;
    jf_model m = {.flow = w->flow, .theta = w->theta};
    snprintf(name, sizeof name, "%s/flow", folder);
    if (text && mean) {
        tell(w, text, strlen(text));
        m.base = jf_mixture(1, &weight, mean, &weight);
        m.mean = m.scale = mean;
        for (size_t j = 0; j < w->flow->d; j++)
            mean[j] = 1;
        status = jf_flow_save(name, &m);
    }
    free(mean);
    free(text);
    JF_TRY(status);
    JF_TRY(jf_flow_load(name, &m));
    tell(w, m.theta, m.flow->module.n_params * sizeof(real));
    jf_matrix x = jf_matrix_new(3, m.flow->d);
    status = x.data ? jf_model_sample(&m, x, 1, w->team) : GSL_ENOMEM;
    if (status == GSL_SUCCESS)
        status = jf_model_forward(&m, x, NULL, NULL, w->team);
    jf_matrix_free(&x);
    jf_model_free(&m);
    return status;
}

static int draw(world *w)
{
    jf_matrix x = jf_matrix_new(N, w->flow->d);
    JF_TRY_MEMORY(x.data);
    int status = jf_sample(w->flow, &w->q, w->theta, x, 1, w->team);
    tell_matrix(w, x);
    jf_matrix_free(&x);
    return status;
}

static int stretch(world *w)
{
    jf_matrix few = jf_rows(w->x, 0, 2);
    jf_layer_stretch layers[16] = {{0}};
    double least = 0, largest = 0;
    JF_TRY(jf_stretch_proved(w->flow, w->theta, 2, &least, &largest, layers,
                             jf_const(few), w->team));
    tell(w, &layers[3].measured_largest, sizeof(double));
    JF_TRY(jf_stretch_searched(w->flow, w->theta, jf_const(few), 4, 3, &least,
                               &largest, w->team));
    tell(w, &largest, sizeof largest);
    JF_TRY(jf_stretch_largest(w->flow, w->theta, few.data, 0, 1, 60, 0.5,
                              &largest, w->team));
    tell(w, &largest, sizeof largest);
    JF_TRY(jf_stretch_inverse_found(w->flow, w->theta, few.data, 1, 3, &largest,
                                    w->team));
    tell(w, &largest, sizeof largest);
    return GSL_SUCCESS;
}

static int proved(world *w)
{
    double ends[2] = {0};
    int status = jf_stretch_proved(w->flow, w->theta, 2, ends, ends + 1, NULL,
                                   jf_const(jf_rows(w->x, 0, 0)), w->team);
    tell(w, ends, sizeof ends);
    return status;
}

static int hessian(world *w)
{
    jf_hessian h = {w->flow, &w->q, w->theta, jf_const(jf_rows(w->x, 0, 8)),
                    w->team, 0};
    jf_extremes ends = {0};
    int status = jf_hessian_extremes(&h, 1, 4, 1, &ends, NULL);
    tell(w, &ends.largest, sizeof ends.largest);
    return status;
}

static int shadow(world *w)
{
    jf_shadow s[4] = {{0}};
    int status = jf_shadow_of(w->flow, &w->q, w->theta,
                              jf_const(jf_rows(w->x, 0, 4)), s, w->team);
    tell(w, s, sizeof s);
    return status;
}

/* Measures and tables. */

static int moments(world *w)
{
    jf_moments m;
    jf_matrix part[3] = {{0}}, rows = {0};
    double cost = 0, eig = 0;
    int status = jf_moments_of(jf_const(w->x), &m, w->team);
    if (status == GSL_SUCCESS) {
        rows = jf_matrix_new(D + 1, D);
        status = rows.data ? jf_moments_rows(&m, rows) : GSL_ENOMEM;
    }
    if (status == GSL_SUCCESS && isnan(cost = jf_bias_cost(&m)))
        status = jf_error_last()->code;
    if (status == GSL_SUCCESS &&
        isnan(cost = jf_gap_shared(D, 2, m.sigma, m.lambda_sigma)))
        status = jf_error_last()->code;
    if (status == GSL_SUCCESS && isnan(cost = jf_gap_shears(D, 2, m.sigma)))
        status = jf_error_last()->code;
    if (status == GSL_SUCCESS)
        status = jf_split(w->x, 0.5, 0.2, 1, &part[0], &part[1], &part[2]);
    if (status == GSL_SUCCESS)
        status = jf_gram_eig(jf_const(w->x), 1, &eig, w->team);
    tell_matrix(w, rows);
    tell_matrix(w, part[1]);
    tell(w, &eig, sizeof eig);
    for (int k = 0; k < 3; k++)
        jf_matrix_free(&part[k]);
    jf_matrix_free(&rows);
    jf_moments_free(&m);
    return status;
}

static void halve(const void *arg, const double *v, double *av)
{
    const size_t *d = arg;
    for (size_t i = 0; i < *d; i++)
        av[i] = v[i] / 2;
}

static int series(world *w)
{
    size_t d = D;
    jf_stream stream;
    double sum = jf_series_truncated(d, halve, &d, 3), entropy, error;
    if (isnan(sum))
        return jf_error_last()->code;
    sum = jf_series_roulette(d, halve, &d, 0.5, jf_stream_in(&stream));
    if (isnan(sum))
        return jf_error_last()->code;
    entropy = jf_toy_find("rings")->entropy(&error);
    tell(w, &entropy, sizeof entropy);
    return isnan(entropy) ? jf_error_last()->code : GSL_SUCCESS;
}

static int texture(world *w)
{
    real x[8 * 8 * 3];
    double nats = 0, optimum = jf_texture_optimum(8);
    if (isnan(optimum))
        return jf_error_last()->code;
    JF_TRY(jf_texture(8, 1, 0, x));
    tell(w, x, sizeof x);
    jf_spectrum *s = jf_spectrum_new(8, 8, 3);
    JF_TRY_MEMORY(s);
    for (uint64_t k = 0; k < 6 && optimum < 1e9; k++) {
        if (jf_texture(8, 1, k, x) != GSL_SUCCESS)
            optimum = 1e9;
        else
            jf_spectrum_add(s, x);
    }
    int status = optimum < 1e9 ? jf_spectrum_nats(s, x, &nats) : GSL_ENOMEM;
    tell(w, &nats, sizeof nats);
    jf_spectrum_free(s);
    return status;
}

/* Readers. */

static int read_as(world *w, const char *name, const char *columns, size_t size)
{
    jf_dataset data;
    int status = jf_data_read_as(
        in_folder(name), &(jf_data_options){.columns = columns, .size = size},
        &data);
    tell_matrix(w, data.x);
    jf_data_free(&data);
    return status;
}

static int read_csv(world *w)
{
    return read_as(w, "table.csv", "2,b,1-2", 0);
}

static int read_dressed_csv(world *w)
{
    jf_dataset data;
    int status = jf_data_read_as(in_folder("dressed.csv"),
                                 &(jf_data_options){.drop_missing = 1}, &data);
    tell_matrix(w, data.x);
    tell(w, data.notes.data, data.notes.length);
    jf_data_free(&data);
    return status;
}

static int read_npz(world *w)
{
    return read_as(w, "array.npz", NULL, 0);
}

static int read_long_csv(world *w)
{
    return read_as(w, "long.csv", NULL, 0);
}

static int read_npy(world *w)
{
    return read_as(w, "array.npy", NULL, 0);
}

static int read_idx(world *w)
{
    return read_as(w, "array.idx", NULL, 0);
}

static int read_picture(world *w)
{
    return read_as(w, "pictures/a.png", NULL, 0);
}

static int read_jpeg(world *w)
{
    return read_as(w, "b.jpg", NULL, 0);
}

static int read_webp(world *w)
{
    return read_as(w, "c.webp", NULL, 0);
}

static int read_packed(world *w)
{
    return read_as(w, "packed.csv.gz", NULL, 0);
}

static int read_scaled(world *w)
{
    return read_as(w, "pictures/a.png", NULL, 4);
}

static int read_folder(world *w)
{
    return read_as(w, "pictures", NULL, 4);
}

static int read_toy(world *w)
{
    jf_dataset data;
    int status = jf_data_load("toy:banana:50", NULL, 1, &data);
    tell_matrix(w, data.x);
    jf_data_free(&data);
    return status;
}

static int read_texts(world *w)
{
    jf_texts t;
    int status = jf_texts_read(in_folder("table.csv"), &t);
    if (status == GSL_SUCCESS)
        tell(w, jf_texts_field(&t, 1, 0), 2);
    else if (status == GSL_EFAILED)
        CHECK(jf_error_last()->code != GSL_EFAILED);
    jf_texts_free(&t);
    return status;
}

static int write_picture(world *w)
{
    real values[6 * 5 * 3];
    jf_image image;
    for (size_t i = 0; i < 90; i++)
        values[i] = (real)i / 90;
    JF_TRY(jf_image_of(values, 6, 5, 3, &image));
    int status =
        jf_image_write_grid(in_folder("deep/er/grid.png"), &image, 1, 1);
    tell(w, image.pixels, 90);
    jf_image_free(&image);
    return status;
}

static int batch_of_held(world *w)
{
    char names[2][160];
    const char *paths[] = {names[0], names[1]};
    snprintf(names[0], sizeof names[0], "%s", in_folder("pictures/b.png"));
    snprintf(names[1], sizeof names[1], "%s", in_folder("pictures/a.png"));
    jf_team *team = jf_team_new(threads);
    jf_images *set = team ? jf_images_list(paths, 2, 4) : NULL;
    int status = set ? jf_images_hold(set, 5, team) : GSL_ENOMEM;
    jf_images *own = status == GSL_SUCCESS ? jf_images_scaled(set, 4) : NULL;
    jf_images *same = own ? jf_images_at(own, 3) : NULL;
    jf_matrix x = same ? jf_matrix_new(4, 3 * 3 * 3) : (jf_matrix){0};
    if (status == GSL_SUCCESS)
        status =
            x.data ? jf_images_batch(same, 0, 2, 1, 8, 1, 1, x) : GSL_ENOMEM;
    tell_matrix(w, x);
    jf_matrix_free(&x);
    jf_images_free(same);
    jf_images_free(own);
    jf_images_free(set);
    jf_team_free(team);
    return status;
}

static int batch_of_pictures(world *w)
{
    jf_images *set = jf_images_open(in_folder("pictures"), 4);
    jf_matrix x = set ? jf_matrix_new(4, 4 * 4 * 3) : (jf_matrix){0};
    int status =
        x.data ? jf_images_batch(set, 0, 2, 2, 8, 1, 1, x) : GSL_ENOMEM;
    tell_matrix(w, x);
    jf_matrix_free(&x);
    jf_images_free(set);
    return status;
}

/* Constructors: what is built fails, or is whole. */

static int build(world *w, jf_layer *layer)
{
    int status = layer ? layer->module.status : jf_error_last()->code;
    if (status == GSL_SUCCESS)
        tell(w, &layer->d, sizeof layer->d);
    jf_layer_free(layer);
    return status;
}

static int build_mixed(world *w)
{
    return build(w, mixed_flow());
}

static int build_glow(world *w)
{
    return build(w, image_flow());
}

static int build_others(world *w)
{
    jf_net *net = jf_mlp(&(jf_mlp_options){2, 2, 4, 1, JF_TANH, 0, 0.9});
    JF_TRY_MEMORY(net);
    JF_TRY(build(w, jf_residual_net(2, net)));
    JF_TRY(build(w, jf_elementwise(2, jf_map_logit())));
    JF_TRY(build(w, jf_twist(2, 0, 1, (jf_disc){0.5, 0.5, 0.2, 1})));
    JF_TRY(build(w, jf_inversion(2)));
    JF_TRY(build(w, jf_reverse(3)));
    JF_TRY(build(w, jf_cosine(4, 5, 3, 2)));
    JF_TRY(build(w, jf_svd_bounded(2, 0.5, 2)));
    return build(w, jf_factor_out(4, 2, 1));
}

static int build_team(world *w)
{
    jf_team *team = jf_team_new(3);
    JF_TRY_MEMORY(team);
    tell(w, &team->threads, sizeof team->threads);
    jf_team_free(team);
    return GSL_SUCCESS;
}

/* Three that a library must not be like: the harness must see it. */

static int swallows(world *w)
{
    tell(w, "done", 4);
    free(jf_alloc(1, 8));
    return GSL_SUCCESS;
}

static int leaks(world *w)
{
    static void *lost;
    void *a = jf_alloc(1, 8), *b = a ? jf_alloc(1, 8) : NULL;
    tell(w, "done", b ? 4 : 0);
    if (!b) {
        lost = a;
        return GSL_ENOMEM;
    }
    free(lost);
    lost = NULL;
    free(a);
    free(b);
    return GSL_SUCCESS;
}

static int swaps(world *w)
{
    void *memory = jf_alloc(1, 8);
    gsl_set_error_handler_off();
    tell(w, "done", 4);
    free(memory);
    return memory ? GSL_SUCCESS : GSL_ENOMEM;
}

typedef struct {
    const char *name;
    int (*run)(world *w);
    jf_layer *(*flow)(void);
} scenario;

static const scenario scenarios[] = {
    {"init", init, mixed_flow},
    {"init of an image flow", init, image_flow},
    {"init of a matrix by frequency", init, cosine_flow},
    {"forward and inverse", both_ways, mixed_flow},
    {"forward and inverse of an image flow", both_ways, image_flow},
    {"forward and inverse of a wide flow", both_ways, wide_flow},
    {"loss and gradient", loss, mixed_flow},
    {"loss and gradient, lean", lean_loss, mixed_flow},
    {"loss and gradient of an image flow", loss, image_flow},
    {"loss and gradient of a matrix by frequency", loss, cosine_flow},
    {"loss and gradient of a wide flow", loss, wide_flow},
    {"vector-Jacobian product", product, mixed_flow},
    {"fit by Adam", fit_adam, mixed_flow},
    {"fit by L-BFGS", fit_lbfgs, mixed_flow},
    {"fit that diverges", fit_diverging, mixed_flow},
    {"files of a fit", fit_files, mixed_flow},
    {"file of a flow", flow_file, mixed_flow},
    {"sample", draw, mixed_flow},
    {"stretch", stretch, mixed_flow},
    {"stretch of a matrix by frequency", proved, cosine_flow},
    {"Hessian", hessian, mixed_flow},
    {"shadow", shadow, mixed_flow},
    {"moments", moments, mixed_flow},
    {"series", series, NULL},
    {"texture and spectrum", texture, NULL},
    {"CSV", read_csv, NULL},
    {"dressed CSV", read_dressed_csv, NULL},
    {"long CSV", read_long_csv, NULL},
    {"NPZ", read_npz, NULL},
    {"NPY", read_npy, NULL},
    {"IDX", read_idx, NULL},
    {"PNG", read_picture, NULL},
    {"JPEG", read_jpeg, NULL},
    {"WebP", read_webp, NULL},
    {"packed CSV", read_packed, NULL},
    {"PNG, scaled", read_scaled, NULL},
    {"folder of pictures", read_folder, NULL},
    {"toy", read_toy, NULL},
    {"texts", read_texts, NULL},
    {"writing a picture", write_picture, NULL},
    {"batch of held", batch_of_held, NULL},
    {"batch of pictures", batch_of_pictures, NULL},
    {"constructors of a flow", build_mixed, NULL},
    {"constructor of an image flow", build_glow, NULL},
    {"other constructors", build_others, NULL},
    {"team", build_team, NULL},
};

static world now, reference;

static int run(const scenario *s, world *w)
{
    w->length = 0;
    jf_error_clear();
    return s->run(w);
}

/* One failure; the faults found. */
static unsigned fail_once(const scenario *s, long k, int persists, int *more)
{
    unsigned faults = 0;
    if (s->flow)
        open_world(&now, s->flow);
    long before = atomic_load(&live), depth = 0;
    atomic_store(&refused, 0);
    atomic_store(&stays, persists);
    atomic_store(&until, k);
    int status = run(s, &now);
    atomic_store(&until, -1);
    *more = atomic_load(&refused) > 0;
    jf_error error = *jf_error_last();
    if (*more)
        faults += (status != GSL_ENOMEM) + (error.code != GSL_ENOMEM) +
                  (error.message[0] == '\0');
    else
        faults += status != GSL_SUCCESS;
    for (size_t l = 0; s->flow && l < JF_MAX_LANES; l++)
        depth += (long)now.team->work[l]->depth;
    faults += depth != 0;
    /* what a work stack has grown by it keeps, and frees with the team */
    if (!s->flow)
        faults += atomic_load(&live) != before;
    faults += run(s, &now) != GSL_SUCCESS;
    faults += now.length != reference.length ||
              memcmp(now.out, reference.out, now.length) != 0;
    faults += gsl_set_error_handler(count_call) != count_call || gsl_calls;
    if (faults)
        printf("  %s, allocation %ld%s: status %d, %s (%d)\n", s->name, k,
               persists ? " and on" : "", status, error.message, error.code);
    if (s->flow)
        close_world(&now);
    return faults;
}

/* Every stride-th allocation refused. */
static unsigned fail_everywhere(const scenario *s, size_t stride)
{
    unsigned faults = 0;
    long before = atomic_load(&live);
    if (s->flow)
        open_world(&reference, s->flow);
    if (run(s, &reference) != GSL_SUCCESS || !reference.length)
        faults++;
    for (int persists = 0; persists < 2; persists++) {
        int more = 1;
        long k = 0;
        for (; more; k += (long)stride)
            faults += fail_once(s, k, persists, &more);
        faults += k < 2; /* it must have asked for something */
        if (!persists)
            printf("  %-40s %4ld allocations, %u faults\n", s->name, k - 1,
                   faults);
    }
    if (s->flow)
        close_world(&reference);
    return faults + (atomic_load(&live) != before);
}

static void spill(const char *name, const void *bytes, size_t size)
{
    CHECK(jf_output_write(in_folder(name), bytes, size) == GSL_SUCCESS);
}

static void make_jpeg(const char *name)
{
    struct jpeg_compress_struct j = {0};
    struct jpeg_error_mgr e;
    unsigned char line[6 * 3] = {0}, *lines = line;
    FILE *file = fopen(name, "wb");
    j.err = jpeg_std_error(&e);
    jpeg_create_compress(&j);
    jpeg_stdio_dest(&j, file);
    j.image_width = j.image_height = 6;
    j.input_components = 3;
    j.in_color_space = JCS_RGB;
    jpeg_set_defaults(&j);
    jpeg_start_compress(&j, TRUE);
    for (unsigned char i = 0; i < 6; i++) {
        line[3 * i] = (unsigned char)(40 * i);
        jpeg_write_scanlines(&j, &lines, 1);
    }
    jpeg_finish_compress(&j);
    jpeg_destroy_compress(&j);
    CHECK(fclose(file) == 0);
}

static void make_webp(const char *name)
{
    unsigned char pixels[6 * 6 * 4] = {1, 2, 3, 4, 5, 6, 7, 8}, *bytes = NULL;
    size_t size = WebPEncodeLosslessRGBA(pixels, 6, 6, 6 * 4, &bytes);
    spill(name, bytes, size);
    WebPFree(bytes);
}

static void make_files(void)
{
    static const char npy[] = "\x93NUMPY\1\0\x39\0{'descr': '|u1', "
                              "'fortran_order': False, 'shape': (2, 3)}"
                              "\1\2\3\4\5\6";
    static const char idx[] = "\0\0\x08\2\0\0\0\2\0\0\0\3\1\2\3\4\5\6";
    jf_text table = {0};
    real values[7 * 6 * 3];
    jf_image image;
    spill("table.csv", "a,b\n1,2\n3,4\n5,7\n", 16);
    for (int k = 0; k < 700; k++)
        jf_text_add(&table, "%d,%d\n", k, k * k);
    spill("long.csv", table.data, table.length);
    gzFile packed = gzopen(in_folder("packed.csv.gz"), "wb");
    CHECK(gzwrite(packed, table.data, (unsigned)table.length) > 0);
    CHECK(gzclose(packed) == Z_OK);
    free(table.data);
    make_jpeg(in_folder("b.jpg"));
    make_webp("c.webp");
    static const char dressed[] =
        "sep=;\n;a;b;\n;m;s;\n0;1,5;2;\n1;3;NA;\n2;5;7;\n3;1;1;\n";
    static const char npz[] = /* deflated, a (2, 2, 1) of f2 */
        "PK\003\004\024\000\000\000\010\000\000\000!\000\027z\000^G\000\000"
        "\000F\000\000\000\005\000\000\000x.npy\233\354\027\352\033\020\311"
        "\310`\302P\255\236\222Z\234\134\244n\245n\223f\244\256\243\236\226"
        "_TR\224\230\027\237_\224\222\012\024\015)*M\325Q/\316H,HU\267\3220"
        "\3221\3221\324\254e\260ap`pbp\001\000PK\001\002\024\003\024\000"
        "\000\000\010\000\000\000!\000\027z\000^G\000\000\000F\000\000\000"
        "\005\000\000\000\000\000\000\000\000\000\000\000\200\001\000\000"
        "\000\000x.npyPK\005\006\000\000\000\000\001\000\001\0003\000\000"
        "\000j\000\000\000\000\000";
    spill("array.npz", npz, sizeof npz - 1);
    spill("dressed.csv", dressed, sizeof dressed - 1);
    spill("array.npy", npy, sizeof npy - 1);
    spill("array.idx", idx, sizeof idx - 1);
    for (size_t i = 0; i < 126; i++)
        values[i] = (real)i / 126;
    CHECK(jf_image_of(values, 7, 6, 3, &image) == GSL_SUCCESS);
    CHECK(jf_image_write(in_folder("pictures/a.png"), &image) == GSL_SUCCESS);
    CHECK(jf_image_write(in_folder("pictures/b.png"), &image) == GSL_SUCCESS);
    jf_image_free(&image);
}

int main(void)
{
    const scenario bad[] = {{"swallows", swallows, NULL},
                            {"leaks", leaks, NULL},
                            {"swaps", swaps, NULL}};
    char command[160];
    check_template(folder, sizeof folder, "memory");
    if (!mkdtemp(folder))
        return 1;
    make_files();
    gsl_set_error_handler(count_call);
    for (size_t t = 1; t <= 2; t++) {
        threads = t;
        printf("%zu threads\n", t);
        for (size_t i = 0; i < sizeof scenarios / sizeof *scenarios; i++)
            if (t == 1 || scenarios[i].flow)
                CHECK(fail_everywhere(&scenarios[i], check_brief(11)) == 0);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CHECK(fail_everywhere(&bad[i], 1) > 0);
    snprintf(command, sizeof command, "rm -r %s", folder);
    CHECK(system(command) == 0);
    return check_end();
}
