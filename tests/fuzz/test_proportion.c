/* test_proportion.c -- files whose sizes lie, and large ones that do not: no
 * reader holds more than 64 MiB or sixteen times what the file has in it,
 * unpacked, whatever it declares; where a decoder takes memory for a whole
 * picture at once, what a file of that length may have in it
 * (jf_image_check_whole). */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <zlib.h>

#include "audit/flow/flow.h"
#include "jf.h"
#include "memory.h"
#include "seeds.h"
#include "target.h"
#include "tests/check.h"

#ifdef JF_HDF5
#define H5_USE_110_API
#include <hdf5.h>
#endif

enum { LEAST = 64 << 20, SHARE = 16, MANY = 1 << 22 };

/* Read path, which has so many bytes in it; whether it can be read must be
 * expected, and so must the memory that is held meanwhile. */

typedef struct {
    const char *path;
    jf_data_options options;
    jf_dataset data;
    int status;
} reading;

static void read_table(void *arg)
{
    reading *r = arg;
    r->status = jf_data_read_as(r->path, &r->options, &r->data);
}

static void in_proportion(const char *what, const char *path, size_t has,
                          const jf_data_options *options, int expected)
{
    reading r = {.path = path, .options = *options};
    size_t most = SHARE * has > LEAST ? SHARE * has : LEAST;
    memory_watch();
    fuzz_call(read_table, &r);
    size_t held = memory_most();
    int good =
        r.status == (expected ? GSL_SUCCESS : GSL_EFAILED) && held <= most;
    printf("  %-32s %9zu bytes: %9zu held, %s\n", what, has, held,
           r.status == GSL_SUCCESS ? "read" : "refused");
    if (!good)
        fprintf(stderr, "%s: status %d, %zu held, at most %zu expected\n", what,
                r.status, held, most);
    CHECK(good);
    jf_data_free(&r.data);
}

static const jf_data_options plain = {0}, any = {.any = 1};

/* Texts. */

/* text so many times, behind a head and before a tail. */
static jf_text repeated(const char *head, const char *text, size_t count,
                        const char *tail)
{
    jf_text t = {0};
    jf_text_add(&t, "%s", head);
    for (size_t k = 0; k < count; k++)
        jf_text_bytes(&t, text, strlen(text));
    jf_text_add(&t, "%s", tail);
    return t;
}

static void write_gz(const char *path, const jf_text *t)
{
    gzFile f = gzopen(path, "wb9");
    gzwrite(f, t->data, (unsigned)t->length);
    gzclose(f);
}

static void text(const char *what, jf_text t, const jf_data_options *options,
                 int expected)
{
    in_proportion(what, fuzz_file(t.data, t.length), t.length, options,
                  expected);
    free(t.data);
}

static void test_texts(void)
{
    text("rows of a digit", repeated("", "1\n", MANY, ""), &any, 1);
    text("rows of a word and a digit", repeated("a\n", "1\n", MANY, ""), &plain,
         1);
    text("commas", repeated("", ",", 2 * MANY, "\n1,2\n"), &any, 0);
    text("two lines of fields", repeated("a", ",1", MANY, "\n2\n"), &any, 0);
    text("empty lines", repeated("1\n", "\n", 2 * MANY, "2\n"), &plain, 1);
    text("quotes", repeated("", "\"1\"\n", MANY / 2, ""), &any, 1);
    jf_text t = repeated("", "1\n", MANY, ""), wide = {0};
    jf_text_bytes(&wide, "\xff\xfe", 2);
    for (size_t k = 0; k < t.length; k++)
        jf_text_bytes(&wide, (char[]){t.data[k], 0}, 2);
    text("the same in UTF-16", wide, &any, 1);
    const char *path = fuzz_file("", 0);
    write_gz(path, &t);
    in_proportion("the same, packed", path, t.length, &any, 1);
    free(t.data);
}

/* Arrays. */

static jf_text npy(const char *type, const char *shape, size_t bytes)
{
    jf_text t = {0}, header = {0};
    jf_text_add(&header,
                "{'descr': '%s', 'fortran_order': True, 'shape': %s, }\n", type,
                shape);
    jf_text_bytes(&t, "\x93NUMPY\1\0", 8);
    jf_text_bytes(&t, (char[]){(char)header.length, 0}, 2);
    jf_text_bytes(&t, header.data, header.length);
    for (size_t k = 0; k < bytes; k++)
        jf_text_bytes(&t, (char[]){(char)(k % 7)}, 1);
    free(header.data);
    return t;
}

