/* test_data.c -- readers and what they refuse, toy densities, transforms. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <gsl/gsl_rng.h>
#include <zlib.h>

#include "check.h"
#include "hush.h"
#include "jf.h"

static char folder[] = "/tmp/jacflow-data-XXXXXX";
static char path[256];

static const char *file(const char *name, const void *bytes, size_t size)
{
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "wb");
    CHECK(f && fwrite(bytes, 1, size, f) == size);
    if (f)
        fclose(f);
    return path;
}

static const char *text(const char *name, const char *content)
{
    return file(name, content, strlen(content));
}

/* The call's status, and how many lines it wrote to stderr. */
static int quietly(const char *name, const char *columns, jf_dataset *data,
                   int check, int *lines)
{
    hush_begin();
    int status = jf_data_read(name, columns, data);
    if (status == GSL_SUCCESS && check)
        status = jf_data_check(data);
    *lines = hush_end();
    return status;
}

/* Refused with exactly one line. */
static int refused(const char *name, const char *columns, int check)
{
    jf_dataset data = {0};
    int lines, status = quietly(name, columns, &data, check, &lines);
    jf_data_free(&data);
    return status == GSL_EFAILED && lines == 1;
}

/* Reads as rows x cols with that sum of entries. */
static int reads(const char *name, const char *columns, size_t rows,
                 size_t cols, double sum)
{
    jf_dataset data;
    int lines;
    double total = 0;
    if (quietly(name, columns, &data, 0, &lines) != GSL_SUCCESS)
        return 0;
    for (size_t i = 0; i < data.x.rows * data.x.cols; i++)
        total += (double)data.x.data[i];
    int ok = data.x.rows == rows && data.x.cols == cols && lines == 0 &&
             fabs(total - sum) <= 100 * (double)JF_EPS * (1 + fabs(sum));
    jf_data_free(&data);
    return ok;
}

static void test_csv(void)
{
    CHECK(reads(text("a.csv", "1,2\n3,4\n"), NULL, 2, 2, 10));
    CHECK(reads(text("a.csv", "x,y\n1,2\n3,4"), NULL, 2, 2, 10));
    CHECK(reads(text("a.csv", "\xef\xbb\xbfx,y\r\n1,2\r\n3,4\r\n"), NULL, 2, 2,
                10));
    CHECK(
        reads(text("a.csv", "# note\n\n1;2\n\n3;4\n# end\n"), NULL, 2, 2, 10));
    CHECK(reads(text("a.csv", "1\t2\n3\t4\n"), NULL, 2, 2, 10));
    CHECK(reads(text("a.csv", "  1   2\n3 4  \n"), NULL, 2, 2, 10));
    CHECK(reads(text("a.csv", "\"x, a\",\"y\"\n\"1\", 2\n 3 ,4\n"), NULL, 2, 2,
                10));
    CHECK(reads(text("a.csv", "-1e-3,+.5\n2.,1E2\n"), NULL, 2, 2, 102.499));
    CHECK(reads(text("a.csv", "x,y,z\n1,2,3\n4,5,6\n"), "1,3", 2, 2, 14));
    CHECK(reads(path, "2-3", 2, 2, 16));
    CHECK(reads(path, "z,x", 2, 2, 14));
    CHECK(reads(text("a.csv", "5\n6\n"), NULL, 2, 1, 11));
}

/* A picture is a row per pixel, a folder a row per picture; grey has one
 * channel, also where a file has three. */
static void test_pictures(void)
{
    unsigned char pixels[24];
    jf_image colour = {2, 4, 3, pixels}, grey = {2, 4, 1, pixels};
    double sum = 0, greys = 0;
    char name[256];
    for (size_t i = 0; i < 24; i++) {
        pixels[i] = (unsigned char)(7 * i);
        sum += pixels[i];
        greys += i < 8 ? pixels[i] : 0;
    }
    snprintf(name, sizeof name, "%s/set/a.png", folder);
    CHECK(jf_image_write(name, &colour) == GSL_SUCCESS);
    CHECK(reads(name, NULL, 8, 3, sum));
    CHECK(reads(name, "green", 8, 1, sum / 3));
    snprintf(name, sizeof name, "%s/set/b.png", folder);
    CHECK(jf_image_write(name, &grey) == GSL_SUCCESS);
    CHECK(reads(name, "grey", 8, 1, greys));
    for (size_t i = 0; i < 24; i++)
        pixels[i] = (unsigned char)(i / 3);
    snprintf(name, sizeof name, "%s/set/a.png", folder);
    CHECK(jf_image_write(name, &colour) == GSL_SUCCESS);
    CHECK(reads(name, NULL, 8, 1, 28));
    jf_dataset data;
    char set[256];
    snprintf(set, sizeof set, "%s/set/", folder);
    CHECK(jf_data_read_sized(name, NULL, 2, &data) == GSL_SUCCESS &&
          data.x.rows == 4 && data.x.cols == 1 && data.x.data[0] == 1);
    jf_data_free(&data);
    CHECK(jf_data_read_sized(set, NULL, 2, &data) == GSL_SUCCESS &&
          data.x.rows == 2 && data.x.cols == 4 && data.x.data[3] == 6);
    CHECK(strcmp(data.name, "set") == 0);
    jf_data_free(&data);
}

