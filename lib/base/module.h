/* module.h -- what has parameters: a layer, a net, a map, a factorisation.
 *
 * theta, what is derived from theta alone, and the gradient of that are three
 * vectors, of which a module has a slice each: its own part first, then the
 * slices of its children in order.  prepare, pull, init and free walk this
 * tree, so a module that wraps others has none of these operations unless it
 * adds something. */
#ifndef JF_MODULE_H
#define JF_MODULE_H

#include <gsl/gsl_rng.h>

#include "base/work.h"

typedef struct jf_module jf_module;

/* What a module reads: theta (n_params), derived (n_derived). */
typedef struct {
    const real *theta, *derived;
} jf_weights;

/* What a kind of module does; each may be NULL.  The ints are GSL codes. */
typedef struct {
    /* Choose theta without a look at data.  NULL: zeros for the module's own
     * part, and jf_module_init of the children. */
    int (*init)(const jf_module *self, real *theta, gsl_rng *rng,
                jf_work *work);

    /* derived := what all rows share, in a pass that work->forward_only
     * describes.  NULL: jf_prepare_children. */
    int (*prepare)(const jf_module *self, const real *theta, real *derived,
                   jf_work *work);

    /* grad (n_params) += what d_derived (n_pulled) means for theta.  NULL:
     * jf_pull_children. */
    int (*pull)(const jf_module *self, jf_weights w, const real *d_derived,
                real *grad, jf_work *work);

    /* Free what the module owns besides its children.  NULL: nothing. */
    void (*clear)(jf_module *self);
} jf_module_ops;

/* A child, and where its slices start in those of its parent. */
typedef struct {
    jf_module *module;
    size_t params, derived, pulled;
} jf_child;

struct jf_module { /* first member of every layer, net, map and factorisation */
    const char *name;
    char *arguments; /* of its constructor, as text (jf_module_record) */
    int silent;      /* follows from its parent, whose text does without it */
    int status; /* GSL_SUCCESS, or what made it lack a child: every call on it
                   then fails with that */
    const jf_module_ops *ops; /* NULL: none of them */
    /* Children included.  n_pulled: reals of derived that have a gradient, the
     * first ones of each module's own. */
    size_t n_params, n_derived, n_pulled;
    size_t n_children;
    jf_child *children;
};

/* For constructors: m with the arguments that made it, as text: "d=%zu, seed=%"
 * PRIu64, numbers as %.17g, names of choices.  NULL, and m is freed, when m is
 * NULL or there is no memory. */
jf_module *jf_module_record(jf_module *m, const char *form, ...)
    __attribute__((format(printf, 2, 3)));

/* What m is, as text that layer/parse.h reads: name(arguments), and behind it
 * the texts of its children in braces.  free() it.  NULL: no memory, or
 * (GSL_EINVAL) a module below has recorded nothing. */
char *jf_describe(const jf_module *m);

/* parent owns child from now on; its slices grow by those of child, behind its
 * own part, and it lacks what child lacks.  GSL_ENOMEM: nothing changes. */
int jf_module_add(jf_module *parent, jf_module *child);

/* For constructors: parent with the child.  NULL, and both are freed, when
 * parent is NULL or there is no memory. */
jf_module *jf_module_adopt(jf_module *parent, jf_module *child);

/* The slices of a child. */
static inline jf_weights jf_child_weights(const jf_child *child, jf_weights w)
{
    return (jf_weights){w.theta + child->params, w.derived + child->derived};
}

/* The operations above on any module: nothing to prepare when n_derived is 0,
 * or to pull when n_pulled is 0. */
int jf_module_init(const jf_module *m, real *theta, gsl_rng *rng,
                   jf_work *work);
int jf_prepare(const jf_module *m, const real *theta, real *derived,
               jf_work *work);
int jf_pull(const jf_module *m, jf_weights w, const real *d_derived, real *grad,
            jf_work *work);
void jf_module_free(jf_module *m); /* NULL: nothing */

/* The same on the children alone, for a module that adds to it.  Large ones
 * are divided among the team of the pass. */
int jf_prepare_children(const jf_module *m, const real *theta, real *derived,
                        jf_work *work);
int jf_pull_children(const jf_module *m, jf_weights w, const real *d_derived,
                     real *grad, jf_work *work);

#endif
