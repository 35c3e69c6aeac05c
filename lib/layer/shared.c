/* shared.c -- I (x) f: one layer on each of positions groups of columns.
 *
 * A row (positions x c) without gaps is positions rows of c columns, so the
 * inner layer sees a taller matrix; its log-determinants are summed by sample.
 * Rows with gaps between them go through one by one.
 *
 * When the inner layer is rowwise, the tall matrix is cut into lanes for the
 * team, and a lane into tiles that stay in cache.  A tile leaves nothing on
 * a tape; a full tape keeps x, from which backward starts again.  Each lane
 * has a gradient of its own, and they are added in lane order.  Where positions
 * are pixels in bands, those of this rank alone; where bands are more than lanes,
 * all ranks do all. */
#include <string.h>

#include "base/bands.h"
#include "base/error.h"
#include "layer/layers.h"

enum { LANE_ROWS = 1024, TILE_REALS = 1 << 14 };

typedef struct {
    jf_layer base;
    jf_layer *inner;
    size_t banded; /* positions, or 0: they cannot be in bands */
    int whole;     /* in bands each rank does all positions */
} shared;

static size_t count_blocks(jf_const_matrix x)
{
    return x.rows <= 1 || x.stride == x.cols ? 1 : x.rows;
}

/* Block b of x, tall: (samples x positions, c). */
static jf_matrix block(const shared *s, jf_matrix x, size_t b, size_t blocks)
{
    size_t samples = x.rows / blocks;
    return jf_view(jf_row(x, b * samples), samples * s->base.positions,
                   s->inner->d);
}

static int init(const jf_layer *self, real *theta, jf_const_matrix x,
                gsl_rng *rng, jf_work *work)
{
    const shared *s = (const shared *)self;
    size_t rows = x.rows * s->base.positions, depth = work->depth;
    if (count_blocks(x) > 1) {
        jf_matrix packed = jf_push_matrix(work, x.rows, x.cols);
        jf_matrix_copy(packed, x);
        x = jf_const(packed);
    }
    JF_TRY(jf_layer_init(s->inner, theta,
                         jf_const_view(x.data, rows, s->inner->d), rng, work));
    jf_work_release(work, depth);
    return GSL_SUCCESS;
}

/* Positions whose bands are those of the pass; what others have of x comes
 * where all are this rank's. */
static size_t bands_of(const shared *s, jf_matrix x, jf_work *work)
{
    if (!s->whole)
        return s->banded;
    jf_bands_gather(work, s->banded, s->base.d, sizeof(real), x.data);
    return 0;
}

/* A pass of the inner layer over the tall matrix; ld (rows): what forward
 * adds to, and backward's weights. */
typedef struct {
    const shared *s;
    jf_weights w;
    size_t banded; /* positions in bands; 0 */
    jf_matrix x, dz;
    double *ld;
    real *kept; /* x under a full tape; NULL otherwise */
    real *grad; /* (lanes, n_params + n_pulled): backward */
} pass;

static int tile_backward(const pass *p, size_t lane, size_t first, size_t count,
                         jf_work *work)
{
    const jf_layer *in = p->s->inner;
    jf_matrix x = jf_rows(p->x, first, count);
    real *grad = p->grad + lane * (in->module.n_params + in->module.n_pulled);
    if (p->kept) {
        memcpy(x.data, p->kept + first * in->d, count * in->d * sizeof(real));
        work->tape = JF_TAPE_FULL;
        double *ld = jf_push_bytes(jf_second_stack(work), count * sizeof *ld);
        memset(ld, 0, count * sizeof *ld);
        JF_TRY(in->ops->forward(in, p->w, x, ld, work));
        jf_pop(jf_second_stack(work), ld);
    }
    return in->ops->backward(
        in, p->w, x, jf_rows(p->dz, first, count), p->ld + first,
        (jf_grad){grad, grad + in->module.n_params, 0}, work);
}

static int pass_rows(void *arg, size_t lane, size_t first, size_t count,
                     jf_work *work)
{
    const pass *p = arg;
    const jf_layer *in = p->s->inner;
    jf_tape tape = work->tape;
    size_t end = first + count, tile = TILE_REALS / in->d + 1;
    int status = GSL_SUCCESS;

    work->tape = p->grad ? JF_TAPE_LEAN : JF_TAPE_NONE;
    for (; first < end && status == GSL_SUCCESS; first += count) {
        count = end - first < tile ? end - first : tile;
        jf_matrix x = jf_rows(p->x, first, count);
        if (p->kept && !p->grad)
            memcpy(p->kept + first * in->d, x.data,
                   count * in->d * sizeof(real));
        if (p->grad)
            status = tile_backward(p, lane, first, count, work);
        else if (p->ld)
            status = in->ops->forward(in, p->w, x, p->ld + first, work);
        else
            status = in->ops->inverse(in, p->w, x, work);
    }
    work->tape = tape;
    return status;
}

/* The pass over a tall matrix, in lanes when the inner layer allows. */
static int run_rowwise(pass *p, jf_grad grad, jf_work *work)
{
    const jf_layer *in = p->s->inner;
    size_t lanes = jf_lanes(p->x.rows, LANE_ROWS);
    size_t size = in->module.n_params + in->module.n_pulled;

    if (!p->dz.data)
        return jf_bands_divide(work, p->banded, p->x.rows, lanes, pass_rows, p);
    p->grad = jf_push(work, lanes * size + 1); /* not NULL without params */
    memset(p->grad, 0, lanes * size * sizeof(real));
    JF_TRY(jf_bands_divide(work, p->banded, p->x.rows, lanes, pass_rows, p));
    jf_bands_gather(work, p->banded, lanes * size, sizeof(real), p->grad);
    for (size_t l = 0; l < lanes; l++) {
        const real *own = p->grad + l * size;
        for (size_t i = 0; i < in->module.n_params; i++)
            grad.theta[i] += own[i];
        for (size_t i = 0; i < in->module.n_pulled; i++)
            grad.derived[i] += own[in->module.n_params + i];
    }
    jf_pop(work, p->grad);
    return GSL_SUCCESS;
}