/* As it is: holes and infinities stay, an index column needs no name; what is
 * no number at all is refused as everywhere. */
static void test_csv_any(void)
{
    jf_dataset t;
    CHECK(jf_data_read_any(text("any.csv", ",a,b\n0,1,\n1,-inf,nan\n"), &t) ==
          GSL_SUCCESS);
    CHECK(t.x.rows == 2 && t.x.cols == 3 && t.columns);
    CHECK(t.columns[0][0] == '\0' && strcmp(t.columns[2], "b") == 0);
    CHECK(jf_row(t.x, 0)[1] == 1 && isnan(jf_row(t.x, 0)[2]));
    CHECK(isinf(jf_row(t.x, 1)[1]) && isnan(jf_row(t.x, 1)[2]));
    jf_data_free(&t);
    CHECK(refused(text("any.csv", ",a,b\n0,1,\n1,-inf,nan\n"), NULL, 0));
    hush_begin();
    CHECK(jf_data_read_any(text("any.csv", "a,b\n1,x\n"), &t) == GSL_EFAILED);
    CHECK(jf_data_read_any(text("any.csv", "a,b\n1,2\n3\n"), &t) ==
          GSL_EFAILED);
    CHECK(jf_data_read_any(folder, &t) == GSL_EFAILED);
    CHECK(hush_end() == 3);
}

static void test_csv_refusals(void)
{
    static const char *const bad[] = {
        "",               /* nothing */
        "x,y\n",          /* a header alone */
        "1,2\n",          /* one row */
        "1,2\n3\n",       /* ragged */
        "1,2\n3,4,5\n",   /* ragged */
        "1,2\n3,abc\n",   /* text */
        "1,2\nabc,4\n",   /* text */
        "x,2\n3,4\n",     /* half a header */
        "1,2\n3,nan\n",   /* not finite */
        "1,2\n3,inf\n",   /* not finite */
        "1,2\n3,1e999\n", /* overflow */
        "1,2\n3,\n",      /* empty field */
        "1,2\n3,4 5\n",   /* two numbers */
        "1,2\n3,-\n",     /* a sign alone */
        "1,2\n3,.\n",     /* a point alone */
        "1,2\n3,0x\n",    /* no digits */
    };
    for (size_t k = 0; k < sizeof bad / sizeof *bad; k++)
        CHECK(refused(text("bad.csv", bad[k]), NULL, 0));
    CHECK(refused(file("zero.csv", "1,2\n3,\0\n", 8), NULL, 0));
    CHECK(refused("/nowhere/at/all.csv", NULL, 0));
    CHECK(refused(folder, NULL, 0));
    CHECK(refused(text("a.xyz", "1,2\n3,4\n"), NULL, 0));
    CHECK(refused(text("a.png", "1,2\n3,4\n"), NULL, 0));
    text("a.csv", "x,y\n1,2\n3,4\n");
    CHECK(refused(path, "3", 0));
    CHECK(refused(path, "0", 0));
    CHECK(refused(path, "2-1", 0));
    CHECK(refused(path, "w", 0));
    CHECK(refused(path, ",", 0));
    CHECK(refused(text("a.csv", "1,2\n1,3\n1,5\n"), NULL, 1)); /* constant */
    CHECK(refused(text("a.csv", "1,1\n2,2\n5,5\n"), NULL, 1)); /* equal */
    CHECK(refused(text("a.csv", "1,2\n3,5\n"), NULL, 1));      /* n <= d */
    CHECK(!refused(text("a.csv", "1,2\n3,5\n4,1\n"), NULL, 1));
}

