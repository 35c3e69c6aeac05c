/* seeds.c -- small good files of every kind that is read. */
#include "seeds.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jpeglib.h>
#include <webp/encode.h>
#include <zlib.h>

#include "jf.h"

/* Texts, the last NULL. */
static void add_texts(const char *const *texts, fuzz_add *add, void *arg)
{
    for (; *texts; texts++)
        add(*texts, strlen(*texts), arg);
}

#define TEXTS(name, ...)                                                       \
    void seed_##name(fuzz_add *add, void *arg)                                 \
    {                                                                          \
        static const char *const texts[] = {__VA_ARGS__, NULL};                \
        add_texts(texts, add, arg);                                            \
    }

TEXTS(csv, "x,y\n1,2\n3,4\n5,7\n", "1;2,5\n3;4,5\n", "# c\n1 2\n3 4\n",
      "sep=;\n1;2\n3;4\n", "a\tb\r\n1\t2\r\n3\t4\r\n", "1,2\r3,4\r",
      "\"a \"\"b\"\"\",c\n1e300,-.5\n3,4\n", "id,x\n1,2\n2,NA\n3,4\n",
      "x,y\nm,kg\n1,2\n3,5\n", ",x\n0,1\n1,2\n2,5\n", "1,2,\n3,4,\n",
      "2001,2002,2003\n1,2,3\n4,5,6\n", "@relation x\n",
      "\xef\xbb\xbf"
      "1,2\n3,4\n",
      "0x1p-3,+.5\n-0,123456789012345678901\n", "5%,1'000\n2,3\n",
      "12/31/2000,1\n1,2\n", "true,1\nno,2\n", "\"1\n2\",3\n4,5\n", "1,2\n3\n",
      "1,x\n2,3\n", "nan,inf\n1,2\n3,4\n", "a,b,a\n1,2,3\n4,5,6\n",
      "b,a,c\n1,,3\n4,5,6\n7,8,NA\n0,1,2\n", "a,b,c\nNA,1,2\n2,nan,1\n", "",
      "b,1-a\n1,2\n3,4\n")
TEXTS(describe, "flow(d=2){actnorm(d=2) reverse(d=2)}",
      "coupling(d=4, split=2, side=upper, map=exp()){mlp(in=2, out=4, "
      "hidden=3, depth=1, activation=tanh, bias=1, lipschitz=0)}",
      "autoregressive(d=3, map=clamp(limit=2)){made(d=3, params=2, hidden=4, "
      "depth=1, activation=relu)}",
      "elementwise(d=2, map=spline(bins=4, bound=3))",
      "elementwise(d=2, map=mixture(components=2))",
      "shared(positions=4){coupling(d=2, split=1, side=lower, map=shift()){"
      "convnet(height=2, width=2, in=1, out=1, hidden=3, activation=elu)}}",
      "inverted(){plu(d=3, seed=18446744073709551615)}",
      "columns(d=4, first=1){svd_bounded(d=2, least=0.5, largest=2)}",
      "flow(d=12){squeeze(height=2, width=2, channels=3) factor_out(pixels=1, "
      "channels=12, keep=6)}",
      "flow(d=12){local_scale(height=2, width=2, channels=3, levels=1, reach=1)"
      " cosine(height=2, width=2, channels=3, knots=3)}",
      "interlaced(height=2, width=2, channels=3, levels=1, reach=1, steps=256)",
      "swirl(d=2, i=0, j=1, x=0, y=0, radius=1, angle=3)",
      "permutation(from=2 0 1)",
      "residual_net(d=2){mlp(in=2, out=2, hidden=3, "
      "depth=1, activation=softplus, bias=1, "
      "lipschitz=0.5)}",
      "brenier(d=2, ridges=3)", "inversion(d=2)", "plu(d=2, seed=1)",
      "shared(positions=2){plu(d=3, seed=2)}",
      "shared(positions=33){elementwise(d=2, map=shift())}",
      "residual_net(d=2){mlp(in=2, out=2, hidden=3, depth=1, "
      "activation=relu, bias=1, lipschitz=0.5)}",
      "autoregressive(d=2, map=shift()){mlp(in=2, out=2, hidden=3, depth=1, "
      "activation=relu, bias=1, lipschitz=0)}",
      "elementwise(d=2, map=range(least=.5, largest=2))",
      "coupling(d=8, split=4, side=lower, map=shift()){convnet(height=2, "
      "width=2, in=1, out=1, hidden=3, activation=elu)}",
      "flow(d=2){flow(d=2){flow(d=2){flow(d=2){flow(d=2){flow(d=2){flow(d=2)"
      "{flow(d=2){flow(d=2){flow(d=2){reverse(d=2)}}}}}}}}}}",
      "normal()", "uniform(a=-1, b=1)",
      "mixture(weight=1 2, mean=0 0 1 1, sd=1 .5)", "student(degrees=3)")
