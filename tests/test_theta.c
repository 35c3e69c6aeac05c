/* test_theta.c -- parameter files: what is written is read bit for bit, and
 * everything else is refused with one line and changes nothing. */
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <zlib.h>

#include "check.h"
#include "jf.h"

static char folder[64];
static char path[128], other[128], log_path[128];

static const char text_of[] = "flow(d=3) { actnorm(d=3) elementwise(d=3, "
                              "map=clamp(limit=2)) }";

typedef struct {
    unsigned char bytes[4096];
    size_t size;
} blob;

static blob slurp(const char *name)
{
    blob b = {.size = 0};
    FILE *file = fopen(name, "rb");
    if (file) {
        b.size = fread(b.bytes, 1, sizeof b.bytes, file);
        fclose(file);
    }
    return b;
}

static void spill(const char *name, const unsigned char *bytes, size_t size)
{
    FILE *file = fopen(name, "wb");
    CHECK(file && fwrite(bytes, 1, size, file) == size);
    if (file)
        fclose(file);
}

/* The checksum over all but the last four bytes, put there. */
static void seal(blob *b)
{
    uint32_t sum = (uint32_t)crc32_z(0, b->bytes, b->size - 4);
    memcpy(b->bytes + b->size - 4, &sum, 4);
}

/* stderr goes to a file between these two; the lines in between. */
static int kept_stderr;

static void listen(void)
{
    fflush(stderr);
    kept_stderr = dup(2);
    if (!freopen(log_path, "w", stderr))
        abort();
}

static size_t hear(char *text, size_t room)
{
    size_t lines = 0;
    fflush(stderr);
    dup2(kept_stderr, 2);
    close(kept_stderr);
    blob b = slurp(log_path);
    size_t size = b.size < room - 1 ? b.size : room - 1;
    memcpy(text, b.bytes, size);
    text[size] = 0;
    for (size_t i = 0; i < size; i++)
        lines += text[i] == '\n';
    return lines;
}

enum { COUNT = 15 };
static real theta[COUNT], back[COUNT];
static uint64_t words[2] = {7, UINT64_MAX};

static int put(void)
{
    jf_section s[2] = {{.name = "theta", .count = COUNT, .data = theta},
                       {.name = "step", .type = JF_WORDS, 2, .data = words}};
    return jf_theta_write(path, text_of, s, 2);
}

static int get_as(const char *description, size_t count)
{
    jf_section s = {.name = "theta", .count = count, .data = back};
    return jf_theta_read(path, description, &s, 1);
}

/* Refused with exactly one line that holds the words, nothing stored. */
static void refused(int code, const char *expected)
{
    char text[512];
    size_t lines = hear(text, sizeof text);
    CHECK(code == GSL_EFAILED);
    CHECK(lines == 1);
    CHECK(strstr(text, path) != NULL);
    CHECK(strstr(text, expected) != NULL);
    if (!strstr(text, expected))
        fprintf(stderr, "%s expected in: %s", expected, text);
    for (size_t i = 0; i < COUNT; i++)
        CHECK(back[i] == -1);
}

#define REFUSED(call, expected)                                                \
    do {                                                                       \
        listen();                                                              \
        refused(call, expected);                                               \
    } while (0)

static void test_round_trip(void)
{
    uint64_t read_words[2] = {0};
    double none = 4;
    int found = 1, found_theta = 0;
    jf_section s[3] = {
        {.name = "step", .type = JF_WORDS, 2, read_words},
        {.name = "theta", .count = COUNT, .data = back, .found = &found_theta},
        {.name = "absent",
         .type = JF_DOUBLES,
         1,
         &none,
         .optional = 1,
         .found = &found}};
    CHECK(put() == GSL_SUCCESS);
    CHECK(jf_theta_read(path, text_of, s, 3) == GSL_SUCCESS);
    CHECK(memcmp(theta, back, sizeof theta) == 0);
    CHECK(memcmp(words, read_words, sizeof words) == 0);
    CHECK(found_theta == 1 && found == 0 && none == 4);
    for (size_t i = 0; i < COUNT; i++)
        back[i] = -1;
}

