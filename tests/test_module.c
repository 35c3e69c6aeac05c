/* test_module.c -- slices of a tree of modules, and the walks over it.
 *
 * A probe of k parameters derives theta + 1 and, of the first of them, has a
 * gradient; its pull adds 10 times that. */
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "jf.h"

static int cleared; /* modules whose clear was called */

typedef struct {
    jf_module module;
    size_t own, own_pulled;
    int code; /* what prepare returns */
    int forward_only;
} probe;

static int probe_prepare(const jf_module *self, const real *theta,
                         real *derived, jf_work *work)
{
    probe *p = (probe *)(void *)self;
    p->forward_only = work->forward_only;
    for (size_t i = 0; i < p->own; i++)
        derived[i] = theta[i] + 1;
    JF_TRY(jf_prepare_children(self, theta, derived, work));
    return p->code;
}

static int probe_pull(const jf_module *self, jf_weights w,
                      const real *d_derived, real *grad, jf_work *work)
{
    const probe *p = (const probe *)(const void *)self;
    for (size_t i = 0; i < p->own_pulled; i++)
        grad[i] += 10 * d_derived[i];
    return jf_pull_children(self, w, d_derived, grad, work);
}

static int probe_init(const jf_module *self, real *theta, gsl_rng *rng,
                      jf_work *work)
{
    (void)rng, (void)work;
    for (size_t i = 0; i < self->n_params; i++)
        theta[i] = 7;
    return GSL_SUCCESS;
}

static void probe_clear(jf_module *self)
{
    (void)self;
    cleared++;
}

static const jf_module_ops probe_ops = {
    .prepare = probe_prepare, .pull = probe_pull, .clear = probe_clear};
static const jf_module_ops draws_ops = {.init = probe_init,
                                        .prepare = probe_prepare,
                                        .pull = probe_pull,
                                        .clear = probe_clear};

static probe *probe_new(const jf_module_ops *ops, size_t own, size_t pulled)
{
    probe *p = jf_alloc(1, sizeof *p);
    p->module = (jf_module){.name = "probe",
                            .ops = ops,
                            .n_params = own,
                            .n_derived = own,
                            .n_pulled = pulled};
    p->own = own;
    p->own_pulled = pulled;
    return p;
}

/* A module that has no operation at all. */
static jf_module *plain(size_t n_params)
{
    jf_module *m = jf_alloc(1, sizeof *m);
    m->name = "plain";
    m->n_params = n_params;
    return m;
}

/* 2 own parameters, then a wrapper of a probe of 3 behind a plain module of 1,
 * then a probe of 4. */
static probe *tree(probe *inner, probe *last)
{
    probe *root = probe_new(&probe_ops, 2, 1);
    jf_module *wrapper = plain(0);
    jf_module_add(wrapper, plain(1));
    jf_module_add(wrapper, &inner->module);
    jf_module_add(&root->module, wrapper);
    jf_module_add(&root->module, &last->module);
    return root;
}

/* Slices that overlap, leave a gap or do not end where their parent does. */
static size_t misplaced(const jf_module *m, size_t own, size_t own_pulled)
{
    size_t params = own, derived = own, pulled = own_pulled, wrong = 0;
    for (size_t i = 0; i < m->n_children; i++) {
        const jf_child *c = &m->children[i];
        wrong +=
            c->params != params || c->derived != derived || c->pulled != pulled;
        params += c->module->n_params;
        derived += c->module->n_derived;
        pulled += c->module->n_pulled;
    }
    return wrong + (params != m->n_params || derived != m->n_derived ||
                    pulled != m->n_pulled);
}

static void test_layout(void)
{
    probe *root =
        tree(probe_new(&probe_ops, 3, 3), probe_new(&probe_ops, 4, 2));
    jf_module *m = &root->module, *wrapper = m->children[0].module;
    CHECK(m->n_params == 10 && m->n_derived == 9 && m->n_pulled == 6);
    CHECK(m->n_children == 2 && wrapper->n_children == 2);
    CHECK(misplaced(m, 2, 1) == 0);
    CHECK(wrapper->children[1].params == 1 &&
          wrapper->children[1].derived == 0);
    m->children[1].derived++; /* a slice in the wrong place is seen */
    CHECK(misplaced(m, 2, 1) == 1);
    m->n_pulled++;
    CHECK(misplaced(m, 2, 1) == 2);
    cleared = 0;
    jf_module_free(m);
    CHECK(cleared == 3); /* once each, of those with a clear */
    jf_module_free(NULL);
}

