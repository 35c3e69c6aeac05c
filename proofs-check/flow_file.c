/* flow_file.c -- bytes, then layers, one in another, then units. */
#include "flow_text.h"

#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <zlib.h>

#include "base/memory.h"
#include "common/args.h"

enum { NESTED = 64, LAYERS = 1 << 14 };
static const uint64_t LARGEST_FILE = (uint64_t)1 << 30;

/* Bytes. */

typedef struct {
    const char *path;
    const unsigned char *data;
    size_t size, at;
} bytes;

static const unsigned char *take(bytes *b, uint64_t n)
{
    if (n > b->size - b->at)
        jf_fail(2, "%s: truncated at byte %zu of %zu", b->path, b->at, b->size);
    b->at += (size_t)n;
    return b->data + b->at - n;
}

static uint32_t take32(bytes *b)
{
    uint32_t v;
    memcpy(&v, take(b, sizeof v), sizeof v);
    return v;
}

static uint64_t take64(bytes *b)
{
    uint64_t v;
    memcpy(&v, take(b, sizeof v), sizeof v);
    return v;
}

static unsigned char *read_bytes(const char *path, size_t *size)
{
    struct stat info;
    FILE *file = fopen(path, "rb");
    if (!file)
        jf_fail(2, "%s: cannot be opened: %s", path, strerror(errno));
    if (fstat(fileno(file), &info) != 0 || !S_ISREG(info.st_mode))
        jf_fail(2, "%s: is not a regular file, a parameter file expected",
                path);
    if ((uint64_t)info.st_size > LARGEST_FILE)
        jf_fail(2, "%s: %jd bytes, at most 2^30 expected", path,
                (intmax_t)info.st_size);
    *size = (size_t)info.st_size;
    unsigned char *data = jf_alloc(*size + 1, 1);
    if (fread(data, 1, *size, file) != *size)
        jf_fail(2, "%s: cannot be read", path);
    fclose(file);
    return data;
}

/* A section where it stands. */
typedef struct {
    uint32_t type;
    uint64_t count;
    const unsigned char *data; /* NULL: there is none of that name */
} section;

typedef struct {
    char *description, *base; /* base NULL: normal() */
    double *theta;
    size_t n_theta;
    section mean, scale;
} contents;

static uint64_t element(uint32_t type, uint32_t real)
{
    return type == 0 ? real : type == 3 ? 1 : 8;
}

static char *text_of(const char *path, const unsigned char *data, uint64_t n)
{
    char *text = jf_alloc((size_t)n + 1, 1);
    for (size_t i = 0; i < n; i++) {
        if (data[i] < ' ' || data[i] > '~')
            jf_fail(2, "%s: text expected, byte %u found", path, data[i]);
        text[i] = (char)data[i];
    }
    text[n] = '\0';
    return text;
}

static section find(bytes b, uint64_t count, uint32_t real, const char *name)
{
    section found = {0, 0, NULL};
    for (uint64_t i = 0; i < count; i++) {
        uint32_t length = take32(&b);
        const unsigned char *own = take(&b, length);
        section s = {take32(&b), take64(&b), NULL};
        if (s.type > 3 || s.count > b.size)
            jf_fail(2, "%s: section %ju is not sound", b.path, (uintmax_t)i);
        s.data = take(&b, s.count * element(s.type, real));
        if (length == strlen(name) && memcmp(own, name, length) == 0)
            found = s;
    }
    if (b.at != b.size)
        jf_fail(2, "%s: %zu bytes after its last section", b.path,
                b.size - b.at);
    return found;
}