/* Against strtod on random decimals of all lengths. */
static void test_numbers(void)
{
    gsl_rng *rng = jf_stream_new();
    unsigned long wrong = 0;
    jf_stream_seek(rng, 3, JF_PURPOSE_USER, 0, 0);
    for (int k = 0; k < 100000; k++) {
        char number[64];
        size_t used;
        double v = (gsl_rng_uniform(rng) - 0.5) *
                   pow(10, 40 * gsl_rng_uniform(rng) - 20);
        int digits = 1 + (int)(gsl_rng_get(rng) % 20);
        snprintf(number, sizeof number, k % 3 ? "%.*f" : "%.*e", digits, v);
        double read_as = jf_parse_number(number, strlen(number), &used);
        wrong += used != strlen(number) || read_as != strtod(number, NULL);
    }
    CHECK(wrong == 0);
    gsl_rng_free(rng);
}

/* A version 1 NPY file of doubles. */
static size_t npy(unsigned char *to, const char *descr, const char *order,
                  const char *shape, const void *data, size_t size)
{
    char header[128];
    int n = snprintf(header, sizeof header,
                     "{'descr': '%s', 'fortran_order': %s, 'shape': %s, }\n",
                     descr, order, shape);
    memcpy(to, "\x93NUMPY\x01\x00", 8);
    to[8] = (unsigned char)n;
    to[9] = 0;
    memcpy(to + 10, header, (size_t)n);
    memcpy(to + 10 + n, data, size);
    return 10 + (size_t)n + size;
}

static void test_npy(void)
{
    unsigned char b[512];
    const double d[4] = {1, 2, 3, 4.5};
    const float f[4] = {1, 2, 3, 4.5F};
    const double bad[4] = {1, 2, (double)NAN, 4};
    size_t n = npy(b, "<f8", "False", "(2, 2)", d, sizeof d);

    CHECK(reads(file("a.npy", b, n), NULL, 2, 2, 10.5));
    for (size_t k = 0; k < n; k++) /* truncated anywhere */
        CHECK(refused(file("a.npy", b, k), NULL, 0));
    n = npy(b, "<f4", "False", "(2, 2)", f, sizeof f);
    CHECK(reads(file("a.npy", b, n), NULL, 2, 2, 10.5));
    n = npy(b, "|u1", "False", "(4,)", "\1\2\3\4", 4);
    CHECK(reads(file("a.npy", b, n), NULL, 4, 1, 10));
    static const char *const wrong[][3] = {
        {"<i8", "False", "(2, 2)"},
        {">f8", "False", "(2, 2)"},
        {"|O", "False", "(2, 2)"},
        {"<f8", "True", "(2, 2)"},
        {"<f8", "False", "(2, 3)"},
        {"<f8", "False", "(-2, 2)"},
        {"<f8", "False", "(0, 2)"},
        {"<f8", "False", "(1, 2, 2)"},
        {"<f8", "False", "(99999999999, 99999999999)"},
        {"<f8", "False", "()"},
    };
    for (size_t k = 0; k < sizeof wrong / sizeof *wrong; k++) {
        n = npy(b, wrong[k][0], wrong[k][1], wrong[k][2], d, sizeof d);
        CHECK(refused(file("a.npy", b, n), NULL, 0));
    }
    n = npy(b, "<f8", "False", "(2, 2)", bad, sizeof bad);
    CHECK(refused(file("a.npy", b, n), NULL, 0));
    CHECK(refused(text("b.npy", "1,2\n3,4\n"), NULL, 0));
}

static void gz(const char *name, const void *bytes, size_t size)
{
    snprintf(path, sizeof path, "%s/%s", folder, name);
    gzFile f = gzopen(path, "wb");
    CHECK(f && gzwrite(f, bytes, (unsigned)size) == (int)size);
    gzclose(f);
}

static void test_idx_and_gz(void)
{
    const unsigned char idx[] = {0, 0, 8, 3, 0, 0, 0, 2, 0, 0,
                                 0, 2, 0, 0, 0, 1, 1, 2, 3, 4};
    unsigned char b[64], packed[512];
    CHECK(reads(file("a-idx3-ubyte", idx, sizeof idx), NULL, 2, 2, 10));
    for (size_t k = 0; k < sizeof idx; k++)
        CHECK(refused(file("a-idx3-ubyte", idx, k), NULL, 0));
    memcpy(b, idx, sizeof idx);
    b[2] = 0x0b; /* 16-bit integers */
    CHECK(refused(file("a-idx3-ubyte", b, sizeof idx), NULL, 0));
    memcpy(b, idx, sizeof idx);
    memset(b + 4, 0xff, 12); /* absurd sizes */
    CHECK(refused(file("a-idx3-ubyte", b, sizeof idx), NULL, 0));
    gz("a-idx3-ubyte.gz", idx, sizeof idx);
    CHECK(reads(path, NULL, 2, 2, 10));
    gz("a.csv.gz", "x,y\n1,2\n3,4\n", 12);
    CHECK(reads(path, NULL, 2, 2, 10));
    FILE *f = fopen(path, "rb");
    size_t n = f ? fread(packed, 1, sizeof packed, f) : 0;
    if (f)
        fclose(f);
    for (size_t k = 3; k < n; k++)
        CHECK(refused(file("b.csv.gz", packed, k), NULL, 0));
    unsigned crashes = 0; /* damage anywhere is refused or read, quietly */
    for (size_t k = 10; k < n; k++) {
        jf_dataset data;
        int lines;
        packed[k] ^= 0x55;
        int status =
            quietly(file("b.csv.gz", packed, n), NULL, &data, 0, &lines);
        crashes += (status == GSL_SUCCESS) == (lines != 0);
        jf_data_free(&data);
        packed[k] ^= 0x55;
    }
    CHECK(crashes == 0);
}

