/* flow_file.c -- bytes, then text, then a layer from its slice of theta. */
#include "flow_file.h"

#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <zlib.h>

#if __has_include(<flint/arb_mat.h>)
#include <flint/arb_mat.h>
#else
#include <arb_mat.h>
#endif

#include "base/memory.h"
#include "common/args.h"

enum { NESTED = 64, LAYERS = 1 << 14, WORD = 32, CONSTANT_BITS = 256 };
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

/* Text. */

typedef struct {
    const char *path, *text, *at;
    const double *theta; /* what is left */
    size_t left;
    int depth, layers;
} parser;

_Noreturn static void expected(const parser *p, const char *what)
{
    jf_fail(2, "%s: byte %zu of its description: %s expected, '%.24s' found",
            p->path, (size_t)(p->at - p->text), what, p->at);
}

static int sees(parser *p, char sign)
{
    p->at += strspn(p->at, " \t\r\n");
    return *p->at == sign;
}

static void sign(parser *p, char s)
{
    if (!sees(p, s))
        expected(p, (char[]){s, '\0'});
    p->at++;
}

static void word(parser *p, char *out)
{
    sees(p, ' ');
    size_t n = strspn(p->at, "abcdefghijklmnopqrstuvwxyz_"
                             "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");
    if (n == 0 || n >= WORD)
        expected(p, "a name");
    memcpy(out, p->at, n);
    out[n] = '\0';
    p->at += n;
}

/* "key=", behind a comma unless it is the first. */
static void key(parser *p, const char *name)
{
    char found[WORD];
    if (p->at[-1] != '(')
        sign(p, ',');
    const char *start = p->at;
    word(p, found);
    if (strcmp(found, name) != 0) {
        p->at = start;
        expected(p, name);
    }
    sign(p, '=');
    sees(p, ' ');
}

static double read_number(parser *p)
{
    char *end;
    size_t n = strspn(p->at, "0123456789+-.eE");
    double x = n ? strtod(p->at, &end) : (double)NAN;
    if (!isfinite(x) || end != p->at + n)
        expected(p, "a finite number");
    p->at += n;
    return x;
}

static double decimal(parser *p, const char *name)
{
    key(p, name);
    return read_number(p);
}

static slong size(parser *p, const char *name, slong least, slong most)
{
    const char *start = (key(p, name), p->at);
    double x = read_number(p);
    if (!(x >= (double)least && x <= (double)most) || x != floor(x)) {
        char what[64];
        snprintf(what, sizeof what, "a whole number in %ld .. %ld", (long)least,
                 (long)most);
        p->at = start;
        expected(p, what);
    }
    return (slong)x;
}

static slong choice(parser *p, const char *name, const char *const *names)
{
    char found[WORD];
    key(p, name);
    const char *start = p->at;
    word(p, found);
    for (slong k = 0; names[k]; k++)
        if (strcmp(found, names[k]) == 0)
            return k;
    p->at = start;
    expected(p, names[0]);
}

/* Parameters. */

static const double *parameters(parser *p, slong n)
{
    if ((size_t)n > p->left)
        jf_fail(2, "%s: its theta is shorter than its description says",
                p->path);
    p->theta += n;
    p->left -= (size_t)n;
    return p->theta - n;
}

static void set_doubles(arb_ptr x, const double *from, slong n)
{
    for (slong i = 0; i < n; i++)
        arb_set_d(x + i, from[i]);
}

static arb_ptr doubles(parser *p, slong n)
{
    const double *from = parameters(p, n);
    arb_ptr x = _arb_vec_init(n);
    set_doubles(x, from, n);
    return x;
}

/* Linear layers: W from its factors, then log|det W| in general. */

static void reflect(arb_mat_t m, const double *v)
{
    slong d = arb_mat_ncols(m);
    arb_ptr a = _arb_vec_init(d);
    arb_t norm, t;
    arb_init(norm);
    arb_init(t);
    set_doubles(a, v, d);
    arb_dot(norm, NULL, 0, a, 1, a, 1, d, CONSTANT_BITS);
    for (slong i = 0; i < d; i++) {
        arb_dot(t, NULL, 0, arb_mat_entry(m, i, 0), 1, a, 1, d, CONSTANT_BITS);
        arb_mul_2exp_si(t, t, 1);
        arb_div(t, t, norm, CONSTANT_BITS);
        for (slong j = 0; j < d; j++)
            arb_submul(arb_mat_entry(m, i, j), t, a + j, CONSTANT_BITS);
    }
    arb_clear(t);
    arb_clear(norm);
    _arb_vec_clear(a, d);
}