static void test_refusals(void)
{
    uint64_t few[1];
    jf_section s = {.name = "step", .type = JF_WORDS, 1, few};

    REFUSED(
        get_as("flow(d=3) { actnorm(d=3) elementwise(d=3, map=exp()) }", COUNT),
        "byte 42 of its description map=clamp(limit=2)) }, expected "
        "map=exp()) }");
    REFUSED(get_as("flow(d=3) { actnorm(d=3) elementwise(d=3, "
                   "map=clamp(limit=3)) }",
                   COUNT),
            "expected map=clamp(limit=3)) }");
    REFUSED(get_as("flow(d=3) { actnorm(d=3) }", COUNT), "expected }");
    REFUSED(get_as("flow(d=3) { actnorm(d=3) elementwise(d=3, "
                   "map=clamp(limit=2)) bias(d=3) }",
                   COUNT),
            "expected bias(d=3) }");
    REFUSED(get_as(text_of, COUNT - 1), "section theta has 15");
    REFUSED(jf_theta_read(path, text_of, &s, 1), "section step has 2");
    s.name = "momentum";
    REFUSED(jf_theta_read(path, text_of, &s, 1), "no section momentum");
}

/* Sound files (their checksum is right) of another kind. */
static void test_kinds(void)
{
    blob good = slurp(path), b = good;
    uint32_t word = 1;

    b.bytes[0] = 'X';
    seal(&b);
    spill(path, b.bytes, b.size);
    REFUSED(get_as(text_of, COUNT), "not a parameter file");
    b = good;
    memcpy(b.bytes + 8, &word, 4);
    seal(&b);
    spill(path, b.bytes, b.size);
    REFUSED(get_as(text_of, COUNT), "format version 1, expected 2, which says");
    b = good;
    word = 0x04030201;
    memcpy(b.bytes + 12, &word, 4);
    spill(path, b.bytes, b.size);
    REFUSED(get_as(text_of, COUNT), "byte order");
    b = good;
    word = sizeof(real) == 4 ? 8 : 5;
    memcpy(b.bytes + 16, &word, 4);
    seal(&b);
    spill(path, b.bytes, b.size);
    REFUSED(get_as(text_of, COUNT),
            sizeof(real) == 4
                ? "holds double parameters, this build reads float"
                : "holds unknown parameters, this build reads double");
    b = good;
    b.bytes[b.size++] = 0;
    spill(path, b.bytes, b.size);
    REFUSED(get_as(text_of, COUNT), "1 bytes after its end");
    spill(path, good.bytes, 0);
    REFUSED(get_as(text_of, COUNT), "not a parameter file");
    spill(path, good.bytes, good.size - 1);
    REFUSED(get_as(text_of, COUNT), "truncated");
    unlink(path);
    REFUSED(get_as(text_of, COUNT), "cannot be opened");
    mkdir(path, 0700);
    REFUSED(get_as(text_of, COUNT), "not a regular file");
    rmdir(path);
    spill(path, good.bytes, good.size);
}

/* Sections of one name, of which a reader would take the first and say nothing
 * of the other; and more than there are. */
static void test_sections(void)
{
    static char names[65][8];
    jf_section twice[2] = {{.name = "theta", .count = COUNT, .data = theta},
                           {.name = "theta", .count = COUNT, .data = theta}};
    jf_section many[65];
    CHECK(jf_theta_write(path, text_of, twice, 2) == GSL_SUCCESS);
    REFUSED(get_as(text_of, COUNT), "sections 0 and 1 have one name");
    for (size_t i = 0; i < 65; i++) {
        snprintf(names[i], sizeof names[i], "%zu", i);
        many[i] = (jf_section){
            .name = names[i], .type = JF_WORDS, .count = 1, .data = words};
    }
    many[0] = twice[0];
    CHECK(jf_theta_write(path, text_of, many, 65) == GSL_SUCCESS);
    REFUSED(get_as(text_of, COUNT), "65 sections, at most 64 expected");
    CHECK(jf_theta_write(path, text_of, many, 64) == GSL_SUCCESS);
    CHECK(get_as(text_of, COUNT) == GSL_SUCCESS);
    for (size_t i = 0; i < COUNT; i++)
        back[i] = -1;
    CHECK(put() == GSL_SUCCESS);
}

/* Every flip of a bit and every truncation is refused with one line.  Under
 * a new checksum a flip may pass, but never crashes. */
static void test_damage(void)
{
    blob good = slurp(path);
    char text[512];
    for (size_t i = 0; i < good.size; i++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            blob b = good;
            b.bytes[i] ^= (unsigned char)(1u << bit);
            spill(path, b.bytes, b.size);
            listen();
            int code = get_as(text_of, COUNT);
            CHECK(hear(text, sizeof text) == 1 && code == GSL_EFAILED);
            if (i + 4 >= good.size)
                continue;
            seal(&b);
            spill(path, b.bytes, b.size);
            listen();
            code = get_as(text_of, COUNT);
            CHECK(hear(text, sizeof text) == (code != GSL_SUCCESS));
            for (size_t k = 0; k < COUNT; k++)
                back[k] = -1;
        }
        spill(path, good.bytes, i);
        listen();
        int code = get_as(text_of, COUNT);
        CHECK(hear(text, sizeof text) == 1 && code == GSL_EFAILED);
    }
    spill(path, good.bytes, good.size);
    CHECK(get_as(text_of, COUNT) == GSL_SUCCESS);
    CHECK(memcmp(theta, back, sizeof theta) == 0);
    for (size_t i = 0; i < COUNT; i++)
        back[i] = -1;
}