TEXTS(design, "x1,x2\n1e6,1\n1000001,2\n1000003,3\n999999,5\n1000002,4\n",
      "x1,x2\n1,2\n3,4\n5,7\n0,1\n-3,2\n", "1\n2\n4\n9\n",
      "a,x1\n1,1e300\n2,-1e300\n", "x1\n5e-324\n0\n", "1,2\n1,2\n1,2\n")
TEXTS(options, "--seed\n7\n--out\nx\n--profile\nquick\n--threads\n2",
      "--data\n/dev/null:/x\n--columns\n1-2\n--array\nq", "--help", "--version",
      "--rate=0.5\n--fast\n--save\nf\n--quiet\n--resume",
      "--size\n8\n--drop-missing\n--data\niris", "--negative-control",
      "--se\n18446744073709551616", "word\n-x\n--\n--nothing",
      "--shard\n2/3\n--max-hours\n.5\n--ranks\nfit", "--shard\n4/3",
      "--merge\n--ranks=shard", "--merge\n--shard=1/2", "--ranks\nall",
      "SLURM_ARRAY_TASK_ID=5\nSLURM_ARRAY_TASK_MIN=1\nSLURM_ARRAY_TASK_MAX=7\n"
      "SLURM_ARRAY_TASK_STEP=2\nSLURM_ARRAY_TASK_COUNT=4\n--shard\nslurm",
      "SLURM_ARRAY_TASK_ID=5\nSLURM_ARRAY_TASK_MIN=1\nSLURM_ARRAY_TASK_MAX=9\n"
      "SLURM_ARRAY_TASK_STEP=0\nSLURM_ARRAY_TASK_COUNT=4\n--shard\nslurm")
TEXTS(verdicts,
      "# program: a\n# options: --seed 1\n# arb: 2.23\n"
      "id,kind,statement,hypotheses,method,broken,measured,expected,tolerance,"
      "law,p_value,detectable,broken_error,control,verdict,program\n"
      "C1.1,theorem,\"a, b\",h,m,b,[0.5 +/- 1e-9],0.5,0,errors,nan,0,1,"
      "refuted,certified,x\n"
      "C10.2w,wording,s,h,not run: why,b,<= 1e-3,[+/- 2],0,errors,nan,0,1,"
      "refuted,refuted,x\n"
      "C10.2,theorem,s,h,m,b,nan,inf,-1e300,errors,nan,0,1,open,undecided,x\n",
      "id,kind\nC1.1,theorem\n")
TEXTS(tolerances,
      "table,column,rows,abs,rel,why\na-*,r?te,,1e-9,0,w\n"
      "a-table,rate,what=b*,2e-9*condition*rate^0.5,1,w\n"
      "*,*,what=a rate=0.[0-9],1*rate,2,w\na-table.csv,rate,none=1,1,1,w\n"
      "a-table,rate,what,1*none,1e-3*rate^,w\n",
      "table,column,rows,abs,rel,why\na-table,rate,,-1,0,w\n",
      "table,column\na,b\n")
TEXTS(fields, "plain", "with, comma", "two\nlines", "#mark", " blank ", "\"")
TEXTS(mathml, "Sigma^(-1/2)", "E log|det J_f| <= -h(X)", "x_i^2 + x_(i+1)",
      "sqrt(x) f o g", "p || q << (a + b)/c", "sum_(j=1)^n |W|'")