/* m := m H_1 .. H_k. */
static void reflections(parser *p, arb_mat_t m, slong k)
{
    slong d = arb_mat_ncols(m);
    const double *v = parameters(p, k * d);
    for (slong i = 0; i < k; i++)
        reflect(m, v + i * d);
}

static void dense(parser *p, arb_mat_t m)
{
    slong d = arb_mat_nrows(m);
    const double *w = parameters(p, d * d);
    for (slong i = 0; i < d; i++)
        set_doubles(arb_mat_entry(m, i, 0), w + i * d, d);
}

/* Rows of a triangle, the diagonal as logs. */
static void triangle(parser *p, arb_mat_t m, int lower)
{
    slong d = arb_mat_nrows(m);
    arb_mat_zero(m);
    for (slong i = 0; i < d; i++)
        for (slong j = lower ? 0 : i; j < (lower ? i + 1 : d); j++) {
            arb_ptr e = arb_mat_entry(m, i, j);
            arb_set_d(e, *parameters(p, 1));
            if (i == j)
                arb_exp(e, e, CONSTANT_BITS);
        }
}

static void multiply(arb_mat_t to, const arb_mat_t by)
{
    arb_mat_mul(to, to, by, CONSTANT_BITS);
}

static void scale_columns(arb_mat_t m, arb_srcptr by)
{
    for (slong i = 0; i < arb_mat_nrows(m); i++)
        for (slong j = 0; j < arb_mat_ncols(m); j++)
            arb_mul(arb_mat_entry(m, i, j), arb_mat_entry(m, i, j), by + j,
                    CONSTANT_BITS);
}

/* s (d) := exp(s), or within least .. largest, which are exponents. */
static void singular_values(arb_ptr s, slong d, double least, double largest)
{
    arb_t low, high;
    arb_init(low);
    arb_init(high);
    arb_set_d(low, least);
    arb_set_d(high, largest);
    arb_log(low, low, CONSTANT_BITS);
    arb_log(high, high, CONSTANT_BITS);
    arb_sub(high, high, low, CONSTANT_BITS);
    arb_mul_2exp_si(high, high, -1);
    arb_add(low, low, high, CONSTANT_BITS);
    for (slong j = 0; j < d; j++) {
        if (least > 0) {
            arb_sin(s + j, s + j, CONSTANT_BITS);
            arb_mul(s + j, s + j, high, CONSTANT_BITS);
            arb_add(s + j, s + j, low, CONSTANT_BITS);
        }
        arb_exp(s + j, s + j, CONSTANT_BITS);
    }
    arb_clear(high);
    arb_clear(low);
}

/* U diag(s) V', whose parameters stand in the order U, V', s. */
static void svd(parser *p, arb_mat_t m, double least, double largest)
{
    slong d = arb_mat_nrows(m);
    arb_mat_t v;
    arb_mat_init(v, d, d);
    arb_mat_one(v);
    reflections(p, m, d);
    reflections(p, v, d);
    arb_ptr s = doubles(p, d);
    singular_values(s, d, least, largest);
    scale_columns(m, s);
    multiply(m, v);
    _arb_vec_clear(s, d);
    arb_mat_clear(v);
}

static void special(arb_mat_t m)
{
    arb_t det;
    arb_init(det);
    arb_mat_det(det, m, CONSTANT_BITS);
    arb_abs(det, det);
    arb_root_ui(det, det, (ulong)arb_mat_nrows(m), CONSTANT_BITS);
    arb_mat_scalar_div_arb(m, m, det, CONSTANT_BITS);
    arb_clear(det);
}