/* A write that fails leaves the old file and nothing else. */
static void test_atomic(void)
{
    blob good = slurp(path);
    struct rlimit limit, small;
    char text[512];

    getrlimit(RLIMIT_FSIZE, &limit);
    small = limit;
    small.rlim_cur = good.size / 2;
    signal(SIGXFSZ, SIG_IGN);
    theta[0] = 99;
    listen();
    fprintf(stderr, "x"); /* the log exists before the limit does */
    setrlimit(RLIMIT_FSIZE, &small);
    int code = put();
    setrlimit(RLIMIT_FSIZE, &limit);
    CHECK(hear(text, sizeof text) == 1 && code == GSL_EFAILED);
    CHECK(strstr(text, "cannot write") != NULL);
    blob now = slurp(path);
    CHECK(now.size == good.size &&
          memcmp(now.bytes, good.bytes, good.size) == 0);
    snprintf(other, sizeof other, "%s/theta/inside", folder);
    listen();
    code = jf_theta_write(other, text_of, NULL, 0);
    CHECK(hear(text, sizeof text) == 1 && code == GSL_EFAILED);
    unlink(log_path);
    unlink(path);
    CHECK(rmdir(folder) == 0); /* no draft is left behind */
    mkdir(folder, 0700);
}

static jf_layer *build(uint64_t seed, int nested)
{
    jf_layer *flow = jf_flow_new(4), *inner = nested ? jf_flow_new(4) : flow;
    jf_flow_add(flow, jf_actnorm(4));
    jf_flow_add(inner, jf_shuffle(4, seed));
    jf_flow_add(inner, jf_plu(4, 1));
    if (nested)
        jf_flow_add(flow, inner);
    jf_flow_add(flow, jf_diagonal(4));
    return flow;
}

/* Whole flows: the seed of a permutation matters, and actnorm keeps what it was
 * given. */
static void test_flow(void)
{
    jf_layer *flow = build(1, 0), *nested = build(1, 1),
             *shuffled = build(2, 0);
    real *a = jf_theta_new(flow), *b = jf_theta_new(flow);
    size_t n = flow->module.n_params;
    jf_part leaf[4];
    char text[512];

    CHECK(jf_flow_leaves(nested, leaf) == 4);
    CHECK(leaf[2].first == 8 && leaf[3].first == 24 &&
          strcmp(leaf[3].layer->module.name, "diagonal") == 0);
    jf_fill_normal(jf_view(a, 1, n), 3, JF_PURPOSE_USER, 0);
    CHECK(jf_theta_save(path, flow, a) == GSL_SUCCESS);
    CHECK(jf_theta_load(path, flow, b) == GSL_SUCCESS);
    CHECK(memcmp(a, b, n * sizeof *a) == 0);
    memset(b, 0, n * sizeof *b);
    listen();
    int code = jf_theta_load(path, shuffled, b);
    CHECK(hear(text, sizeof text) == 1 && code == GSL_EFAILED);
    CHECK(strstr(text, "seed=1) plu(d=4, seed=1) diagonal(d=4) }") != NULL);
    for (size_t i = 0; i < n; i++)
        CHECK(b[i] == 0);
    free(b);
    free(a);
    jf_layer_free(shuffled);
    jf_layer_free(nested);
    jf_layer_free(flow);
}

int main(void)
{
    check_template(folder, sizeof folder, "theta");
    if (!mkdtemp(folder))
        return 1;
    snprintf(path, sizeof path, "%s/theta", folder);
    snprintf(log_path, sizeof log_path, "%s/log", folder);
    for (size_t i = 0; i < COUNT; i++) {
        theta[i] = (real)sqrt((double)i) * (i % 2 ? R(1.0) : R(-1.0));
        back[i] = -1;
    }
    theta[3] = (real)-INFINITY;
    theta[4] = R(-0.0);
    test_round_trip();
    test_refusals();
    test_kinds();
    test_sections();
    test_damage();
    test_atomic();
    test_flow();
    unlink(log_path);
    unlink(path);
    rmdir(folder);
    return check_end();
}