static void test_arrays(void)
{
    text("bytes as NPY", npy("|u1", "(4194304, 2)", 2 * MANY), &plain, 1);
    text("an NPY that lies", npy("<f8", "(1099511627776, 2)", 64), &plain, 0);
    text("an NPY whose size overflows",
         npy("<f8", "(4294967296, 4294967296, 2)", 64), &plain, 0);
    text("one that is cut", npy("<f8", "(50000000, 1)", 64), &plain, 0);
    jf_text idx = {0};
    jf_text_bytes(&idx, "\0\0\10\2\377\377\377\377\377\377\377\377\1\2", 14);
    text("an IDX that lies", idx, &plain, 0);
    idx = (jf_text){0};
    jf_text_bytes(&idx, "\0\0\16\2\0\377\377\377\0\0\0\10\1\2", 14);
    text("another", idx, &plain, 0);
}

/* A seed with bytes of it changed, then so many zeros. */

typedef struct {
    jf_text bytes;
    size_t number, wanted;
} pick;

static void take(const void *bytes, size_t size, void *arg)
{
    pick *p = arg;
    if (p->number++ == p->wanted)
        jf_text_bytes(&p->bytes, bytes, size);
}

static jf_text seed(void (*seeds)(fuzz_add *, void *), size_t wanted,
                    size_t zeros)
{
    pick p = {.wanted = wanted};
    seeds(take, &p);
    for (size_t k = 0; k < zeros; k++)
        jf_text_bytes(&p.bytes, "", 1);
    return p.bytes;
}

/* The place of some bytes. */
static char *find(const jf_text *t, const char *bytes, size_t length)
{
    char *at = memmem(t->data, t->length, bytes, length);
    CHECK(at != NULL);
    return at ? at : t->data;
}

/* Archives: a member that says it has 4 GB, and a packed one. */
static void test_archives(void)
{
    jf_text t = seed(seed_npz, 0, 0);
    char *entry = find(&t, "PK\1\2", 4);
    memset(entry + 20, 0xff, 8);
    text("an NPZ that lies", t, &plain, 0);
    t = seed(seed_npz, 1, 0);
    memset(find(&t, "PK\1\2", 4) + 24, 0xfe, 4);
    text("a packed one that lies", t, &plain, 0);
}

/* A PNG of a size, whose only pixels are zeros that do not unpack. */
static jf_text png(size_t height, size_t width, int interlaced, size_t zeros)
{
    jf_text t = {0};
    unsigned char head[25] = "\0\0\0\15IHDR", sum[4], length[4];
    for (int k = 0; k < 4; k++) {
        head[8 + k] = (unsigned char)(width >> (24 - 8 * k));
        head[12 + k] = (unsigned char)(height >> (24 - 8 * k));
        length[k] = (unsigned char)(zeros >> (24 - 8 * k));
    }
    head[16] = 8;
    head[17] = 2;
    head[20] = (unsigned char)interlaced;
    uint32_t crc = fuzz_crc(head + 4, 17);
    for (int k = 0; k < 4; k++)
        head[21 + k] = (unsigned char)(crc >> (24 - 8 * k));
    jf_text_bytes(&t, "\x89PNG\r\n\x1a\n", 8);
    jf_text_bytes(&t, (char *)head, 25);
    jf_text_bytes(&t, (char *)length, 4);
    size_t start = t.length;
    jf_text_bytes(&t, "IDAT", 4);
    for (size_t k = 0; k < zeros; k++)
        jf_text_bytes(&t, "", 1);
    crc = fuzz_crc(t.data + start, zeros + 4);
    for (int k = 0; k < 4; k++)
        sum[k] = (unsigned char)(crc >> (24 - 8 * k));
    jf_text_bytes(&t, (char *)sum, 4);
    jf_text_bytes(&t, "\0\0\0\0IEND\xae\x42\x60\x82", 12);
    return t;
}