/* Points of a flow that changes nothing, as a design asks for them: two
 * stencils, of which one stands twice, and a grid. */
static void flow_design(size_t d, size_t side, fuzz_add *add, void *arg)
{
    static const double centre[][2] = {{0, 0}, {.5, .25}, {0, 0}};
    static const double steps[] = {0.0625, -0.0625, 0.125, -0.125};
    jf_text t = {0};
    jf_text_add(&t, d == 1 ? "log_likelihood,log_abs_det,z1,x1\n"
                           : "log_likelihood,log_abs_det,z1,z2,x1,x2\n");
    size_t stencil = 4 * d + 1, lines = d == 1 ? 1 : side;
    for (size_t i = 0; i < 3 * stencil + lines * side; i++) {
        size_t k = i % stencil, g = i - 3 * stencil;
        double x[2] = {((double)g - (double)side / 2) / 4, 0};
        if (i < 3 * stencil) {
            memcpy(x, centre[i / stencil], sizeof x);
            if (k > 0)
                x[(k - 1) / 4] += steps[(k - 1) % 4];
        } else if (d == 2) {
            x[0] = ((double)(g / side) - (double)side / 2) / 4;
            x[1] = ((double)(g % side) - (double)side / 2) / 4;
        }
        double ll = -(double)d * 0.918938533204673 -
                    (x[0] * x[0] + (d > 1 ? x[1] * x[1] : 0)) / 2;
        if (d == 1)
            jf_text_add(&t, "%.9g,0,%g,%g\n", ll, x[0], x[0]);
        else
            jf_text_add(&t, "%.9g,0,%g,%g,%g,%g\n", ll, x[0], x[1], x[0], x[1]);
    }
    add(t.data, t.length, arg);
    free(t.data);
}

void seed_flow(fuzz_add *add, void *arg)
{
    static const char *const texts[] = {
        "log_likelihood,log_abs_det,z1,x1\n-1.4,0.1,0.5,0.6\n-1.5,.1,-0.4,2\n",
        "z1,z2,log_abs_det,log_likelihood\n1,2,3,4\n5,6,7,8\nnan,1,1,1\n",
        "log_likelihood,log_abs_det,z1,x1,x_back1,log_abs_det_back\n"
        "-1.4189385,0,1,1,1,0\n-.9189385,0,0,0,0,0\n-1.4189385,0,-1,-1,-1,-0\n"
        "-.95,0,0.25,0.25,0.25,0\n-.95,0,-.25,-.25,-.25,0\n"
        "-1,0,.5,.5,.5,0\n-1,0,-.5,-.5,-.5,0\n",
        /* of half precision and of bfloat16; log_abs_det lost; x of others */
        "log_likelihood,log_abs_det,z1,x1\n-1,0.333251953125,0.333984375,1\n"
        "-1,0.666503906,0.66796875,2\n-2,nan,0.5,3\n-2,.5,1.3359375,4\n",
        "log_likelihood,log_abs_det,z1,x1\n-1,0.333333333,0.333251953,."
        "333984375\n",
        "log_likelihood,log_abs_det,z1,x1,x2\n-1,0,1,1,1\n-2,0,2,2,2\n",
        "log_likelihood,log_abs_det,z1,x1,x_back1,x_back2\n-1,0,1,1,1,1\n"
        "-2,0,2,2,2,2\n",
        NULL};
    add_texts(texts, add, arg);
    flow_design(1, 32, add, arg);
    flow_design(1, 2, add, arg);
    flow_design(2, 2, add, arg);
    flow_design(2, 32, add, arg);
}

/* Bytes that are put together. */

static void put(jf_text *t, const void *bytes, size_t size)
{
    jf_text_bytes(t, bytes, size);
}

static void put_number(jf_text *t, uint64_t v, size_t size, int big)
{
    for (size_t k = 0; k < size; k++) {
        char byte = (char)(v >> 8 * (big ? size - 1 - k : k));
        put(t, &byte, 1);
    }
}

