/* test_order.c -- the same bytes in whatever order lanes are begun, by however
 * many threads.
 *
 *   test_order [ORDERS]    4 orders of each
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "jf.h"

static unsigned long orders = 4;
static char folder[] = "/tmp/jacflow-order-XXXXXX";

/* What a team of so many threads computes in that order, as bytes. */
typedef void computation(jf_team *team, jf_text *out);

static void add_reals(jf_text *out, const real *x, size_t n)
{
    jf_text_bytes(out, (const char *)x, n * sizeof *x);
}

/* Training, then both directions and samples: rows, ranges of the gradient, and
 * what layers cut themselves. */
static void train(jf_layer *flow, size_t n, jf_team *team, jf_text *out)
{
    jf_latent q = jf_normal();
    real *theta = jf_theta_new(flow);
    jf_matrix x = jf_matrix_new(n, flow->d);
    double *ld = jf_alloc(n, sizeof *ld);
    jf_fit_result r;
    jf_fill_normal(x, 3, JF_PURPOSE_USER, 0);
    CHECK(jf_init(flow, theta, jf_const(x), 4, team) == GSL_SUCCESS);
    jf_fit_options o = {.steps = 3, .batch = n / 2, .rate = 0.01};
    CHECK(jf_fit(flow, &q, theta, jf_const(x), &o, &r, team) == GSL_SUCCESS);
    add_reals(out, theta, flow->module.n_params);
    CHECK(jf_forward(flow, theta, x, ld, team) == GSL_SUCCESS);
    add_reals(out, x.data, n * flow->d);
    jf_text_bytes(out, (char *)ld, n * sizeof *ld);
    CHECK(jf_inverse(flow, theta, x, team) == GSL_SUCCESS);
    add_reals(out, x.data, n * flow->d);
    CHECK(jf_sample(flow, &q, theta, x, 5, team) == GSL_SUCCESS);
    add_reals(out, x.data, n * flow->d);
    free(ld);
    jf_matrix_free(&x);
    free(theta);
    jf_layer_free(flow);
}

static void tables(jf_team *team, jf_text *out)
{
    enum { D = 4, N = 700 };
    jf_layer *flow = jf_flow_new(D);
    jf_flow_add(flow, jf_actnorm(D));
    jf_flow_add(flow, jf_plu(D, 1));
    jf_flow_add(
        flow,
        jf_coupling(D, 2, JF_UPPER, jf_map_clamp(2),
                    jf_mlp(&(jf_mlp_options){
                        .n_in = 2, .n_out = 4, .hidden = 150, .depth = 2})));
    train(flow, N, team, out);
}

static void pictures(jf_team *team, jf_text *out)
{
    enum { SIDE = 16, C = 3, N = 8 };
    jf_layer *flow = jf_flow_new(SIDE * SIDE * C);
    jf_flow_add(flow, jf_interlaced(SIDE, SIDE, C, 2, 2, 4));
    jf_flow_add(flow, jf_cosine(SIDE, SIDE, C, 3));
    jf_flow_add(flow, jf_local_scale(SIDE, SIDE, C, 2, 2));
    jf_flow_add(flow, jf_glow(&(jf_glow_options){.height = SIDE,
                                                 .width = SIDE,
                                                 .channels = C,
                                                 .levels = 2,
                                                 .depth = 1,
                                                 .hidden = 8}));
    train(flow, N, team, out);
}

static void files(jf_team *team, jf_text *out)
{
    enum { SIDE = 5 };
    jf_images *set = jf_images_open(folder, SIDE);
    unsigned char pixels[3 * SIDE * SIDE];
    CHECK(set && jf_images_hold(set, SIDE, team) == GSL_SUCCESS);
    for (size_t i = 0; set && i < jf_images_count(set); i++) {
        CHECK(jf_images_read(set, i, pixels) == GSL_SUCCESS);
        jf_text_bytes(out, (char *)pixels, sizeof pixels);
    }
    jf_images_free(set);
}

static void moments(jf_team *team, jf_text *out)
{
    enum { D = 5, N = 3000 };
    jf_matrix x = jf_matrix_new(N, D);
    jf_moments m;
    jf_fill_normal(x, 6, JF_PURPOSE_USER, 0);
    CHECK(jf_moments_of(jf_const(x), &m, team) == GSL_SUCCESS);
    jf_text_bytes(out, (char *)m.t_sigma, (size_t)D * D * sizeof *m.t_sigma);
    jf_moments_free(&m);
    jf_matrix_free(&x);
}

/* What a lane does first shows in the order of this list. */
typedef struct {
    size_t seen[JF_MAX_LANES], count;
} list;

static int add_lane(void *arg, size_t lane, size_t first, size_t count,
                    jf_work *work)
{
    list *l = arg;
    (void)first, (void)count, (void)work;
    l->seen[l->count++] = lane;
    return GSL_SUCCESS;
}

/* The control: orders are orders, each lane is worked once, and a sum that
 * depended on the order would be seen. */
static void test_turns(void)
{
    jf_team *team = jf_team_new(1);
    size_t moved = 0;
    for (team->order = 0; team->order < 8; team->order++) {
        list l = {.count = 0};
        unsigned all = 0;
        CHECK(jf_team_run(team, JF_MAX_LANES, JF_MAX_LANES, add_lane, &l) ==
              GSL_SUCCESS);
        for (size_t k = 0; k < l.count; k++) {
            all |= 1u << l.seen[k];
            moved += team->order > 0 && l.seen[k] != k;
            CHECK(team->order > 0 || l.seen[k] == k);
        }
        CHECK(l.count == JF_MAX_LANES && all == (1u << JF_MAX_LANES) - 1);
    }
    CHECK(moved > 4 * JF_MAX_LANES);
    jf_team_free(team);
}

static void test_same(computation *compute)
{
    static const size_t threads[] = {1, 2, 5};
    jf_text first = {0};
    jf_team *team = jf_team_new(1);
    compute(team, &first);
    jf_team_free(team);
    for (size_t t = 0; t < 3; t++)
        for (unsigned long order = 1; order <= orders; order++) {
            jf_text out = {0};
            team = jf_team_new(threads[t]);
            team->order = order;
            compute(team, &out);
            CHECK(out.length == first.length &&
                  memcmp(out.data, first.data, out.length) == 0);
            jf_team_free(team);
            free(out.data);
        }
    free(first.data);
}

static void draw_files(int remove_them)
{
    enum { FILES = 20 };
    char path[64];
    for (int k = 0; k < FILES; k++) {
        snprintf(path, sizeof path, "%s/%02d.png", folder, k);
        if (remove_them) {
            remove(path);
            continue;
        }
        jf_image image = jf_image_new(7, 6, 3);
        for (size_t i = 0; i < (size_t)7 * 6 * 3; i++)
            image.pixels[i] = (unsigned char)(i * (size_t)(k + 3));
        CHECK(jf_image_write(path, &image) == GSL_SUCCESS);
        jf_image_free(&image);
    }
}

int main(int argc, char **argv)
{
    if (argc > 1)
        orders = strtoul(argv[1], NULL, 10);
    CHECK(mkdtemp(folder) != NULL);
    draw_files(0);
    test_turns();
    test_same(tables);
    test_same(pictures);
    test_same(files);
    test_same(moments);
    draw_files(1);
    CHECK(rmdir(folder) == 0);
    return check_end();
}