/* A good PNG with texts that unpack to much. */
static jf_text with_texts(void)
{
    enum { TEXTS = 24, LONG = 7 << 20, HEAD = 33 };
    unsigned char out[1 << 16], *zeros = calloc(LONG, 1);
    jf_text t = seed(seed_png, 1, 0), all = {0};
    unsigned long size = sizeof out - 8;
    compress2(out + 7, &size, zeros, LONG, 9);
    memcpy(out, "zTXta\0", 7);
    jf_text_bytes(&all, t.data, HEAD);
    for (size_t k = 0; k < TEXTS; k++) {
        uint32_t length = (uint32_t)size + 3, crc = fuzz_crc(out, size + 7);
        unsigned char ends[2][4];
        for (int j = 0; j < 4; j++) {
            ends[0][j] = (unsigned char)(length >> (24 - 8 * j));
            ends[1][j] = (unsigned char)(crc >> (24 - 8 * j));
        }
        jf_text_bytes(&all, (char *)ends[0], 4);
        jf_text_bytes(&all, (char *)out, size + 7);
        jf_text_bytes(&all, (char *)ends[1], 4);
    }
    jf_text_bytes(&all, t.data + HEAD, t.length - HEAD);
    free(zeros);
    free(t.data);
    return all;
}

/* A JPEG that says it has 20000 x 2000 pixels, and has 9 x 9. */
static jf_text jpeg(size_t wanted, const char *frame, size_t zeros)
{
    jf_text t = seed(seed_jpeg, wanted, zeros);
    memcpy(find(&t, frame, 2) + 5, "\x4e\x20\7\xd0", 4);
    return t;
}

static void test_pictures(void)
{
    enum { SOME = 400 << 10 };
    text("a PNG that lies", png(20000, 2000, 0, 64), &plain, 0);
    text("a larger one", png(20000, 2000, 0, SOME), &plain, 0);
    text("an interlaced one", png(20000, 2000, 1, SOME / 8), &plain, 0);
    text("one with long texts", with_texts(), &plain, 1);
    text("a JPEG that lies", jpeg(0, "\xff\xc0", 0), &plain, 0);
    text("a larger one", jpeg(0, "\xff\xc0", SOME / 4), &plain, 0);
    text("a progressive one", jpeg(2, "\xff\xc2", SOME / 8), &plain, 0);
    jf_text t = seed(seed_webp, 1, 0);
    memcpy(find(&t, "VP8L", 4) + 9, "\xff\xdf\xff\7", 4); /* 8192 x 8192 */
    text("a WebP that lies", t, &plain, 0);
}

/* Flows: what a short text asks for. */

static void parse(void *arg)
{
    jf_layer_free(jf_flow_parse(arg));
}

static void test_flows(void)
{
    static const char *const texts[] = {
        "reverse(d=4194304)",
        "reverse(d=16777216)",
        "shuffle(d=4194304, seed=1)",
        "plu(d=4096, seed=1)",
        "dense(d=16777216)",
        "orthogonal(d=16777216, k=8192)",
        "svd(d=16777216)",
        "deep_linear(d=4096, k=8192)",
        "mlp(in=1, out=1, hidden=1, depth=1, activation=tanh, bias=1, "
        "lipschitz=0)",
        "autoregressive(d=4096, map=exp()){made(d=4096, params=2, hidden=4096, "
        "depth=2, activation=tanh)}",
        "autoregressive(d=16777216, map=exp()){made(d=16777216, params=2, "
        "hidden=16777216, depth=1024, activation=tanh)}",
        "cosine(height=4096, width=4096, channels=1, knots=256)",
        "local_scale(height=4096, width=4096, channels=1, levels=12, reach=12)",
        "interlaced(height=4096, width=4096, channels=1, levels=9, reach=12, "
        "steps=65536)",
        "squeeze(height=4096, width=4096, channels=1)",
        "factor_out(pixels=16777216, channels=2, keep=1)",
        "brenier(d=4096, ridges=16777216)",
        "swirl(d=16777216, i=0, j=1, x=0, y=0, radius=1, angle=1)",
        "elementwise(d=16777216, map=spline(bins=64, bound=1))",
        "shared(positions=16777216){actnorm(d=1)}"};
    for (size_t k = 0; k < sizeof texts / sizeof *texts; k++) {
        memory_watch();
        fuzz_call(parse, (void *)(uintptr_t)texts[k]);
        size_t held = memory_most();
        printf("  %-42.42s %9zu held\n", texts[k], held);
        CHECK(held <= LEAST + (LEAST >> 4));
    }
}

static void read_flow(void *arg)
{
    flow_numbers f;
    flow_read(arg, &f);
    flow_free(&f);
}