/* Entries of theta, derived and the gradient by hand; the plain module's
 * parameter, number 2, is read by nobody. */
static void test_walks(void)
{
    const real expected_derived[9] = {1, 2, 4, 5, 6, 7, 8, 9, 10};
    const real expected_grad[10] = {10, 0, 0, 20, 30, 40, 50, 60, 0, 0};
    probe *root =
        tree(probe_new(&probe_ops, 3, 3), probe_new(&probe_ops, 4, 2));
    jf_work *work = jf_work_new();
    real theta[10], derived[9] = {0}, grad[10] = {0};
    const real d_derived[6] = {1, 2, 3, 4, 5, 6};
    for (size_t i = 0; i < 10; i++)
        theta[i] = (real)i;
    CHECK(jf_prepare(&root->module, theta, derived, work) == GSL_SUCCESS);
    CHECK(memcmp(derived, expected_derived, sizeof derived) == 0);
    CHECK(jf_pull(&root->module, (jf_weights){theta, derived}, d_derived, grad,
                  work) == GSL_SUCCESS);
    CHECK(memcmp(grad, expected_grad, sizeof grad) == 0);
    root->module.children[1]
        .derived--; /* a child's slice that is not its own */
    jf_prepare(&root->module, theta, derived, work);
    CHECK(memcmp(derived, expected_derived, sizeof derived) != 0);
    jf_module_free(&root->module);
    jf_work_free(work);
}

static void test_init(void)
{
    probe *root =
        tree(probe_new(&draws_ops, 3, 3), probe_new(&probe_ops, 4, 2));
    jf_work *work = jf_work_new();
    const real expected[10] = {0, 0, 0, 7, 7, 7, 0, 0, 0, 0};
    real theta[10];
    for (size_t i = 0; i < 10; i++)
        theta[i] = -1;
    CHECK(jf_module_init(&root->module, theta, NULL, work) == GSL_SUCCESS);
    CHECK(memcmp(theta, expected, sizeof theta) == 0);
    jf_module_free(&root->module);
    jf_work_free(work);
}

/* Modules without operations, and without children. */
static void test_nothing(void)
{
    jf_module *m = plain(2);
    jf_work *work = jf_work_new();
    real theta[2] = {3, 4}, derived[1] = {5}, grad[2] = {6, 7};
    CHECK(jf_prepare(m, theta, derived, work) == GSL_SUCCESS);
    CHECK(jf_pull(m, (jf_weights){theta, derived}, derived, grad, work) ==
          GSL_SUCCESS);
    CHECK(derived[0] == 5 && grad[0] == 6 && grad[1] == 7);
    CHECK(jf_module_init(m, theta, NULL, work) == GSL_SUCCESS);
    CHECK(theta[0] == 0 && theta[1] == 0);
    CHECK(work->depth == 0);
    jf_module_free(m);
    jf_work_free(work);
}

/* A code passes on, those behind are not called, and what the pass said of
 * itself reaches children and stays. */
static void test_failure(void)
{
    probe *inner = probe_new(&probe_ops, 3, 3);
    probe *last = probe_new(&probe_ops, 4, 2);
    probe *root = tree(inner, last);
    jf_work *work = jf_work_new();
    real theta[10] = {0}, derived[9] = {0};
    work->forward_only = 1;
    inner->code = GSL_ESING;
    CHECK(jf_prepare(&root->module, theta, derived, work) == GSL_ESING);
    CHECK(inner->forward_only == 1 && work->forward_only == 1);
    CHECK(derived[4] == 1 && derived[5] == 0 && last->forward_only == 0);
    inner->code = GSL_SUCCESS;
    CHECK(jf_prepare(&root->module, theta, derived, work) == GSL_SUCCESS);
    CHECK(derived[5] == 1 && last->forward_only == 1);
    jf_module_free(&root->module);
    jf_work_free(work);
}

/* A parent lacks what a child lacks, and a parent that is not there leaves
 * nothing behind. */