static void to_linear(const parser *p, flow_layer *l, arb_mat_t m)
{
    arb_t det;
    arb_init(det);
    arb_mat_det(det, m, CONSTANT_BITS);
    arb_abs(det, det);
    if (!arb_is_positive(det))
        jf_fail(2, "%s: a matrix is not certainly regular", p->path);
    arb_log(&l->log_det, det, CONSTANT_BITS);
    arb_clear(det);
    l->kind = LINEAR;
    l->w = _arb_vec_init(l->d * l->d);
    for (slong i = 0; i < l->d; i++)
        for (slong j = 0; j < l->d; j++)
            arb_set_round(l->w + i * l->d + j, arb_mat_entry(m, i, j),
                          FLOW_BITS);
}

/* Whether name is a linear layer, read behind its d. */
static int linear(parser *p, flow_layer *l, const char *name)
{
    static const char *const names[] = {
        "dense",       "triangular", "qr",          "svd",
        "svd_bounded", "orthogonal", "deep_linear", "special_linear"};
    enum { DENSE, TRIANGULAR, QR, SVD, BOUNDED, ORTHOGONAL, DEEP, SPECIAL, N };
    int kind = 0;
    while (kind < N && strcmp(name, names[kind]) != 0)
        kind++;
    if (kind == N)
        return 0;
    slong k = kind == ORTHOGONAL || kind == DEEP ? size(p, "k", 1, 8192) : 1;
    double least = kind == BOUNDED ? decimal(p, "least") : 0;
    double largest = kind == BOUNDED ? decimal(p, "largest") : 0;
    if (kind == BOUNDED && !(least > 0 && least < largest))
        expected(p, "0 < least < largest");
    arb_mat_t m, next;
    arb_mat_init(m, l->d, l->d);
    arb_mat_init(next, l->d, l->d);
    arb_mat_one(m);
    if (kind == DENSE || kind == SPECIAL)
        dense(p, m);
    if (kind == SPECIAL)
        special(m);
    if (kind == TRIANGULAR)
        triangle(p, m, 1);
    if (kind == QR || kind == ORTHOGONAL)
        reflections(p, m, kind == QR ? l->d : k);
    if (kind == QR) {
        triangle(p, next, 0);
        multiply(m, next);
    }
    if (kind == SVD || kind == BOUNDED)
        svd(p, m, least, largest);
    for (slong i = 0; kind == DEEP && i < k; i++) {
        dense(p, next);
        arb_mat_mul(m, next, m, CONSTANT_BITS);
    }
    to_linear(p, l, m);
    arb_mat_clear(next);
    arb_mat_clear(m);
    return 1;
}

/* z = (x + b) exp(s): how many s (0, 1, d) and b (0, d) by name. */
static int diagonal(parser *p, flow_layer *l, const char *name)
{
    int norm = strcmp(name, "actnorm") == 0, one = strcmp(name, "scale") == 0;
    int bias = strcmp(name, "bias") == 0;
    if (!norm && !one && !bias && strcmp(name, "diagonal") != 0)
        return 0;
    const double *s = bias ? NULL : parameters(p, one ? 1 : l->d);
    const double *b = norm || bias ? parameters(p, l->d) : NULL;
    l->kind = DIAGONAL;
    l->w = _arb_vec_init(l->d);
    l->b = _arb_vec_init(l->d);
    for (slong j = 0; j < l->d; j++) {
        arb_set_d(l->w + j, s ? s[one ? 0 : j] : 0);
        arb_add(&l->log_det, &l->log_det, l->w + j, CONSTANT_BITS);
        arb_exp(l->w + j, l->w + j, CONSTANT_BITS);
        arb_set_d(l->b + j, b ? b[j] : 0);
        arb_mul(l->b + j, l->b + j, l->w + j, CONSTANT_BITS);
        arb_set_round(l->b + j, l->b + j, FLOW_BITS);
        arb_set_round(l->w + j, l->w + j, FLOW_BITS);
    }
    return 1;
}

/* Permutations. */

/* The order of a seed: Philox4x64-10 (Salmon et al. 2011), key (seed, 1),
 * counter (n, 0, d, 0), under the shuffle of GSL. */
typedef struct {
    uint64_t seed, block, d, out[4];
    int used;
} philox;

