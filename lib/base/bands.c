/* bands.c -- what ranks that share an image send to each other. */
#include "base/bands.h"

#include <string.h>

#include "base/error.h"

int jf_in_bands(const jf_work *work, size_t pixels)
{
    return work->bands && pixels >= JF_BAND_PIXELS;
}

/* A range of rows or columns. */
typedef struct {
    size_t first, last;
} range;

static range overlap(range a, range b)
{
    range r = {a.first > b.first ? a.first : b.first,
               a.last < b.last ? a.last : b.last};
    if (r.last < r.first)
        r.last = r.first;
    return r;
}

/* Of n those of a rank. */
static range range_of(const jf_ranks *ranks, size_t rank, size_t n)
{
    range r;
    jf_ranks_lanes(&(jf_ranks){rank, ranks->count}, JF_MAX_LANES, &r.first,
                   &r.last);
    return (range){n * r.first / JF_MAX_LANES, n * r.last / JF_MAX_LANES};
}

void jf_bands_own(const jf_work *work, size_t pixels, size_t n, size_t *first,
                  size_t *last)
{
    range own = {0, n};
    if (jf_in_bands(work, pixels))
        own = range_of(work->bands, work->bands->rank, n);
    *first = own.first;
    *last = own.last;
}

typedef struct {
    jf_lane_task task;
    void *arg;
    size_t first, last; /* lanes */
} lanes_of_rank;

static int own_lane(void *arg, size_t lane, size_t first, size_t count,
                    jf_work *work)
{
    const lanes_of_rank *own = arg;
    if (lane < own->first || lane >= own->last)
        return GSL_SUCCESS;
    return own->task(own->arg, lane, first, count, work);
}

int jf_bands_divide(jf_work *work, size_t pixels, size_t n, size_t lanes,
                    jf_lane_task task, void *arg)
{
    if (!jf_in_bands(work, pixels))
        return jf_divide(work, n, lanes, task, arg);
    if (n % JF_MAX_LANES)
        JF_ERROR("rows of an image that are no bands", GSL_ESANITY);
    const jf_ranks *ranks = work->bands;
    lanes_of_rank own = {.task = task, .arg = arg};
    jf_ranks_lanes(ranks, JF_MAX_LANES, &own.first, &own.last);
    jf_error error = {.code = GSL_SUCCESS};
    jf_error *before = jf_error_divert(&error);
    work->bands = NULL;
    int status = jf_divide(work, n, JF_MAX_LANES, own_lane, &own);
    work->bands = ranks;
    jf_error_divert(before);
    return jf_ranks_agree(ranks, status, &error);
}

int jf_bands_gather(jf_work *work, size_t pixels, size_t n, size_t size,
                    void *data)
{
    return jf_in_bands(work, pixels)
               ? jf_ranks_gather(work->bands, n, JF_MAX_LANES, size, data)
               : GSL_SUCCESS;
}

/* What goes to each rank, and what comes from each. */
typedef struct {
    size_t *out, *in; /* reals */
    real *sent, *got;
} parcels;

/* A copy of the reals that from and to share: to the parcels (at is where they
 * end) or from them. */
typedef void (*copy)(const void *what, size_t from, size_t to, int packs,
                     real **at);
typedef size_t (*measure)(const void *what, size_t from, size_t to);

static int trade(jf_work *work, const void *what, measure size, copy move)
{
    const jf_ranks *ranks = work->bands;
    size_t me = ranks->rank, n = ranks->count, out = 0, in = 0;
    parcels p = {.out = jf_push_bytes(work, 2 * n * sizeof *p.out)};
    p.in = p.out + n;
    for (size_t k = 0; k < n; k++) {
        out += p.out[k] = k == me ? 0 : size(what, me, k);
        in += p.in[k] = k == me ? 0 : size(what, k, me);
    }
    p.sent = jf_push(work, out + in + 1);
    p.got = p.sent + out;
    real *at = p.sent;
    for (size_t k = 0; k < n; k++)
        if (k != me)
            move(what, me, k, 1, &at);
    int status = jf_ranks_trade(ranks, p.out, p.sent, p.in, p.got);
    at = p.got;
    for (size_t k = 0; k < n && status == GSL_SUCCESS; k++)
        if (k != me)
            move(what, k, me, 0, &at);
    jf_pop(work, p.sent);
    jf_pop(work, p.out);
    return status;
}

static void move_reals(real *data, size_t size, int packs, real **at)
{
    memcpy(packs ? *at : data, packs ? data : *at, size * sizeof *data);
    *at += size;
}

typedef struct {
    const jf_ranks *ranks;
    jf_band_rows rows;
    size_t gap;
} halo;

/* Rows of from that to is in need of: above its own, and below (k = 1). */
static range needed(const halo *h, size_t from, size_t to, int k)
{
    range own = range_of(h->ranks, to, h->rows.rows), near;
    if (own.first == own.last)
        return (range){0, 0};
    size_t left = h->rows.rows - own.last;
    near = k ? (range){own.last, own.last + (h->gap < left ? h->gap : left)}
             : (range){own.first > h->gap ? own.first - h->gap : 0, own.first};
    return overlap(near, range_of(h->ranks, from, h->rows.rows));
}

static size_t halo_size(const void *what, size_t from, size_t to)
{
    const halo *h = what;
    range above = needed(h, from, to, 0), below = needed(h, from, to, 1);
    return (above.last - above.first + below.last - below.first) *
           h->rows.count * h->rows.size;
}

static void move_halo(const void *what, size_t from, size_t to, int packs,
                      real **at)
{
    const halo *h = what;
    size_t line = h->rows.count * h->rows.stride;
    for (int k = 0; k < 2; k++) {
        range r = needed(h, from, to, k);
        for (size_t i = r.first; i < r.last; i++)
            for (size_t q = 0; q < h->rows.count; q++)
                move_reals(h->rows.data + i * line + q * h->rows.stride,
                           h->rows.size, packs, at);
    }
}

int jf_bands_halo(jf_work *work, size_t pixels, jf_band_rows rows, size_t gap)
{
    halo h = {work->bands, rows, gap};
    return jf_in_bands(work, pixels) ? trade(work, &h, halo_size, move_halo)
                                     : GSL_SUCCESS;
}

typedef struct {
    const jf_ranks *ranks;
    size_t rows, planes, cols;
    real *data;
    int back;
} turn;

static void turned(const turn *t, size_t from, size_t to, range *rows,
                   range *cols)
{
    *rows = range_of(t->ranks, t->back ? to : from, t->rows);
    *cols = range_of(t->ranks, t->back ? from : to, t->cols);
}

static size_t turn_size(const void *what, size_t from, size_t to)
{
    const turn *t = what;
    range rows, cols;
    turned(t, from, to, &rows, &cols);
    return (rows.last - rows.first) * t->planes * (cols.last - cols.first);
}

static void move_turn(const void *what, size_t from, size_t to, int packs,
                      real **at)
{
    const turn *t = what;
    range rows, cols;
    turned(t, from, to, &rows, &cols);
    for (size_t i = rows.first * t->planes; i < rows.last * t->planes; i++)
        move_reals(t->data + i * t->cols + cols.first, cols.last - cols.first,
                   packs, at);
}

int jf_bands_turn(jf_work *work, size_t pixels, size_t rows, size_t planes,
                  size_t cols, real *data, int back)
{
    turn t = {work->bands, rows, planes, cols, data, back};
    return jf_in_bands(work, pixels) ? trade(work, &t, turn_size, move_turn)
                                     : GSL_SUCCESS;
}