/* Head and checksum; b is left at the description.  Returns bytes of a real. */
static uint32_t check_head(bytes *b)
{
    enum { TAIL = 4 };
    if (b->size < 8 || memcmp(b->data, "JFTHETA\n", 8) != 0)
        jf_fail(2, "%s: is not a parameter file of jacflow", b->path);
    take(b, 8);
    uint32_t version = take32(b), order = take32(b), real = take32(b), stored;
    if (version != 2 || order != 0x01020304)
        jf_fail(2, "%s: version %u of byte order %08x, 2 of 01020304 expected",
                b->path, version, order);
    if (real != 4 && real != 8)
        jf_fail(2, "%s: numbers of %u bytes, 4 or 8 expected", b->path, real);
    if (take64(b) != b->size || b->size < b->at + TAIL)
        jf_fail(2, "%s: %zu bytes, not as many as it says", b->path, b->size);
    b->size -= TAIL;
    memcpy(&stored, b->data + b->size, TAIL);
    if (stored != crc32_z(crc32_z(0, NULL, 0), b->data, b->size))
        jf_fail(2, "%s: damaged: its checksum is another", b->path);
    return real;
}

static void check_finite(const char *path, size_t n, const double *x)
{
    for (size_t i = 0; i < n; i++)
        if (!isfinite(x[i]))
            jf_fail(2, "%s: number %zu is not finite", path, i);
}

static contents contents_of(const char *path, const unsigned char *data,
                            size_t size)
{
    bytes b = {path, data, size, 0};
    uint32_t real = check_head(&b);
    uint64_t length = take64(&b);
    contents c = {.description = text_of(path, take(&b, length), length)};
    uint64_t count = take64(&b);
    section theta = find(b, count, real, "theta");
    section base = find(b, count, real, "base");
    c.mean = find(b, count, real, "mean");
    c.scale = find(b, count, real, "scale");
    if (!theta.data || theta.type != 0)
        jf_fail(2, "%s: has no section theta of reals", path);
    if (base.data && base.type != 3)
        jf_fail(2, "%s: section base is no text", path);
    c.base = base.data ? text_of(path, base.data, base.count) : NULL;
    c.n_theta = (size_t)theta.count;
    c.theta = jf_alloc(c.n_theta + 1, sizeof *c.theta);
    for (size_t i = 0; i < c.n_theta; i++)
        if (real == 8) {
            memcpy(c.theta + i, theta.data + 8 * i, 8);
        } else {
            float one;
            memcpy(&one, theta.data + 4 * i, 4);
            c.theta[i] = (double)one;
        }
    check_finite(path, c.n_theta, c.theta);
    return c;
}

/* Layers. */

static void read_layer(parser *p, flow_layer *l);

static void start_layer(flow_layer *l)
{
    memset(l, 0, sizeof *l);
    arb_init(&l->log_det);
    arb_init(&l->map.limit);
    arb_init(&l->map.middle);
}

static flow_layer *add_layer(flow_layer *to)
{
    to->inside =
        jf_resize(to->inside, (size_t)to->count + 1, sizeof *to->inside);
    start_layer(to->inside + to->count);
    return to->inside + to->count++;
}

static void layers_inside(parser *p, flow_layer *l)
{
    if (!text_sees(p, '{'))
        return;
    p->at++;
    while (!text_sees(p, '}')) {
        const char *start = p->at;
        read_layer(p, add_layer(l));
        if (l->inside[l->count - 1].d != l->d) {
            p->at = start;
            text_expected(p, "a layer of as many columns as the flow's");
        }
    }
    p->at++;
}

static void coupling(parser *p, flow_layer *l, slong positions)
{
    static const char *const sides[] = {"lower", "upper", NULL};
    l->kind = COUPLING;
    if (l->d < 2)
        text_expected(p, "two columns");
    l->split = text_size(p, "split", 1, l->d - 1);
    l->upper = (int)text_choice(p, "side", sides);
    read_map(p, &l->map);
    text_sign(p, ')');
    slong a = l->upper ? l->split : l->d - l->split;
    read_net(p, l, a, (l->d - a) * l->map.params, positions);
}