static int forward(const jf_layer *self, jf_weights w, jf_matrix x,
                   double *log_abs_det, jf_work *work)
{
    const shared *s = (const shared *)self;
    const jf_layer *in = s->inner;
    size_t blocks = count_blocks(jf_const(x)), samples = x.rows / blocks;
    size_t banded = bands_of(s, x, work);

    for (size_t b = 0; b < blocks; b++) {
        pass p = {
            .s = s, .w = w, .banded = banded, .x = block(s, x, b, blocks)};
        size_t first, last, rows = p.x.rows;
        jf_bands_own(work, banded, rows, &first, &last);
        p.ld = jf_push_bytes(jf_second_stack(work), rows * sizeof *p.ld);
        memset(p.ld + first, 0, (last - first) * sizeof *p.ld);
        if (in->rowwise && work->tape == JF_TAPE_FULL)
            p.kept = jf_push(work, rows * in->d);
        JF_TRY(in->rowwise ? run_rowwise(&p, (jf_grad){0}, work)
                           : in->ops->forward(in, w, p.x, p.ld, work));
        for (size_t i = 0; i < samples; i++)
            jf_bands_sum(work, banded, s->base.positions,
                         p.ld + i * s->base.positions,
                         &log_abs_det[b * samples + i]);
        jf_pop(jf_second_stack(work), p.ld);
    }
    return GSL_SUCCESS;
}

static int inverse(const jf_layer *self, jf_weights w, jf_matrix z,
                   jf_work *work)
{
    const shared *s = (const shared *)self;
    const jf_layer *in = s->inner;
    size_t blocks = count_blocks(jf_const(z)), banded = bands_of(s, z, work);
    for (size_t b = 0; b < blocks; b++) {
        pass p = {
            .s = s, .w = w, .banded = banded, .x = block(s, z, b, blocks)};
        JF_TRY(in->rowwise ? run_rowwise(&p, (jf_grad){0}, work)
                           : in->ops->inverse(in, w, p.x, work));
    }
    return GSL_SUCCESS;
}

static int backward(const jf_layer *self, jf_weights w, jf_matrix z,
                    jf_matrix dz, const double *d_log_abs_det, jf_grad grad,
                    jf_work *work)
{
    const shared *s = (const shared *)self;
    const jf_layer *in = s->inner;
    size_t blocks = count_blocks(jf_const(z)), samples = z.rows / blocks;
    int kept = in->rowwise && work->tape == JF_TAPE_FULL;
    if (blocks != count_blocks(jf_const(dz)))
        JF_ERROR("z and dz differ in their gaps", GSL_EBADLEN);
    size_t banded = bands_of(s, z, work);
    bands_of(s, dz, work);

    for (size_t b = blocks; b-- > 0;) {
        pass p = {.s = s,
                  .w = w,
                  .banded = banded,
                  .x = block(s, z, b, blocks),
                  .dz = block(s, dz, b, blocks),
                  .kept = kept ? jf_top(work) : NULL};
        size_t first, last;
        jf_bands_own(work, banded, p.x.rows, &first, &last);
        p.ld = jf_push_bytes(jf_second_stack(work), p.x.rows * sizeof *p.ld);
        for (size_t i = first; i < last; i++)
            p.ld[i] = d_log_abs_det[b * samples + i / s->base.positions];
        JF_TRY(in->rowwise
                   ? run_rowwise(&p, grad, work)
                   : in->ops->backward(in, w, p.x, p.dz, p.ld, grad, work));
        jf_pop(jf_second_stack(work), p.ld);
        if (kept)
            jf_pop(work, p.kept);
    }
    return GSL_SUCCESS;
}

static int bounds(const jf_layer *self, jf_weights w, double radius,
                  double *least, double *largest, jf_work *work)
{
    const jf_layer *inner = ((const shared *)self)->inner;
    return jf_bounds(inner, w, radius, least, largest, work);
}

static const jf_layer_ops ops = {.init_from_data = init,
                                 .forward = forward,
                                 .inverse = inverse,
                                 .backward = backward,
                                 .bounds = bounds};

jf_layer *jf_shared(size_t positions, jf_layer *layer)
{
    if (!layer)
        return jf_error_missing("no layer"), NULL;
    if (positions == 0) {
        jf_layer_free(layer);
        JF_ERROR_NULL("sharing needs a position", GSL_EINVAL);
    }
    shared *s = (shared *)jf_layer_around(sizeof *s, "shared", &ops,
                                          positions * layer->d, &layer->module);
    if (!s)
        return NULL;
    s->base.n_saved = positions * (layer->rowwise ? layer->d : layer->n_saved);
    s->base.positions = positions;
    s->inner = layer;
    size_t bands = jf_bands_count(positions);
    if (bands > 1 && positions % bands == 0 &&
        (layer->band_in.size ? layer->band_in.size == positions
                             : layer->rowwise)) {
        s->banded = positions;
        s->whole = layer->rowwise && jf_lanes(positions, LANE_ROWS) % bands;
        s->base.band_in = s->base.band_out = (jf_banded){s->base.d, positions};
    }
    /* an image in bands at each position is not one image */
    s->base.unbanded = layer->unbanded || (!s->banded && layer->band_in.size);
    return jf_layer_record(&s->base, "positions=%zu", positions);
}