static void read_texts(void *arg)
{
    jf_texts t;
    jf_texts_read(arg, &t);
    jf_texts_free(&t);
}

/* Tables of programs. */
static void test_programs(void)
{
    jf_text t =
        repeated("log_likelihood,log_abs_det,z1\n", "1,2,3\n", MANY / 4, "");
    const char *path = fuzz_file(t.data, t.length);
    memory_watch();
    CHECK(fuzz_call(read_flow, (void *)(uintptr_t)path) == 0);
    printf("  %-32s %9zu bytes: %9zu held\n", "a flow's table", t.length,
           memory_most());
    CHECK(memory_most() <= SHARE * t.length);
    free(t.data);
    t = repeated("", ",,\n", MANY, "");
    path = fuzz_file(t.data, t.length);
    memory_watch();
    CHECK(fuzz_call(read_texts, (void *)(uintptr_t)path) == 0);
    printf("  %-32s %9zu bytes: %9zu held\n", "a table of texts", t.length,
           memory_most());
    CHECK(memory_most() <= SHARE * t.length);
    free(t.data);
}

#ifdef JF_HDF5
/* Datasets of which hardly a value is there. */
static void hdf5(const char *what, int packed)
{
    const char *path = fuzz_file("", 0);
    const hsize_t shape[] = {1 << 24, 4}, chunk[] = {1 << 20, 4};
    hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    hid_t plan = H5Pcreate(H5P_DATASET_CREATE);
    hid_t space = H5Screate_simple(2, shape, NULL);
    if (packed) {
        H5Pset_chunk(plan, 2, chunk);
        H5Pset_deflate(plan, 9);
    }
    hid_t set = H5Dcreate2(file, "x", H5T_STD_U8LE, space, H5P_DEFAULT, plan,
                           H5P_DEFAULT);
    if (packed) { /* one chunk of sixteen, which packs well */
        hid_t inside = H5Screate_simple(2, chunk, NULL);
        const hsize_t start[] = {0, 0};
        unsigned char *zeros = calloc(1 << 20, 4);
        H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, chunk, NULL);
        H5Dwrite(set, H5T_NATIVE_UCHAR, inside, space, H5P_DEFAULT, zeros);
        free(zeros);
        H5Sclose(inside);
    }
    H5Dclose(set);
    H5Sclose(space);
    H5Pclose(plan);
    H5Fclose(file);
    in_proportion(what, path, packed ? 1 << 22 : 0, &plain, 0);
}

/* bytes with each number of 8 bytes a, the least first, in place of b. */
static void exchange(char *bytes, size_t size, uint64_t a, uint64_t b)
{
    for (size_t i = 0; i + sizeof a <= size; i++)
        if (memcmp(bytes + i, &a, sizeof a) == 0)
            memcpy(bytes + i, &b, sizeof b);
}

/* A dataset in one piece, whose size is as false as its shape. */
static void hdf5_lies(void)
{
    enum { ROWS = 12345, FALSE_ROWS = 1 << 27 };
    size_t size;
    const char *path = fuzz_file("", 0);
    const hsize_t shape[] = {ROWS, 3};
    double *zeros = calloc(ROWS, 3 * sizeof *zeros);
    hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    hid_t space = H5Screate_simple(2, shape, NULL);
    hid_t set = H5Dcreate2(file, "x", H5T_IEEE_F64LE, space, H5P_DEFAULT,
                           H5P_DEFAULT, H5P_DEFAULT);
    H5Dwrite(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, zeros);
    free(zeros);
    H5Dclose(set);
    H5Sclose(space);
    H5Fclose(file);
    in_proportion("an HDF5", path, 24 * ROWS, &plain, 1);
    char *bytes = jf_file_read(path, &size);
    exchange(bytes, size, ROWS, FALSE_ROWS);
    exchange(bytes, size, 24 * ROWS, UINT64_C(24) * FALSE_ROWS);
    path = fuzz_file(bytes, size);
    in_proportion("one that declares 3 GiB", path, 24 * ROWS, &plain, 0);
    free(bytes);
}
#endif

int main(void)
{
    test_texts();
    test_arrays();
    test_archives();
    test_pictures();
    test_flows();
    test_programs();
#ifdef JF_HDF5
    hdf5("an HDF5 without values", 0);
    hdf5("one with a part of them", 1);
    hdf5_lies();
#endif
    return check_end();
}