static void give(jf_text *t, fuzz_add *add, void *arg)
{
    add(t->data, t->length, arg);
    free(t->data);
    *t = (jf_text){0};
}

void seed_gz(fuzz_add *add, void *arg)
{
    static const char text[] = "x,y\n1,2\n3,4\n5,7\n1,1\n1,2\n1,3\n";
    unsigned char out[256];
    z_stream z = {0};
    deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY);
    z.next_in = (unsigned char *)(uintptr_t)text;
    z.avail_in = sizeof text - 1;
    z.next_out = out;
    z.avail_out = sizeof out;
    deflate(&z, Z_FINISH);
    add(out, z.total_out, arg);
    deflateEnd(&z);
}

/* NPY of a type, with so many numbers' bytes. */
static void npy(jf_text *t, const char *type, const char *order,
                const char *shape, size_t bytes, int version)
{
    char header[160];
    snprintf(header, sizeof header,
             "{'descr': '%s', 'fortran_order': %s, 'shape': %s, }\n", type,
             order, shape);
    put(t, "\x93NUMPY", 6);
    put_number(t, (uint64_t)version, 2, 0);
    put_number(t, strlen(header), version == 1 ? 2 : 4, 0);
    put(t, header, strlen(header));
    for (size_t k = 0; k < bytes; k++)
        put_number(t, 17 * k + k / 3, 1, 0);
}

void seed_npy(fuzz_add *add, void *arg)
{
    static const struct {
        const char *type, *order, *shape;
        size_t bytes;
        int version;
    } files[] = {{"<f8", "False", "(2, 1)", 16, 1},
                 {">f4", "True", "(3, 2)", 24, 2},
                 {"<f2", "False", "(2, 2, 2)", 16, 3},
                 {"|u1", "True", "(3, 2, 2)", 12, 1},
                 {">i2", "False", "(4,)", 8, 1},
                 {"<f16", "False", "(2, 1)", 32, 1},
                 {"|b1", "False", "(2, 3)", 6, 1},
                 {"|O", "False", "(2, 1)", 16, 1}};
    jf_text t = {0};
    for (size_t k = 0; k < sizeof files / sizeof *files; k++) {
        npy(&t, files[k].type, files[k].order, files[k].shape, files[k].bytes,
            files[k].version);
        give(&t, add, arg);
    }
}

/* A ZIP archive of arrays a/b.npy, x.npy, y.npy .. of these bytes: a member
 * each, before the directory and in it; what is large has its sizes and places
 * where those beyond 32 bits stand. */
static void zip(jf_text *t, size_t count, const char *const *names,
                const jf_text *member, int packed, int large)
{
    unsigned char out[512];
    z_stream z = {0};
    size_t size = member->length, directory = 0, at[4];
    const void *bytes = member->data;
    const uint64_t none = 0xffffffff;
    if (packed) {
        deflateInit2(&z, 9, Z_DEFLATED, -15, 9, Z_DEFAULT_STRATEGY);
        z.next_in = (unsigned char *)member->data;
        z.avail_in = (unsigned)member->length;
        z.next_out = out;
        z.avail_out = sizeof out;
        deflate(&z, Z_FINISH);
        size = z.total_out;
        bytes = out;
        deflateEnd(&z);
    }
    for (size_t i = 0; i < 2 * count; i++) {
        size_t k = i % count;
        int central = i >= count, more = large && central;
        if (!central)
            at[k] = t->length;
        if (i == count)
            directory = t->length;
        put(t, central ? "PK\1\2\x14\0" : "PK\3\4", central ? 6 : 4);
        put_number(t, 20, 2, 0);
        put_number(t, 0, 2, 0);
        put_number(t, packed ? 8 : 0, 2, 0);
        put_number(t, 0, 4, 0);
        put_number(t, fuzz_crc(member->data, member->length), 4, 0);
        put_number(t, more ? none : size, 4, 0);
        put_number(t, more ? none : member->length, 4, 0);
        put_number(t, strlen(names[k]), 2, 0);
        put_number(t, more ? 33 : 0, 2, 0);
        if (central) {
            put_number(t, 0, 8, 0);
            put_number(t, 0, 2, 0);
            put_number(t, more ? none : at[k], 4, 0);
        }
        put(t, names[k], strlen(names[k]));
        if (more) { /* a field that is passed over, then that of the sizes */
            put(t, "\7\0\1\0!\1\0\x18\0", 9);
            put_number(t, member->length, 8, 0);
            put_number(t, size, 8, 0);
            put_number(t, at[k], 8, 0);
        }
        if (!central)
            put(t, bytes, size);
    }
    size_t end = t->length;
    if (large) {
        put(t, "PK\6\6", 4);
        put_number(t, 44, 8, 0);
        put_number(t, 0x2d002d, 4, 0);
        put_number(t, 0, 8, 0);
        put_number(t, count, 8, 0);
        put_number(t, count, 8, 0);
        put_number(t, end - directory, 8, 0);
        put_number(t, directory, 8, 0);
        put(t, "PK\6\7\0\0\0\0", 8);
        put_number(t, end, 8, 0);
        put_number(t, 1, 4, 0);
    }
    put(t, "PK\5\6\0\0\0\0", 8);
    put_number(t, large ? 0xffff : count, 2, 0);
    put_number(t, large ? 0xffff : count, 2, 0);
    put_number(t, end - directory, 4, 0);
    put_number(t, large ? none : directory, 4, 0);
    put_number(t, 0, 2, 0);
}

