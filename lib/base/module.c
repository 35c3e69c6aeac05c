/* module.c -- the walks over a tree of modules. */
#include "base/module.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/number.h"
#include "base/team.h"

jf_module *jf_module_record(jf_module *m, const char *form, ...)
{
    va_list list;
    if (!m)
        return NULL;
    va_start(list, form);
    int size = jf_vformat(NULL, 0, form, list);
    va_end(list);
    free(m->arguments);
    m->arguments = jf_alloc((size_t)size + 1, 1);
    if (!m->arguments) {
        jf_module_free(m);
        return NULL;
    }
    va_start(list, form);
    jf_vformat(m->arguments, (size_t)size + 1, form, list);
    va_end(list);
    return m;
}

/* The first module from m down whose arguments are not known; NULL: none. */
static const jf_module *unrecorded(const jf_module *m)
{
    const jf_module *found = m->arguments ? NULL : m;
    for (size_t i = 0; i < m->n_children && !found; i++)
        if (!m->children[i].module->silent)
            found = unrecorded(m->children[i].module);
    return found;
}

/* A text that grows; with to = NULL it is only measured. */
typedef struct {
    char *to;
    size_t length;
} description;

static void add(description *text, const char *part)
{
    size_t n = strlen(part);
    if (text->to)
        memcpy(text->to + text->length, part, n);
    text->length += n;
}

static void describe(const jf_module *m, description *text)
{
    const char *before = " { ";
    add(text, m->name);
    add(text, "(");
    add(text, m->arguments);
    add(text, ")");
    for (size_t i = 0; i < m->n_children; i++) {
        if (m->children[i].module->silent)
            continue;
        add(text, before);
        describe(m->children[i].module, text);
        before = " ";
    }
    if (!before[1])
        add(text, " }");
}

char *jf_describe(const jf_module *m)
{
    description text = {NULL, 0};
    const jf_module *missing = unrecorded(m);
    if (missing) {
        jf_error_report(GSL_EINVAL, __FILE__, __LINE__,
                        "%s has recorded no arguments", missing->name);
        return NULL;
    }
    describe(m, &text);
    text = (description){jf_alloc(text.length + 1, 1), 0};
    if (text.to)
        describe(m, &text);
    return text.to;
}

int jf_module_add(jf_module *parent, jf_module *child)
{
    size_t n = parent->n_children;
    jf_child *children = jf_alloc(n + 1, sizeof *children);
    JF_TRY_MEMORY(children);
    if (n)
        memcpy(children, parent->children, n * sizeof *children);
    free(parent->children);
    children[n] = (jf_child){child, parent->n_params, parent->n_derived,
                             parent->n_pulled};
    parent->children = children;
    parent->n_children = n + 1;
    parent->n_params += child->n_params;
    parent->n_derived += child->n_derived;
    parent->n_pulled += child->n_pulled;
    if (parent->status == GSL_SUCCESS)
        parent->status = child->status;
    return GSL_SUCCESS;
}

jf_module *jf_module_adopt(jf_module *parent, jf_module *child)
{
    if (parent && jf_module_add(parent, child) == GSL_SUCCESS)
        return parent;
    jf_module_free(parent);
    jf_module_free(child);
    return NULL;
}

int jf_module_init(const jf_module *m, real *theta, gsl_rng *rng, jf_work *work)
{
    if (m->ops && m->ops->init)
        return m->ops->init(m, theta, rng, work);
    size_t own = m->n_children ? m->children[0].params : m->n_params;
    memset(theta, 0, own * sizeof *theta);
    for (size_t i = 0; i < m->n_children; i++) {
        const jf_child *c = &m->children[i];
        JF_TRY(jf_module_init(c->module, theta + c->params, rng, work));
    }
    return GSL_SUCCESS;
}

/* A call of prepare or, with d_derived, of pull on every child. */
typedef struct {
    const jf_module *parent;
    jf_weights w;
    real *derived;
    const real *d_derived;
    real *grad;
    int forward_only;
} call;

static int call_some(void *arg, size_t lane, size_t first, size_t count,
                     jf_work *work)
{
    const call *a = arg;
    int forward_only = work->forward_only, status = GSL_SUCCESS;
    (void)lane;
    work->forward_only = a->forward_only;
    for (size_t i = first; i < first + count && status == GSL_SUCCESS; i++) {
        const jf_child *c = &a->parent->children[i];
        jf_weights w = jf_child_weights(c, a->w);
        status = a->d_derived ? jf_pull(c->module, w, a->d_derived + c->pulled,
                                        a->grad + c->params, work)
                              : jf_prepare(c->module, w.theta,
                                           a->derived + c->derived, work);
    }
    work->forward_only = forward_only;
    return status;
}

/* The children go to the team when they are large and none is most of them;
 * when one is, it may have children to divide.  Few lanes, since each has
 * scratch of its own, as large as some matrices. */
static int call_all(call a, jf_work *work)
{
    enum { LARGE = 1 << 14, LANES = 2 };
    size_t most = 0, total = a.parent->n_derived, n = a.parent->n_children;
    for (size_t i = 0; i < n; i++) {
        size_t own = a.parent->children[i].module->n_derived;
        most = own > most ? own : most;
    }
    if (total < LARGE || 2 * most > total)
        return call_some(&a, 0, 0, n, work);
    return jf_divide(work, n, LANES, call_some, &a);
}

int jf_prepare_children(const jf_module *m, const real *theta, real *derived,
                        jf_work *work)
{
    return call_all((call){.parent = m,
                           .w = {theta, derived},
                           .derived = derived,
                           .forward_only = work->forward_only},
                    work);
}

int jf_pull_children(const jf_module *m, jf_weights w, const real *d_derived,
                     real *grad, jf_work *work)
{
    return call_all((call){.parent = m,
                           .w = w,
                           .d_derived = d_derived,
                           .grad = grad,
                           .forward_only = work->forward_only},
                    work);
}

int jf_prepare(const jf_module *m, const real *theta, real *derived,
               jf_work *work)
{
    if (m->n_derived == 0)
        return GSL_SUCCESS;
    return m->ops && m->ops->prepare
               ? m->ops->prepare(m, theta, derived, work)
               : jf_prepare_children(m, theta, derived, work);
}

int jf_pull(const jf_module *m, jf_weights w, const real *d_derived, real *grad,
            jf_work *work)
{
    if (m->n_pulled == 0)
        return GSL_SUCCESS;
    return m->ops && m->ops->pull
               ? m->ops->pull(m, w, d_derived, grad, work)
               : jf_pull_children(m, w, d_derived, grad, work);
}

void jf_module_free(jf_module *m)
{
    if (!m)
        return;
    if (m->ops && m->ops->clear)
        m->ops->clear(m);
    for (size_t i = 0; i < m->n_children; i++)
        jf_module_free(m->children[i].module);
    free(m->children);
    free(m->arguments);
    free(m);
}