static uint64_t next_word(philox *r)
{
    if (r->used < 4)
        return r->out[r->used++];
    uint64_t key[2] = {r->seed, 1}, c[4] = {r->block++, 0, r->d, 0};
    for (int round = 0; round < 10; round++) {
        __uint128_t a = (__uint128_t)c[0] * 0xD2E7470EE14C6C93u;
        __uint128_t b = (__uint128_t)c[2] * 0xCA5A826395121157u;
        uint64_t next[4] = {(uint64_t)(b >> 64) ^ c[1] ^ key[0], (uint64_t)b,
                            (uint64_t)(a >> 64) ^ c[3] ^ key[1], (uint64_t)a};
        memcpy(c, next, sizeof c);
        key[0] += 0x9E3779B97F4A7C15u;
        key[1] += 0xBB67AE8584CAA73Bu;
    }
    memcpy(r->out, c, sizeof c);
    r->used = 1;
    return r->out[0];
}

static slong *seeded_order(slong d, uint64_t seed)
{
    slong *from = jf_alloc((size_t)d, sizeof *from);
    philox r = {.seed = seed, .d = (uint64_t)d, .used = 4};
    for (slong i = 0; i < d; i++)
        from[i] = i;
    for (slong i = d - 1; i > 0; i--) {
        uint64_t scale = UINT64_MAX / (uint64_t)(i + 1), k;
        do
            k = next_word(&r) / scale;
        while (k > (uint64_t)i);
        slong old = from[i];
        from[i] = from[k];
        from[k] = old;
    }
    return from;
}

static uint64_t seed_of(parser *p)
{
    key(p, "seed");
    size_t n = strspn(p->at, "0123456789");
    errno = 0;
    uint64_t seed = strtoull(p->at, NULL, 10);
    if (n == 0 || errno)
        expected(p, "digits below 2^64");
    p->at += n;
    return seed;
}

/* P L U: row from[i] of L U is row i of it. */
static void plu(parser *p, flow_layer *l)
{
    slong d = l->d, *from = seeded_order(d, seed_of(p));
    const double *t = parameters(p, d * d);
    arb_mat_t low, up, m;
    arb_mat_init(low, d, d);
    arb_mat_init(up, d, d);
    arb_mat_init(m, d, d);
    for (slong i = 0; i < d; i++)
        for (slong j = 0; j < d; j++)
            arb_set_d(arb_mat_entry(j < i ? low : up, i, j), t[i * d + j]);
    for (slong i = 0; i < d; i++) {
        arb_one(arb_mat_entry(low, i, i));
        arb_exp(arb_mat_entry(up, i, i), arb_mat_entry(up, i, i),
                CONSTANT_BITS);
    }
    multiply(low, up);
    for (slong i = 0; i < d; i++)
        _arb_vec_set(arb_mat_entry(m, i, 0), arb_mat_entry(low, from[i], 0), d);
    to_linear(p, l, m);
    arb_mat_clear(m);
    arb_mat_clear(up);
    arb_mat_clear(low);
    free(from);
}

static void listed_order(parser *p, flow_layer *l)
{
    char seen[FLOW_COLUMNS] = {0};
    l->from = jf_alloc(FLOW_COLUMNS, sizeof *l->from);
    key(p, "from");
    for (l->d = 0; !sees(p, ')'); l->d++) {
        const char *start = p->at;
        double x = read_number(p);
        if (l->d == FLOW_COLUMNS || !(x >= 0 && x < FLOW_COLUMNS) ||
            x != floor(x) || seen[(int)x]++) {
            p->at = start;
            expected(p, "a permutation of up to 64 columns");
        }
        l->from[l->d] = (slong)x;
    }
    for (slong i = 0; i < l->d; i++)
        if (!seen[i])
            expected(p, "a permutation");
}

static int permutation(parser *p, flow_layer *l, const char *name)
{
    l->kind = PERMUTATION;
    if (strcmp(name, "shuffle") == 0) {
        l->from = seeded_order(l->d, seed_of(p));
        return 1;
    }
    int same = strcmp(name, "checkpoint") == 0;
    if (!same && strcmp(name, "reverse") != 0)
        return 0;
    l->from = jf_alloc((size_t)l->d, sizeof *l->from);
    for (slong i = 0; i < l->d; i++)
        l->from[i] = same ? i : l->d - 1 - i;
    return 1;
}

