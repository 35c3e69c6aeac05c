/* bands.c -- what ranks that share an image send to each other. */
#include "base/bands.h"

#include <string.h>

#include "base/clones.h"
#include "base/error.h"

size_t jf_bands_count(size_t pixels)
{
    size_t count = JF_MAX_LANES;
    for (size_t least = JF_BAND_PIXELS; count > 1 && pixels < least; least /= 4)
        count /= 2;
    return count;
}

int jf_in_bands(const jf_work *work, size_t pixels)
{
    return work->bands && jf_bands_count(pixels) > 1;
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

/* Of n those of a rank, in the bands of pixels. */
static range range_of(const jf_ranks *ranks, size_t rank, size_t pixels,
                      size_t n)
{
    range r;
    size_t bands = jf_bands_count(pixels);
    jf_ranks_lanes(&(jf_ranks){rank, ranks->count}, bands, &r.first, &r.last);
    return (range){n * r.first / bands, n * r.last / bands};
}

void jf_bands_own(const jf_work *work, size_t pixels, size_t n, size_t *first,
                  size_t *last)
{
    range own = {0, n};
    if (jf_in_bands(work, pixels))
        own = range_of(work->bands->ranks, work->bands->ranks->rank, pixels, n);
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
    size_t bands = jf_bands_count(pixels);
    if (n % bands)
        JF_ERROR("rows of an image that are no bands", GSL_ESANITY);
    if (lanes % bands)
        lanes = bands;
    jf_bands *all = work->bands;
    range own = range_of(all->ranks, all->ranks->rank, pixels, lanes);
    lanes_of_rank part = {task, arg, own.first, own.last};
    jf_error error = {.code = GSL_SUCCESS};
    jf_error *before = jf_error_divert(&error);
    work->bands = NULL;
    int status = jf_divide(work, n, lanes, own_lane, &part);
    work->bands = all;
    jf_error_divert(before);
    if (status && !all->status) {
        all->status = status;
        all->error = error;
    }
    return GSL_SUCCESS;
}

int jf_bands_end(jf_bands *bands, int status)
{
    return status ? status
                  : jf_ranks_agree(bands->ranks, bands->status, &bands->error);
}

void jf_bands_gather(jf_work *work, size_t pixels, size_t n, size_t size,
                     void *data)
{
    if (jf_in_bands(work, pixels))
        jf_ranks_gather(work->bands->ranks, n, jf_bands_count(pixels), size,
                        data);
}

typedef struct {
    size_t first, last; /* of values, or of lanes */
    const double *values;
    size_t size;
    const real *lanes;
} own_part;

static void add_values(void *arg, void *sum)
{
    const own_part *own = arg;
    for (size_t i = own->first; i < own->last; i++)
        *(double *)sum += own->values[i];
}

void jf_bands_sum(jf_work *work, size_t pixels, size_t n, const double *values,
                  double *sum)
{
    own_part own = {.values = values};
    jf_bands_own(work, pixels, n, &own.first, &own.last);
    if (jf_in_bands(work, pixels))
        jf_ranks_in_turn(work->bands->ranks, sizeof *sum, sum, add_values,
                         &own);
    else
        add_values(&own, sum);
}

JF_CLONES static void bands_add(size_t n, const real *restrict from,
                                real *restrict to)
{
    for (size_t i = 0; i < n; i++)
        to[i] += from[i];
}

static void add_lanes(void *arg, void *sum)
{
    const own_part *own = arg;
    for (size_t l = own->first; l < own->last; l++)
        bands_add(own->size, own->lanes + l * own->size, sum);
}

void jf_bands_add(jf_work *work, size_t pixels, size_t lanes, size_t size,
                  real *sums)
{
    if (!jf_in_bands(work, pixels))
        return;
    own_part own = {.size = size, .lanes = sums};
    jf_bands_own(work, pixels, lanes, &own.first, &own.last);
    real *sum = jf_push(work, size); /* the first rank may have no lane */
    memset(sum, 0, size * sizeof *sum);
    jf_ranks_in_turn(work->bands->ranks, size * sizeof *sum, sum, add_lanes,
                     &own);
    memcpy(sums, sum, size * sizeof *sum);
    jf_pop(work, sum);
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

static void trade(jf_work *work, const void *what, measure size, copy move)
{
    const jf_ranks *ranks = work->bands->ranks;
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
    jf_ranks_trade(ranks, p.out, p.sent, p.in, p.got);
    at = p.got;
    for (size_t k = 0; k < n; k++)
        if (k != me)
            move(what, k, me, 0, &at);
    jf_pop(work, p.sent);
    jf_pop(work, p.out);
}

static void move_reals(real *data, size_t size, int packs, real **at)
{
    memcpy(packs ? *at : data, packs ? data : *at, size * sizeof *data);
    *at += size;
}

typedef struct {
    const jf_ranks *ranks;
    size_t pixels, count;
    const jf_band_rows *parts; /* (count) */
    size_t gap;
} halo;

/* Of n rows those of from that to is in need of: above its own, and below
 * (k = 1). */
static range needed(const halo *h, size_t n, size_t from, size_t to, int k)
{
    range own = range_of(h->ranks, to, h->pixels, n), near;
    if (own.first == own.last && h->gap < n)
        return (range){0, 0};
    size_t left = n - own.last;
    near = k ? (range){own.last, own.last + (h->gap < left ? h->gap : left)}
             : (range){own.first > h->gap ? own.first - h->gap : 0, own.first};
    return overlap(near, range_of(h->ranks, from, h->pixels, n));
}

static size_t halo_size(const void *what, size_t from, size_t to)
{
    const halo *h = what;
    size_t size = 0;
    for (size_t p = 0; p < h->count; p++)
        for (int k = 0; k < 2; k++) {
            const jf_band_rows *rows = &h->parts[p];
            range r = needed(h, rows->rows, from, to, k);
            size += (r.last - r.first) * rows->count * rows->size;
        }
    return size;
}

static void move_rows(const jf_band_rows *rows, range r, int packs, real **at)
{
    size_t line = rows->count * rows->stride;
    for (size_t i = r.first; i < r.last; i++)
        for (size_t q = 0; q < rows->count; q++)
            move_reals(rows->data + i * line + q * rows->stride, rows->size,
                       packs, at);
}

static void move_halo(const void *what, size_t from, size_t to, int packs,
                      real **at)
{
    const halo *h = what;
    for (size_t p = 0; p < h->count; p++)
        for (int k = 0; k < 2; k++)
            move_rows(&h->parts[p], needed(h, h->parts[p].rows, from, to, k),
                      packs, at);
}

void jf_bands_halo(jf_work *work, size_t pixels, size_t count,
                   const jf_band_rows *parts, size_t gap)
{
    if (!jf_in_bands(work, pixels))
        return;
    halo h = {work->bands->ranks, pixels, count, parts, gap};
    trade(work, &h, halo_size, move_halo);
}

typedef struct {
    const jf_ranks *ranks;
    size_t pixels[2]; /* before and after */
    size_t n, size;
    real *data;
} moving;

static range moved(const moving *m, size_t from, size_t to)
{
    return overlap(range_of(m->ranks, from, m->pixels[0], m->n),
                   range_of(m->ranks, to, m->pixels[1], m->n));
}

static size_t moving_size(const void *what, size_t from, size_t to)
{
    const moving *m = what;
    range r = moved(m, from, to);
    return (r.last - r.first) * m->size;
}

static void move_things(const void *what, size_t from, size_t to, int packs,
                        real **at)
{
    const moving *m = what;
    range r = moved(m, from, to);
    move_reals(m->data + r.first * m->size, (r.last - r.first) * m->size, packs,
               at);
}

void jf_bands_move(jf_work *work, size_t from, size_t to, size_t n, size_t size,
                   real *data)
{
    if (!jf_in_bands(work, from) || !jf_in_bands(work, to))
        return;
    moving m = {work->bands->ranks, {from, to}, n, size, data};
    if (jf_bands_count(from) != jf_bands_count(to))
        trade(work, &m, moving_size, move_things);
}

typedef struct {
    const jf_ranks *ranks;
    size_t pixels, rows, planes, cols;
    real *data;
    int back;
} turn;

static void turned(const turn *t, size_t from, size_t to, range *rows,
                   range *cols)
{
    *rows = range_of(t->ranks, t->back ? to : from, t->pixels, t->rows);
    *cols = range_of(t->ranks, t->back ? from : to, t->pixels, t->cols);
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

void jf_bands_turn(jf_work *work, size_t pixels, size_t rows, size_t planes,
                   size_t cols, real *data, int back)
{
    if (!jf_in_bands(work, pixels))
        return;
    turn t = {work->bands->ranks, pixels, rows, planes, cols, data, back};
    trade(work, &t, turn_size, move_turn);
}