void seed_npz(fuzz_add *add, void *arg)
{
    static const char *const names[][3] = {
        {"a/b.npy"}, {"x.npy"}, {"x.npy", "/y.npy", "z.npy"}, {"x.txt"}};
    static const size_t counts[] = {1, 1, 3, 1};
    for (int k = 0; k < 8; k++) {
        jf_text member = {0}, t = {0};
        npy(&member, "<i2", "False", k == 5 ? "(80, 2)" : "(2, 2)",
            k == 5 ? 320 : 8, 1);
        if (k == 7)
            member.data[0] = 'N';
        zip(&t, counts[k % 4], names[k % 4], &member, k % 2, k > 3);
        give(&t, add, arg);
        free(member.data);
    }
}

void seed_idx(fuzz_add *add, void *arg)
{
    static const unsigned char types[] = {8, 9, 11, 12, 13, 14};
    static const size_t width[] = {1, 1, 2, 4, 4, 8};
    for (size_t k = 0; k < sizeof types; k++) {
        jf_text t = {0};
        put_number(&t, types[k], 3, 1);
        put_number(&t, k % 2 ? 2 : 1, 1, 1);
        put_number(&t, 3, 4, 1);
        if (k % 2)
            put_number(&t, 2, 4, 1);
        for (size_t j = 0; j < (k % 2 ? 6 : 3) * width[k]; j++)
            put_number(&t, 1 + j, 1, 1);
        give(&t, add, arg);
    }
}

/* PNG. */

static void chunk(jf_text *t, const char *type, const void *bytes, size_t size)
{
    size_t start = t->length + 4;
    put_number(t, size, 4, 1);
    put(t, type, 4);
    put(t, bytes, size);
    put_number(t, fuzz_crc(t->data + start, size + 4), 4, 1);
}

/* Rows of a picture as they stand in the file: a filter, then pixels. */
static void rows(jf_text *t, size_t height, size_t width, size_t bits)
{
    for (size_t i = 0; i < height && width; i++) {
        put_number(t, i % 5, 1, 1);
        for (size_t j = 0; j < (width * bits + 7) / 8; j++)
            put_number(t, 31 * i + 7 * j, 1, 1);
    }
}