/* Nets. */

/* |W|_2 <= k: w := w min(1, k / |W|_2).  With A = W W' or W' W (n, n), N = 2^m
 * and s = |W|^2: tr(A^N) / n <= s^N <= tr(A^N). */
static void bound_norm(flow_affine *a, const arb_t k)
{
    enum { SQUARINGS = 72 };
    slong n = a->in < a->out ? a->in : a->out, bits = 4 * SQUARINGS;
    arb_mat_t w, t, s;
    arb_t power, low, high;
    arb_mat_init(w, a->out, a->in);
    arb_mat_init(t, a->in, a->out);
    arb_mat_init(s, n, n);
    arb_init(power);
    arb_init(low);
    arb_init(high);
    for (slong i = 0; i < a->out; i++)
        _arb_vec_set(arb_mat_entry(w, i, 0), a->w + i * a->in, a->in);
    arb_mat_transpose(t, w);
    if (a->in < a->out)
        arb_mat_mul(s, t, w, bits);
    else
        arb_mat_mul(s, w, t, bits);
    arb_mat_trace(high, s, bits);
    if (arb_is_positive(high)) {
        /* log s within log(n) / N of log tr(A^N) / N, A scaled to trace 1 each
         * time: power holds the sum of logs. */
        arb_zero(power);
        for (int m = 0; m <= SQUARINGS; m++) {
            arb_mat_trace(high, s, bits);
            arb_mat_scalar_div_arb(s, s, high, bits);
            arb_log(high, high, bits);
            arb_mul_2exp_si(high, high, -m);
            arb_add(power, power, high, bits);
            arb_mat_mul(s, s, s, bits);
        }
        arb_log_ui(low, (ulong)n, bits);
        arb_mul_2exp_si(low, low, -SQUARINGS);
        arb_sub(low, power, low, bits);
        arb_union(power, power, low, bits);
        arb_mul_2exp_si(power, power, -1);
        arb_exp(power, power, bits);
        arb_div(power, k, power, bits);
        arb_one(low);
        arb_min(power, power, low, bits);
        for (slong i = 0; i < a->in * a->out; i++)
            arb_mul(a->w + i, a->w + i, power, FLOW_BITS);
    }
    arb_clear(high);
    arb_clear(low);
    arb_clear(power);
    arb_mat_clear(s);
    arb_mat_clear(t);
    arb_mat_clear(w);
}

static void add_affine(parser *p, flow_net *n, slong in, slong out, int bias)
{
    n->affine = jf_resize(n->affine, (size_t)n->count + 1, sizeof *n->affine);
    flow_affine *a = n->affine + n->count++;
    *a = (flow_affine){in, out, doubles(p, in * out), NULL};
    a->b = bias ? doubles(p, out) : _arb_vec_init(out);
    n->width = in > n->width ? in : n->width;
    n->width = out > n->width ? out : n->width;
}

static void add_affines(parser *p, flow_net *n, slong hidden, slong depth,
                        int bias)
{
    if (depth > 0 && hidden == 0)
        expected(p, "a hidden unit before this");
    for (slong l = 0; l <= depth; l++)
        add_affine(p, n, l ? hidden : n->in, l < depth ? hidden : n->out, bias);
}

static const char *const activations[] = {"relu", "tanh", "elu", "softplus",
                                          NULL};

static void mlp(parser *p, flow_net *n)
{
    slong most = 1 << 20;
    n->in = size(p, "in", 1, FLOW_COLUMNS);
    n->out = size(p, "out", 1, most);
    slong hidden = size(p, "hidden", 0, most);
    slong depth = size(p, "depth", 0, 1024);
    n->activation = (flow_activation)choice(p, "activation", activations);
    int bias = (int)size(p, "bias", 0, 1);
    double lipschitz = decimal(p, "lipschitz");
    add_affines(p, n, hidden, depth, bias);
    n->contracts = lipschitz > 0 && lipschitz < 1;
    if (!(lipschitz > 0))
        return;
    arb_t k;
    arb_init(k);
    arb_set_d(k, lipschitz);
    arb_root_ui(k, k, (ulong)n->count, CONSTANT_BITS);
    for (slong l = 0; l < n->count; l++)
        bound_norm(n->affine + l, k);
    arb_clear(k);
}