static void test_adoption(void)
{
    probe *whole = probe_new(&probe_ops, 1, 1);
    probe *lacking = probe_new(&probe_ops, 1, 1);
    probe *root = probe_new(&probe_ops, 1, 1);
    lacking->module.status = GSL_EBADLEN;
    CHECK(jf_module_adopt(&root->module, &whole->module) == &root->module);
    CHECK(root->module.status == GSL_SUCCESS && root->module.n_params == 2);
    CHECK(jf_module_add(&root->module, &lacking->module) == GSL_SUCCESS);
    CHECK(root->module.status == GSL_EBADLEN && root->module.n_params == 3);
    cleared = 0;
    jf_module_free(&root->module);
    CHECK(cleared == 3);
    CHECK(jf_module_adopt(NULL, &probe_new(&probe_ops, 1, 1)->module) == NULL);
    CHECK(cleared == 4);
}

/* Children that go to the team leave the same bytes. */
static void test_team(void)
{
    enum { CHILDREN = 5, SIZE = 1 << 14 };
    probe *root = probe_new(&probe_ops, 0, 0);
    for (size_t i = 0; i < CHILDREN; i++)
        jf_module_add(&root->module,
                      &probe_new(&probe_ops, SIZE + i, SIZE)->module);
    size_t n = root->module.n_params, size = n * sizeof(real);
    real *theta = jf_alloc(n, sizeof *theta), *one = jf_alloc(n, sizeof *one);
    real *two = jf_alloc(n, sizeof *two);
    for (size_t i = 0; i < n; i++)
        theta[i] = (real)(i % 1000) / 7;
    for (size_t threads = 1; threads <= 2; threads++) {
        jf_team *team = jf_team_new(threads);
        team->work[0]->team = team;
        team->work[0]->forward_only = 1;
        CHECK(jf_prepare(&root->module, theta, threads == 1 ? one : two,
                         team->work[0]) == GSL_SUCCESS);
        team->work[0]->team = NULL;
        for (size_t i = 0; i < CHILDREN; i++) {
            probe *p = (probe *)(void *)root->module.children[i].module;
            CHECK(p->forward_only == 1);
            p->forward_only = 0;
        }
        CHECK(team->work[1]->forward_only == 0);
        jf_team_free(team);
    }
    CHECK(memcmp(one, two, size) == 0);
    CHECK(one[n - 1] == theta[n - 1] + 1);
    free(theta);
    free(one);
    free(two);
    jf_module_free(&root->module);
}

/* A layer that wraps one of its own has the slices of what it wraps, and theta
 * from it. */
static void test_wrappers(void)
{
    jf_mlp_options net = {3, 6, 4, 1, JF_TANH, 0, 0.5};
    jf_layer *coupling =
        jf_coupling(6, 3, JF_UPPER, jf_map_clamp(1), jf_mlp(&net));
    size_t n = coupling->module.n_params;
    CHECK(n == 3 * 4 + 4 + 4 * 6 + 6);
    CHECK(coupling->module.n_derived == n && coupling->module.n_pulled == n);
    jf_layer *inverted = jf_inverted(jf_on_columns(8, 1, coupling));
    CHECK(inverted->module.n_params == n && inverted->module.n_derived == n);
    CHECK(inverted->module.n_children == 1 &&
          inverted->ops->module.pull == NULL);
    CHECK(inverted->ops->module.clear == NULL);
    jf_layer_free(inverted);
    jf_layer *plu = jf_plu(4, 1);
    CHECK(plu->module.n_params == 16 && plu->module.n_derived == 34 &&
          plu->module.n_pulled == 17);
    jf_layer_free(plu);
}

/* A tree is described from its top, without what is silent; not where a module
 * has recorded nothing. */
static void test_description(void)
{
    jf_layer *flow = jf_flow_new(2);
    jf_flow_add(flow, jf_plu(2, 3));
    jf_flow_add(flow, jf_inverted(jf_reverse(2)));
    char *text = jf_describe(&flow->module);
    CHECK(text && strcmp(text, "flow(d=2) { plu(d=2, seed=3) inverted() { "
                               "reverse(d=2) } }") == 0);
    free(text);
    static const jf_layer_ops none = {0};
    jf_flow_add(flow, jf_layer_new(sizeof(jf_layer), "bare", &none, 2, 0));
    CHECK(jf_describe(&flow->module) == NULL);
    CHECK(jf_error_last()->code == GSL_EINVAL);
    CHECK(strstr(jf_error_last()->message, "bare") != NULL);
    jf_layer_free(flow);
}

int main(void)
{
    test_layout();
    test_walks();
    test_init();
    test_nothing();
    test_failure();
    test_adoption();
    test_team();
    test_wrappers();
    test_description();
    return check_end();
}