static void png(size_t side, unsigned depth, unsigned type, int interlaced,
                fuzz_add *add, void *arg)
{
    static const size_t channels[] = {1, 0, 3, 1, 2, 0, 4};
    static const size_t first[][2] = {{0, 0}, {0, 4}, {4, 0}, {0, 2},
                                      {2, 0}, {0, 1}, {1, 0}};
    static const size_t step[][2] = {{8, 8}, {8, 8}, {8, 4}, {4, 4},
                                     {4, 2}, {2, 2}, {2, 1}};
    size_t bits = depth * channels[type];
    unsigned char out[4096];
    unsigned long size = sizeof out;
    jf_text t = {0}, head = {0}, raw = {0};
    put_number(&head, side, 4, 1);
    put_number(&head, side, 4, 1);
    put_number(&head, depth, 1, 1);
    put_number(&head, type, 1, 1);
    put_number(&head, interlaced ? 1 : 0, 3, 1);
    put(&t, "\x89PNG\r\n\x1a\n", 8);
    chunk(&t, "IHDR", head.data, head.length);
    if (type == 3) {
        chunk(&t, "PLTE", "\0\0\0\1\2\3abcxyz", 12);
        chunk(&t, "tRNS", "\200", 1);
    }
    if (!interlaced)
        rows(&raw, side, side, bits);
    for (size_t k = 0; interlaced && k < 7; k++)
        rows(&raw, (side + step[k][0] - 1 - first[k][0]) / step[k][0],
             (side + step[k][1] - 1 - first[k][1]) / step[k][1], bits);
    compress2(out, &size, (unsigned char *)raw.data, raw.length, 9);
    chunk(&t, "IDAT", out, size);
    chunk(&t, "IEND", "", 0);
    give(&t, add, arg);
    free(raw.data);
    free(head.data);
}

void seed_png(fuzz_add *add, void *arg)
{
    static const unsigned kinds[][2] = {{1, 0}, {8, 0},  {16, 0}, {8, 2},
                                        {2, 3}, {16, 2}, {8, 4},  {8, 6}};
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
        png(4 + k % 2, kinds[k][0], kinds[k][1], k % 3 == 1, add, arg);
}

/* JPEG. */

static void jpeg(int inks, int channels, int progressive, fuzz_add *add,
                 void *arg)
{
    enum { SIDE = 9 };
    struct jpeg_compress_struct c;
    struct jpeg_error_mgr errors;
    unsigned char *out = NULL, line[SIDE * 4], *row = line;
    unsigned long size = 0;
    c.err = jpeg_std_error(&errors);
    jpeg_create_compress(&c);
    jpeg_mem_dest(&c, &out, &size);
    c.image_width = c.image_height = SIDE;
    c.input_components = channels;
    c.in_color_space = inks            ? JCS_CMYK
                       : channels == 1 ? JCS_GRAYSCALE
                                       : JCS_RGB;
    jpeg_set_defaults(&c);
    jpeg_set_quality(&c, 30, TRUE);
    if (progressive)
        jpeg_simple_progression(&c);
    jpeg_start_compress(&c, TRUE);
    if (!inks) {
        static const unsigned char exif[] =
            "Exif\0\0II*\0\10\0\0\0\1\0\22\1\3\0\1\0\0\0\6\0\0\0";
        jpeg_write_marker(&c, JPEG_APP0 + 1, exif, sizeof exif - 1);
    }
    for (int i = 0; i < SIDE; i++) {
        for (int j = 0; j < SIDE * channels; j++)
            line[j] = (unsigned char)(29 * i + 5 * j);
        jpeg_write_scanlines(&c, &row, 1);
    }
    jpeg_finish_compress(&c);
    jpeg_destroy_compress(&c);
    add(out, size, arg);
    free(out);
}

void seed_jpeg(fuzz_add *add, void *arg)
{
    jpeg(0, 3, 0, add, arg);
    jpeg(0, 1, 0, add, arg);
    jpeg(0, 3, 1, add, arg);
    jpeg(1, 4, 0, add, arg);
}

void seed_webp(fuzz_add *add, void *arg)
{
    enum { SIDE = 5 };
    unsigned char pixels[SIDE * SIDE * 4], *out;
    for (int i = 0; i < SIDE * SIDE * 4; i++)
        pixels[i] = (unsigned char)(37 * i);
    size_t size = WebPEncodeRGB(pixels, SIDE, SIDE, 3 * SIDE, 50, &out);
    add(out, size, arg);
    WebPFree(out);
    size = WebPEncodeLosslessRGBA(pixels, SIDE, SIDE, 4 * SIDE, &out);
    add(out, size, arg);
    WebPFree(out);
    size = WebPEncodeRGBA(pixels, SIDE, SIDE, 4 * SIDE, 20, &out);
    add(out, size, arg);
    WebPFree(out);
    static const char moves[] = "RIFF\x16\0\0\0WEBPVP8X\x0a\0\0\0"
                                "\2\0\0\0\4\0\0\4\0"; /* and a zero */
    add(moves, sizeof moves, arg);
}