/* Bytes flipped at random in valid files: no crash, and a line if refused. */
static void test_damage(void)
{
    const char *const csv = "x,y\n1,2\n3.5e2,-4\n\"7\",8\n";
    unsigned char valid[512], b[512];
    gsl_rng *rng = jf_stream_new();
    const double d[4] = {1, 2, 3, 4.5};
    unsigned wrong = 0;
    jf_stream_seek(rng, 4, JF_PURPOSE_USER, 0, 0);
    for (int k = 0; k < 3000; k++) {
        size_t n = k % 2 ? strlen(csv)
                         : npy(valid, "<f8", "False", "(2, 2)", d, sizeof d);
        if (k % 2)
            memcpy(valid, csv, n);
        memcpy(b, valid, n);
        for (unsigned long j = 0; j <= gsl_rng_get(rng) % 4; j++)
            b[gsl_rng_get(rng) % n] = (unsigned char)gsl_rng_get(rng);
        jf_dataset data;
        int lines, status = quietly(file(k % 2 ? "d.csv" : "d.npy", b, n), NULL,
                                    &data, 0, &lines);
        wrong += (status == GSL_SUCCESS) == (lines != 0);
        jf_data_free(&data);
    }
    CHECK(wrong == 0);
    gsl_rng_free(rng);
}

/* The shipped tables and their eigenvalue optimum, published values. */
static void test_shipped(void)
{
    static const struct {
        const char *name;
        size_t n, d;
        double eig;
    } tables[] = {
        {"iris", 150, 4, -2.53276420081514},
        {"wine", 178, 13, -18.7137624302633},
        {"diabetes", 442, 10, -27.8616682456515},
        {"breast-cancer", 569, 30, 32.5129438885685},
    };
    jf_team *team = jf_team_new(1);
    for (size_t k = 0; k < sizeof tables / sizeof *tables; k++) {
        jf_dataset data;
        jf_moments m;
        CHECK(jf_data_load(tables[k].name, NULL, 0, 1, &data) == GSL_SUCCESS);
        CHECK(data.x.rows == tables[k].n && data.x.cols == tables[k].d);
        CHECK(jf_moments_of(jf_const(data.x), &m, team) == GSL_SUCCESS);
        if (sizeof(real) == 8) /* in float the entries themselves differ */
            CHECK_CLOSE(jf_eig(m.d, m.lambda_sigma), tables[k].eig,
                        1e-9 * fabs(tables[k].eig));
        jf_moments_free(&m);
        jf_data_free(&data);
    }
    jf_team_free(team);
}

/* Sampler, density, entropy and moments agree within five standard errors. */
static void test_toy(const jf_toy *toy)
{
    enum { N = 20000 };
    jf_matrix x = jf_matrix_new(N, toy->d);
    double mean = 0, square = 0, error, m[2], c[4], s[2] = {0}, p[4] = {0};
    double q[4] = {0}, entropy = toy->entropy(&error);

    jf_toy_fill(toy, x, 11);
    toy->moments(m, c);
    for (size_t i = 0; i < N; i++) {
        double row[2] = {(double)jf_row(x, i)[0], (double)jf_row(x, i)[1]};
        double l = toy->log_density(row);
        mean -= l / N;
        square += l * l / N;
        for (int a = 0; a < 4; a++) {
            double u = (row[a / 2] - m[a / 2]) * (row[a % 2] - m[a % 2]);
            p[a] += u / N;
            q[a] += u * u / N;
            s[a % 2] += a < 2 ? row[a] / N : 0;
        }
    }
    double sd = sqrt(fmax(square - mean * mean, 0));
    CHECK(error >= 0 && error < 1e-6);
    CHECK_CLOSE(mean, entropy, 5 * sd / sqrt(N) + error + 1e-12);
    for (int a = 0; a < 2; a++)
        CHECK_CLOSE(s[a], m[a], 5 * sqrt(c[3 * a] / N));
    for (int a = 0; a < 4; a++)
        CHECK_CLOSE(p[a], c[a], 5 * sqrt((q[a] - p[a] * p[a]) / N));
    jf_matrix_free(&x);
}