static int by_value(const void *a, const void *b)
{
    slong x = *(const slong *)a, y = *(const slong *)b;
    return (x > y) - (x < y);
}

/* Weights masked by degrees: an input i has i, an output q d + j has j, hidden
 * units those of k mod max(d - 1, 1) in ascending order. */
static void made(parser *p, flow_net *n)
{
    slong most = 1 << 20, d = n->in = size(p, "d", 1, FLOW_COLUMNS);
    n->out = d * size(p, "params", 1, 192);
    slong hidden = size(p, "hidden", 0, most);
    slong depth = size(p, "depth", 0, 1024);
    n->activation = (flow_activation)choice(p, "activation", activations);
    add_affines(p, n, hidden, depth, 1);
    slong *degree = jf_alloc((size_t)n->width + 1, sizeof *degree);
    for (slong k = 0; depth > 0 && k < hidden; k++)
        degree[k] = k % (d > 1 ? d - 1 : 1);
    if (depth > 0)
        qsort(degree, (size_t)hidden, sizeof *degree, by_value);
    for (slong l = 0; l <= depth; l++) {
        flow_affine *a = n->affine + l;
        for (slong i = 0; i < a->out; i++)
            for (slong j = 0; j < a->in; j++) {
                slong from = l ? degree[j] : j;
                int seen = l < depth ? from <= degree[i] : from < i % d;
                if (!seen)
                    arb_zero(a->w + i * a->in + j);
            }
    }
    free(degree);
}

/* Maps. */

static void map_of(parser *p, flow_map *m)
{
    char name[WORD];
    key(p, "map");
    const char *start = p->at;
    word(p, name);
    sign(p, '(');
    m->params = 2;
    if (strcmp(name, "shift") == 0) {
        m->kind = SHIFT;
        m->params = 1;
    } else if (strcmp(name, "exp") == 0) {
        m->kind = EXP;
    } else if (strcmp(name, "sigmoid") == 0) {
        m->kind = SIGMOID;
    } else if (strcmp(name, "clamp") == 0) {
        m->kind = CLAMP;
        arb_set_d(&m->limit, decimal(p, "limit"));
    } else if (strcmp(name, "range") == 0) {
        m->kind = CLAMP;
        arb_set_d(&m->middle, decimal(p, "least"));
        arb_set_d(&m->limit, decimal(p, "largest"));
        arb_log(&m->middle, &m->middle, CONSTANT_BITS);
        arb_log(&m->limit, &m->limit, CONSTANT_BITS);
        arb_sub(&m->limit, &m->limit, &m->middle, CONSTANT_BITS);
        arb_mul_2exp_si(&m->limit, &m->limit, -1);
        arb_add(&m->middle, &m->middle, &m->limit, CONSTANT_BITS);
    } else if (strcmp(name, "spline") == 0) {
        m->kind = SPLINE;
        m->bins = size(p, "bins", 1, 64);
        m->params = 3 * m->bins - 1;
        arb_set_d(&m->limit, decimal(p, "bound"));
    } else {
        p->at = start;
        expected(p, "shift, exp, clamp, range, sigmoid or spline");
    }
    if ((m->kind == CLAMP || m->kind == SPLINE) && !arb_is_positive(&m->limit))
        expected(p, "a positive bound before this");
    sign(p, ')');
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
    if (!sees(p, '{'))
        return;
    p->at++;
    while (!sees(p, '}')) {
        const char *start = p->at;
        read_layer(p, add_layer(l));
        if (l->inside[l->count - 1].d != l->d) {
            p->at = start;
            expected(p, "a layer of as many columns as the flow's");
        }
    }
    p->at++;
}