static void residual(parser *p, flow_layer *l)
{
    l->kind = RESIDUAL;
    text_sign(p, ')');
    read_net(p, l, l->d, l->d, 1);
    if (!l->net.contracts || l->net.activation == RELU)
        text_expected(p, "a smooth net with 0 < lipschitz < 1 before this");
}

static void shared(parser *p, flow_layer *l, slong positions)
{
    l->kind = SHARED;
    text_sign(p, '{');
    p->positions = positions;
    read_layer(p, add_layer(l));
    l->count = positions;
    l->d = l->inside->d * positions;
    if (l->d > FLOW_COLUMNS)
        text_expected(p, "at most 64 columns");
    text_sign(p, '}');
}

static void on_columns(parser *p, flow_layer *l)
{
    l->kind = COLUMNS;
    l->split = text_size(p, "first", 0, l->d - 1);
    text_sign(p, ')');
    text_sign(p, '{');
    read_layer(p, add_layer(l));
    if (l->split + l->inside->d > l->d)
        text_expected(p, "a layer of fewer columns before this");
    text_sign(p, '}');
}

static void other_layer(parser *p, flow_layer *l, const char *name,
                        const char *start, slong positions)
{
    if (strcmp(name, "flow") == 0) {
        l->kind = COMPOSED;
        text_sign(p, ')');
        layers_inside(p, l);
    } else if (strcmp(name, "elementwise") == 0) {
        l->kind = ELEMENTWISE;
        read_map(p, &l->map);
        l->w = text_doubles(p, l->map.params * l->d);
        text_sign(p, ')');
    } else if (strcmp(name, "coupling") == 0) {
        coupling(p, l, positions);
    } else if (strcmp(name, "columns") == 0) {
        on_columns(p, l);
    } else if (strcmp(name, "autoregressive") == 0) {
        l->kind = AUTOREGRESSIVE;
        read_map(p, &l->map);
        text_sign(p, ')');
        read_net(p, l, l->d, l->d * l->map.params, 1);
    } else if (strcmp(name, "residual_net") == 0) {
        residual(p, l);
    } else if (strcmp(name, "inversion") == 0 && l->d % 2 == 0) {
        l->kind = INVERSION;
        text_sign(p, ')');
    } else if (strcmp(name, "plu") == 0) {
        read_plu(p, l);
        text_sign(p, ')');
    } else if (read_diagonal(p, l, name) || read_linear(p, l, name) ||
               read_permutation(p, l, name)) {
        text_sign(p, ')');
    } else {
        p->at = start;
        text_expected(p, "a layer that this program knows");
    }
}

static void read_layer(parser *p, flow_layer *l)
{
    char name[WORD];
    text_sees(p, ' ');
    const char *start = p->at;
    slong positions = p->positions;
    p->positions = 1;
    if (p->depth++ >= NESTED || p->layers++ >= LAYERS)
        text_expected(p, "fewer layers");
    text_word(p, name);
    text_sign(p, '(');
    if (strcmp(name, "permutation") == 0) {
        l->kind = PERMUTATION;
        read_order(p, l);
        text_sign(p, ')');
    } else if (read_image_order(p, l, name)) {
        text_sign(p, ')');
    } else if (strcmp(name, "shared") == 0) {
        slong groups = text_size(p, "positions", 1, FLOW_COLUMNS);
        text_sign(p, ')');
        shared(p, l, groups);
    } else {
        l->d = text_size(p, "d", 1, FLOW_COLUMNS);
        other_layer(p, l, name, start, positions);
    }
    p->depth--;
}

/* A file. */

static flow_base base_of(const char *path, const char *text)
{
    if (!text || strcmp(text, "normal()") == 0)
        return NORMAL;
    if (strcmp(text, "logistic()") == 0)
        return LOGISTIC;
    jf_fail(2, "%s: base '%.40s', normal() or logistic() expected", path, text);
}