/* Densities without jumps integrate to 1: the trapezoid rule on a fine grid,
 * second order at the kinks of laplace and at the origin of rings, angle. */
static void test_normalised(const jf_toy *toy)
{
    enum { STEPS = 900 };
    const double half = 9, h = 2 * half / STEPS; /* upwards to 36: banana */
    double sum = 0;
    if (strcmp(toy->name, "checkerboard") == 0 ||
        strcmp(toy->name, "square") == 0 ||
        strcmp(toy->name, "exponential") == 0)
        return;
    for (int i = 0; i < STEPS; i++)
        for (int j = 0; j < 5 * STEPS / 2; j++)
            sum += exp(toy->log_density(
                (double[]){(i + 0.5) * h - half, (j + 0.5) * h - half}));
    if (fabs(sum * h * h - 1) > 1e-3)
        fprintf(stderr, "%s: ", toy->name);
    CHECK_CLOSE(sum * h * h, 1, 1e-3);
}

static void test_toys(void)
{
    size_t count;
    const jf_toy *toys = jf_toys(&count);
    for (size_t k = 0; k < count; k++) {
        test_toy(&toys[k]);
        test_normalised(&toys[k]);
        CHECK(jf_toy_find(toys[k].name) == &toys[k]);
    }
    CHECK(jf_toy_find("none") == NULL);
    /* The theory's values for two of them. */
    CHECK_CLOSE(jf_toy_find("fgm")->entropy(NULL),
                log(2 * M_PI * M_E) - 0.059997455628030223, 1e-13);
    CHECK_CLOSE(jf_toy_find("angle")->entropy(NULL), 3.057611, 5e-7);
}

static void test_transforms(void)
{
    enum { N = 1000, D = 3 };
    jf_matrix x = jf_matrix_new(N, D), y = jf_matrix_new(N, D), part[3];
    double mean[D], sd[D];
    for (size_t i = 0; i < N * D; i++)
        x.data[i] = (real)(i % 17);
    for (size_t i = 0; i < N; i++)
        jf_row(x, i)[1] = 4;
    jf_matrix_copy(y, jf_const(x));
    jf_dequantize(y, 1, 3);
    int within = 1, moved = 0;
    for (size_t i = 0; i < N * D; i++) {
        within = within && y.data[i] >= x.data[i] && y.data[i] <= x.data[i] + 1;
        moved += y.data[i] != x.data[i];
    }
    CHECK(within && moved > N * D - 5);
    double shift = jf_standardize(x, mean, sd);
    CHECK_CLOSE(shift, log(sd[0]) + log(sd[2]), 1e-12);
    CHECK(sd[1] == 1 && jf_row(x, 7)[1] == 0);
    double sum = 0, square = 0;
    for (size_t i = 0; i < N; i++) {
        sum += (double)jf_row(x, i)[0] / N;
        square += (double)(jf_row(x, i)[0] * jf_row(x, i)[0]) / N;
    }
    CHECK_CLOSE(sum, 0, 100 * (double)JF_EPS);
    CHECK_CLOSE(square, 1, 100 * (double)JF_EPS);
    for (size_t i = 0; i < N; i++)
        jf_row(x, i)[0] = (real)i;
    jf_split(x, 0.6, 0.2, 5, &part[0], &part[1], &part[2]);
    CHECK(part[0].rows == 600 && part[1].rows == 200 && part[2].rows == 200);
    int seen[N] = {0}, once = 1;
    for (int k = 0; k < 3; k++)
        for (size_t i = 0; i < part[k].rows; i++)
            seen[(size_t)jf_row(part[k], i)[0]]++;
    for (size_t i = 0; i < N; i++)
        once = once && seen[i] == 1;
    CHECK(once && jf_row(part[0], 0)[0] + jf_row(part[0], 1)[0] != 1);
    for (int k = 0; k < 3; k++)
        jf_matrix_free(&part[k]);
    jf_matrix_free(&y);
    jf_matrix_free(&x);
}

int main(void)
{
    if (!mkdtemp(folder))
        return 1;
    test_csv();
    test_pictures();
    test_csv_any();
    test_csv_refusals();
    test_numbers();
    test_npy();
    test_idx_and_gz();
    test_damage();
    test_shipped();
    test_toys();
    test_transforms();
    snprintf(path, sizeof path, "rm -r %s", folder);
    CHECK(system(path) == 0);
    return check_end();
}