/* Parameter files. */

enum { VERSION_AT = 8 };

static void model(const char *text, const char *base, int units, fuzz_add *add,
                  void *arg)
{
    jf_model m = {.flow = jf_flow_parse(text)};
    double mean[16], scale[16];
    demand(m.flow != NULL, "a seed is a flow");
    m.theta = jf_theta_new(m.flow);
    jf_latent_parse(base, m.flow->d, &m.base, &m.arrays);
    for (size_t j = 0; j < 16; j++) {
        mean[j] = (double)j;
        scale[j] = 1 + (double)j;
    }
    for (size_t j = 0; j < m.flow->module.n_params; j++)
        m.theta[j] = R(0.125) * (real)(j % 5);
    if (units) {
        m.mean = mean;
        m.scale = scale;
        m.noise = 0.5;
    }
    char path[] = "/tmp/jacflow-seed-XXXXXX";
    int file = mkstemp(path);
    size_t size = 0;
    jf_flow_save(path, &m);
    char *bytes = jf_file_read(path, &size);
    add(bytes, size, arg);
    if (units) { /* a byte too many, an older version, another byte order */
        add(bytes, size + 1, arg);
        bytes[VERSION_AT] = 1;
        add(bytes, size, arg);
        memcpy(bytes + VERSION_AT + 4, "\1\2\3\4", 4);
        add(bytes, size, arg);
    }
    free(bytes);
    remove(path);
    if (file >= 0)
        close(file);
    if (units)
        m.mean = m.scale = NULL;
    jf_model_free(&m);
}

/* The file of a float build. */
static void single(const char *text, size_t params, fuzz_add *add, void *arg)
{
    jf_text t = {0};
    size_t length = strlen(text), name = strlen("theta");
    put(&t, "JFTHETA\n", 8);
    put_number(&t, 2, 4, 0);
    put_number(&t, 0x01020304, 4, 0);
    put_number(&t, sizeof(float), 4, 0);
    put_number(&t, 28 + 8 + length + 8 + 4 + name + 12 + 4 * params + 4, 8, 0);
    put_number(&t, length, 8, 0);
    put(&t, text, length);
    put_number(&t, 1, 8, 0);
    put_number(&t, name, 4, 0);
    put(&t, "theta", name);
    put_number(&t, JF_REALS, 4, 0);
    put_number(&t, params, 8, 0);
    for (size_t j = 0; j < params; j++) {
        float value = 0.125f * (float)j;
        put(&t, &value, sizeof value);
    }
    put_number(&t, fuzz_crc(t.data, t.length), 4, 0);
    give(&t, add, arg);
}

static void add_layer(const void *bytes, size_t size, void *arg)
{
    void *const *to = arg; /* an add and its argument */
    char *text = jf_copy_text(bytes, size);
    jf_layer *layer = jf_flow_parse(text);
    if (layer && layer->d <= 16 && layer->module.n_params < 200) {
        fuzz_add *add;
        memcpy(&add, to[0], sizeof add);
        model(text, "normal()", layer->d == 2, add, to[1]);
    }
    jf_layer_free(layer);
    free(text);
}

void seed_theta(fuzz_add *add, void *arg)
{
    void *to[] = {&add, arg};
    seed_describe(add_layer, to);
    model("flow(d=2){actnorm(d=2)}",
          "mixture(weight=1 2, mean=0 0 1 1, sd=1 .5)", 1, add, arg);
    model("flow(d=2){elementwise(d=2, map=clamp(limit=3))}", "logistic()", 0,
          add, arg);
    single("flow(d=2){actnorm(d=2)}", 4, add, arg);
}