/* u = (x - mean) / scale, the first layer. */
static void units(const char *path, flow_layer *l, slong d, const contents *c)
{
    double mean[FLOW_COLUMNS], scale[FLOW_COLUMNS];
    if (c->mean.type != 1 || c->scale.type != 1 ||
        c->mean.count != (uint64_t)d || c->scale.count != (uint64_t)d)
        jf_fail(2, "%s: sections mean and scale are not of %ld doubles", path,
                (long)d);
    memcpy(mean, c->mean.data, (size_t)d * sizeof *mean);
    memcpy(scale, c->scale.data, (size_t)d * sizeof *scale);
    check_finite(path, (size_t)d, mean);
    check_finite(path, (size_t)d, scale);
    l->kind = DIAGONAL;
    l->d = d;
    l->w = _arb_vec_init(d);
    l->b = _arb_vec_init(d);
    for (slong j = 0; j < d; j++) {
        if (!(scale[j] > 0))
            jf_fail(2, "%s: scale %g, a positive one expected", path, scale[j]);
        arb_set_d(l->w + j, scale[j]);
        arb_inv(l->w + j, l->w + j, CONSTANT_BITS);
        arb_set_d(l->b + j, -mean[j]);
        arb_mul(l->b + j, l->b + j, l->w + j, CONSTANT_BITS);
        arb_log(&l->map.limit, l->w + j, CONSTANT_BITS);
        arb_add(&l->log_det, &l->log_det, &l->map.limit, CONSTANT_BITS);
        arb_set_round(l->b + j, l->b + j, FLOW_BITS);
        arb_set_round(l->w + j, l->w + j, FLOW_BITS);
    }
}

static void read_text(parser *p, flow *f, const contents *c)
{
    flow_layer *first =
        c && (c->mean.data || c->scale.data) ? add_layer(&f->map) : NULL;
    flow_layer *layer = add_layer(&f->map);
    read_layer(p, layer);
    if (!text_sees(p, '\0'))
        text_expected(p, "the end");
    if (p->left)
        jf_fail(2, "%s: its theta is longer than its description says",
                p->path);
    if (f->map.d && f->map.d != layer->d)
        text_expected(p, "as many columns as before");
    f->map.d = layer->d;
    if (first)
        units(p->path, f->map.inside, f->map.d, c);
}

void flow_read(flow *f, const char *path)
{
    size_t n;
    unsigned char *data = read_bytes(path, &n);
    contents c = contents_of(path, data, n);
    parser p = {.path = path,
                .text = c.description,
                .at = c.description,
                .theta = c.theta,
                .left = c.n_theta,
                .positions = 1};
    *f = (flow){.base = base_of(path, c.base), .params = (slong)c.n_theta};
    start_layer(&f->map);
    read_text(&p, f, &c);
    free(c.theta);
    free(c.base);
    free(c.description);
    free(data);
}

void flow_then(flow *f, const char *last)
{
    read_text(&(parser){.path = last, .text = last, .at = last, .positions = 1},
              f, NULL);
}

static void clear_vector(arb_ptr x, slong n)
{
    if (x)
        _arb_vec_clear(x, n);
}

static void clear_layer(flow_layer *l)
{
    slong inside = l->kind == SHARED ? 1 : l->count;
    for (slong i = 0; l->inside && i < inside; i++)
        clear_layer(l->inside + i);
    clear_vector(l->w, l->kind == LINEAR        ? l->d * l->d
                       : l->kind == ELEMENTWISE ? l->d * l->map.params
                                                : l->d);
    clear_vector(l->b, l->d);
    for (slong i = 0; i < l->net.count; i++) {
        flow_affine *a = l->net.affine + i;
        clear_vector(a->w, a->taps * a->in * a->out);
        clear_vector(a->b, a->out);
    }
    free(l->net.affine);
    free(l->inside);
    free(l->from);
    arb_clear(&l->log_det);
    arb_clear(&l->map.limit);
    arb_clear(&l->map.middle);
}

void flow_clear(flow *f)
{
    clear_layer(&f->map);
}