static void net_inside(parser *p, flow_layer *l, slong in, slong out)
{
    char name[WORD];
    sign(p, '{');
    const char *start = p->at;
    word(p, name);
    int is_made = strcmp(name, "made") == 0;
    if (is_made != (l->kind == AUTOREGRESSIVE) ||
        (!is_made && strcmp(name, "mlp") != 0)) {
        p->at = start;
        expected(p, l->kind == AUTOREGRESSIVE ? "made" : "mlp");
    }
    sign(p, '(');
    if (is_made)
        made(p, &l->net);
    else
        mlp(p, &l->net);
    if (l->net.in != in || l->net.out != out)
        expected(p, "a net of other sizes before this");
    sign(p, ')');
    sign(p, '}');
}

static void coupling(parser *p, flow_layer *l)
{
    static const char *const sides[] = {"lower", "upper", NULL};
    l->kind = COUPLING;
    if (l->d < 2)
        expected(p, "two columns");
    l->split = size(p, "split", 1, l->d - 1);
    l->upper = (int)choice(p, "side", sides);
    map_of(p, &l->map);
    sign(p, ')');
    slong a = l->upper ? l->split : l->d - l->split;
    net_inside(p, l, a, (l->d - a) * l->map.params);
}

static void residual(parser *p, flow_layer *l)
{
    l->kind = RESIDUAL;
    sign(p, ')');
    net_inside(p, l, l->d, l->d);
    if (!l->net.contracts || l->net.activation == RELU)
        expected(p, "a smooth net with 0 < lipschitz < 1 before this");
}

static void shared(parser *p, flow_layer *l, slong positions)
{
    l->kind = SHARED;
    sign(p, '{');
    read_layer(p, add_layer(l));
    l->count = positions;
    l->d = l->inside->d * positions;
    if (l->d > FLOW_COLUMNS)
        expected(p, "at most 64 columns");
    sign(p, '}');
}

static void other_layer(parser *p, flow_layer *l, const char *name,
                        const char *start)
{
    if (strcmp(name, "flow") == 0) {
        l->kind = COMPOSED;
        sign(p, ')');
        layers_inside(p, l);
    } else if (strcmp(name, "elementwise") == 0) {
        l->kind = ELEMENTWISE;
        map_of(p, &l->map);
        l->w = doubles(p, l->map.params * l->d);
        sign(p, ')');
    } else if (strcmp(name, "coupling") == 0) {
        coupling(p, l);
    } else if (strcmp(name, "autoregressive") == 0) {
        l->kind = AUTOREGRESSIVE;
        map_of(p, &l->map);
        sign(p, ')');
        net_inside(p, l, l->d, l->d * l->map.params);
    } else if (strcmp(name, "residual_net") == 0) {
        residual(p, l);
    } else if (strcmp(name, "inversion") == 0 && l->d % 2 == 0) {
        l->kind = INVERSION;
        sign(p, ')');
    } else if (strcmp(name, "plu") == 0) {
        plu(p, l);
        sign(p, ')');
    } else if (diagonal(p, l, name) || linear(p, l, name) ||
               permutation(p, l, name)) {
        sign(p, ')');
    } else {
        p->at = start;
        expected(p, "a layer that this program knows");
    }
}

static void read_layer(parser *p, flow_layer *l)
{
    char name[WORD];
    sees(p, ' ');
    const char *start = p->at;
    if (p->depth++ >= NESTED || p->layers++ >= LAYERS)
        expected(p, "fewer layers");
    word(p, name);
    sign(p, '(');
    if (strcmp(name, "permutation") == 0) {
        l->kind = PERMUTATION;
        listed_order(p, l);
        sign(p, ')');
    } else if (strcmp(name, "shared") == 0) {
        slong positions = size(p, "positions", 1, FLOW_COLUMNS);
        sign(p, ')');
        shared(p, l, positions);
    } else {
        l->d = size(p, "d", 1, FLOW_COLUMNS);
        other_layer(p, l, name, start);
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
    if (!sees(p, '\0'))
        expected(p, "the end");
    if (p->left)
        jf_fail(2, "%s: its theta is longer than its description says",
                p->path);
    if (f->map.d && f->map.d != layer->d)
        expected(p, "as many columns as before");
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
                .left = c.n_theta};
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
    read_text(&(parser){.path = last, .text = last, .at = last}, f, NULL);
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
        clear_vector(a->w, a->in * a->out);
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
