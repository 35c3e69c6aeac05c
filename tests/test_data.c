/* test_data.c -- readers and what they refuse, toy densities, transforms. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <gsl/gsl_rng.h>
#include <zlib.h>

#include "check.h"
#include "hush.h"
#include "jf.h"

static char folder[64];
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

/* Read with these options as rows x cols, the sum of the entries times 1, 2,
 * ... being that one, and the notes say so (NULL: there are none); cols 0:
 * refused, and the one line says so. */
static int told(const char *name, const jf_data_options *options, size_t rows,
                size_t cols, double sum, const char *say)
{
    jf_dataset data;
    double total = 0;
    hush_begin();
    jf_error_clear();
    int status = jf_data_read_as(name, options, &data);
    int lines = hush_end(), ok;
    for (size_t i = 0; i < data.x.rows * data.x.cols; i++)
        total += (double)(i + 1) * (double)data.x.data[i];
    if (cols)
        ok = status == GSL_SUCCESS && lines == 0 && data.x.rows == rows &&
             data.x.cols == cols &&
             fabs(total - sum) <= 1000 * (double)JF_EPS * (1 + fabs(sum)) &&
             (say ? data.notes.data && strstr(data.notes.data, say)
                  : !data.notes.data);
    else
        ok = status == GSL_EFAILED && lines == 1 &&
             strstr(jf_error_last()->message, say);
    if (!ok)
        fprintf(stderr, "%s: %zu x %zu, sum %.17g, notes %s, %s\n", name,
                data.x.rows, data.x.cols, total,
                data.notes.data ? data.notes.data : "none",
                jf_error_last()->message);
    jf_data_free(&data);
    return ok;
}

/* 1.5 2 3 / 4 5 6.5 has the sum 1 * 1.5 + 2 * 2 + ... + 6 * 6.5 = 94.5. */
static void test_dresses(void)
{
    static const struct {
        const char *name, *text, *columns;
        size_t cols;
        double sum;
        const char *say;
    } t[] = {
        {"plain.csv", "1.5,2,3\n4,5,6.5\n", NULL, 3, 94.5, NULL},
        {"names.CSV", "a,b,c\n1.5,2,3\n4,5,6.5\n", NULL, 3, 94.5,
         "names the columns: a, b, c"},
        {"noext", "1.5,2,3\n4,5,6.5\n", NULL, 3, 94.5, NULL},
        {"my-idx.csv", "1.5,2,3\n4,5,6.5\n", NULL, 3, 94.5, NULL},
        {"whole.csv", "0,1,2\n1.5,2,3\n4,5,6.5\n", NULL, 3, 94.5,
         "names the columns: 0, 1, 2"},
        {"two.csv", "0,1\n1.5,2\n3,4\n", NULL, 2, 30.5,
         "names the columns: 0, 1"},
        {"large.csv", "0,1\n15,20\n30,17\n", NULL, 2, 15 + 40 + 90 + 68,
         "names the columns: 0, 1"},
        {"ones.csv", "1,2,3\n1.5,2.5,3.5\n4,5,6.5\n", NULL, 3, 97,
         "names the columns: 1, 2, 3"},
        {"people.csv", "what,2019,2020\nu,90,8000\nv,70,9000\n", "2-3", 2,
         90 + 16000 + 210 + 36000, "2019, 2020 (numbers"},
        {"counts.csv", "0,1\n1,1\n", NULL, 2, 9, NULL}, /* data */
        {"years.csv", "what,2019,2020\n1.5,2,3\n4,5,6.5\n", NULL, 3, 94.5,
         "2019, 2020 (numbers"},
        {"allyears.csv", "2018,2019,2020\n1.5,2,3\n4,5,6.5\n", NULL, 3, 94.5,
         "2018, 2019, 2020 (numbers"},
        {"yearly.csv", "2018.0,2019.0,2020.0\n1.5,2,3\n4,5,6.5\n", NULL, 3,
         94.5, "2018.0, 2019.0, 2020.0 (numbers"},
        {"apart.csv", "101,205,350\n1.5,2,3\n4,5,6.5\n", NULL, 3, 94.5,
         "101, 205, 350 (numbers"},
        {"index.csv", ",a,b,c\n0,1.5,2,3\n1,4,5,6.5\n", NULL, 3, 94.5,
         "column 1 (no name) is set aside"},
        {"index0.csv", ",0,1,2\n0,1.5,2,3\n1,4,5,6.5\n", NULL, 3, 94.5,
         "column 1 (no name) is set aside"},
        {"unnamed.csv", "Unnamed: 0,a,b,c\n7,1.5,2,3\n3,4,5,6.5\n", NULL, 3,
         94.5, "(Unnamed: 0) is set aside"},
        {"rows.txt", "a b c\nr1 1.5 2 3\nr2 4 5 6.5\n", NULL, 3, 94.5,
         "column 1 (no name) is set aside"},
        {"holds.csv", ",b,c\n1.5,2,3\n4,5,6.5\n", NULL, 3, 94.5,
         "names the columns"}, /* no count: kept */
        {"kept.csv", ",a,b,c\n0,1.5,2,3\n1,4,5,6.5\n", "1-2", 2, 22,
         "names the columns"},
        {"trail.csv", "1.5,2,3,\n4,5,6.5,\n", NULL, 3, 94.5,
         "',' at the end of lines"},
        {"trails.csv", "a;b;c;\n1.5;2;3;\n4;5;6.5;\n", NULL, 3, 94.5,
         "';' at the end of lines"},
        {"hole.csv", "a,b,c\n1.5,2,3\n4,5,\n", NULL, 0, 0,
         "--drop-missing, or the column with --columns 1-2"},
        {"na.csv", "1.5,2,3\n4,NA,6.5\n", NULL, 0, 0,
         "'NA' found in row 2, column 2"},
        {"text.csv", "k,a,b,c\nu,1.5,2,3\nv,4,5,6.5\n", NULL, 0, 0,
         "column 1 (k), a finite number expected; leave out the column with "
         "--columns 2-4"},
        {"text.csv", "k,a,b,c\nu,1.5,2,3\nv,4,5,6.5\n", "2-4", 3, 94.5,
         "names the columns"},
        {"text.csv", "k,a,b,c\nu,1.5,2,3\nv,4,5,6.5\n", "a,b-c", 3, 94.5,
         "names the columns"},
        {"date.csv", "2021-03-01,1\n2021-03-02,2\n", NULL, 0, 0, "a date"},
        {"bool.csv", "a,b\n1,True\n2,False\n", NULL, 0, 0, "a truth value"},
        {"percent.csv", "a,b\n1,3.5%\n2,4%\n", NULL, 0, 0, "a percent sign"},
        {"thousand.csv", "a,b\n1,\"1,234.5\"\n2,4\n", NULL, 0, 0,
         "a separator of thousands"},
        {"fortran.csv", "1,2.5D-02\n2,4D1\n", NULL, 0, 0, "of Fortran"},
        {"dollar.csv", "a,b\n1,$3.5\n2,$4\n", NULL, 0, 0, "of currency"},
        {"euro.csv", "a;b\n1;3,5\xe2\x82\xac\n2;4\n", NULL, 0, 0,
         "of currency"},
        {"pipes.csv", "a|b|c\n1.5|2|3\n4|5|6.5\n", NULL, 3, 94.5,
         "names the columns: a, b, c"},
        {"pipe.csv", "1,5|2|3\n4|5|6,5\n", NULL, 3, 94.5, "decimal commas"},
        {"comma.csv", "a;b;c\n1,5;2;3\n4;5;6,5\n", NULL, 3, 94.5,
         "decimal commas"},
        {"commas.csv", "1,5;2,0;3\n4;5,0;6,5\n", NULL, 3, 94.5,
         "decimal commas"},
        {"tabs.csv", "1,5\t2,0\t3\n4\t5,0\t6,5\n", NULL, 3, 94.5,
         "decimal commas"},
        {"both.csv", "a;b;c\n1,5;2;3\n4;5;6.5\n", NULL, 0, 0,
         "one decimal sign expected"},
        {"units.csv", "a,b,c\nm,s,K\n1.5,2,3\n4,5,6.5\n", NULL, 3, 94.5,
         "m, s, K, is left out: units"},
        {"sep.csv", "sep=;\na;b;c\n1.5;2;3\n4;5;6.5\n", NULL, 3, 94.5,
         "separator, ';'"},
        {"cr.csv", "1.5,2,3\r4,5,6.5\r", NULL, 3, 94.5, NULL},
        {"x.arff", "% weka\n@RELATION x\n@data\n1,2\n3,4\n", NULL, 0, 0,
         "ARFF"},
        {"dash.csv", "1-3,x-y,c\n1.5,2,3\n4,5,6.5\n", "1-3", 1, 9.5,
         "names the columns"},
        {"twice.csv", "x,x\n1.5,2\n4,5\n", "x", 0, 0, "2 columns are called"},
        {"page.csv", "<!DOCTYPE html><html>", NULL, 0, 0, "HTML"},
        {"page.npy", "1,2\n3,4\n", NULL, 0, 0, "unknown format"},
    };
    for (size_t k = 0; k < sizeof t / sizeof *t; k++)
        CHECK(told(text(t[k].name, t[k].text),
                   &(jf_data_options){.columns = t[k].columns}, 2, t[k].cols,
                   t[k].sum, t[k].say));
    CHECK(told(text("plain.csv", "1,2\n3,4\n"),
               &(jf_data_options){.array = "x"}, 0, 0, 0, "--array"));
    CHECK(told(text("first.csv", "7,8,9\n1.5,2,3\n4,5,6.5\n"), NULL, 3, 3,
               210.5, NULL));
    CHECK(told(text("na.csv", "1.5,2,3\nNA,1,1\n4,5,6.5\n,,\n"),
               &(jf_data_options){.drop_missing = 1}, 2, 3, 94.5,
               "2 of 4 rows left out"));
    CHECK(told(text("sheet.csv", "# made\n1.5,2,3\n#N/A,1,1\n#DIV/0!,1,1\n"
                                 "4,5,6.5\n"),
               &(jf_data_options){.drop_missing = 1}, 2, 3, 94.5,
               "2 of 4 rows left out"));
    CHECK(told(file("u.csv",
                    "\xff\xfe"
                    "1\0,\0"
                    "5\0\n\0"
                    "2\0,\0"
                    "\xe9\0\n\0",
                    18),
               NULL, 0, 0, 0, "a finite number expected"));
    CHECK(told(file("u.csv",
                    "\xfe\xff\0"
                    "1\0,\0"
                    "2\0\n\0"
                    "3\0,\0"
                    "4",
                    16),
               NULL, 2, 2, 30, "UTF-16"));
    CHECK(told(file("u.csv",
                    "\xfe\xff\0"
                    "1\0,\0"
                    "2\0\n\0"
                    "3\0,\0",
                    15),
               NULL, 0, 0, 0, "truncated UTF-16"));
    CHECK(told(file("a.webp", "RIFF\1\0\0\0WEBPVP8L", 16), NULL, 0, 0, 0,
               "damaged WebP"));
    CHECK(told(file("a.h5", "\211HDF\r\n\032\n", 8), NULL, 0, 0, 0, "HDF5"));
}

/* The head of a JPEG: EXIF's orientation, in either byte order, then a frame of
 * 3 x 5 pixels of so many channels. */
static void test_heads(void)
{
    unsigned char b[] = "\xff\xd8\xff\xe1\0\x22"
                        "Exif\0\0MM\0\x2a\0\0\0\x08\0\1"
                        "\1\x12\0\3\0\0\0\1\0\6\0\0\0\0\0\0"
                        "\xff\xc0\0\x0b\x08\0\3\0\5\1\1\x11\0";
    jf_image_shape s;
    CHECK(
        jf_image_shape_of(file("h.jpg", b, sizeof b - 1), &s) == GSL_SUCCESS &&
        s.height == 3 && s.width == 5 && s.channels == 1 && s.orientation == 6);
    b[31] = 9; /* no orientation */
    b[sizeof b - 5] = 3;
    CHECK(jf_image_shape_of(file("h.jpg", b, sizeof b - 1), &s) ==
              GSL_SUCCESS &&
          s.channels == 3 && s.orientation == 1);
    for (size_t k = 0; k < sizeof b - 10; k++) {
        hush_begin();
        CHECK(jf_image_shape_of(file("h.jpg", b, k), &s) == GSL_EFAILED);
        CHECK(hush_end() == 1);
    }
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
    CHECK(jf_data_read_as(name, &(jf_data_options){.size = 2}, &data) ==
              GSL_SUCCESS &&
          data.x.rows == 4 && data.x.cols == 1 && data.x.data[0] == 1);
    jf_data_free(&data);
    CHECK(jf_data_read_as(set, &(jf_data_options){.size = 2}, &data) ==
              GSL_SUCCESS &&
          data.x.rows == 2 && data.x.cols == 4 && data.x.data[3] == 6);
    CHECK(strcmp(data.name, "set") == 0);
    jf_data_free(&data);
    CHECK(told(set, NULL, 2, 8, 168 + 2744, "2 pictures"));
    snprintf(name, sizeof name, "%s/set/deeper/c.png", folder);
    CHECK(jf_image_write(name, &(jf_image){4, 2, 1, pixels}) == GSL_SUCCESS);
    CHECK(told(set, NULL, 0, 0, 0, "another size than 2 x 4"));
    CHECK(jf_image_write(name, &colour) == GSL_SUCCESS);
    jf_images *all = jf_images_open(set, 0);
    jf_images_shape shape;
    CHECK(all && jf_images_count(all) == 3 && jf_images_size(all) == 2);
    CHECK(all && jf_images_one_shape(all, &shape) == GSL_SUCCESS &&
          shape.height == 2 && shape.width == 4 && shape.channels == 3 &&
          shape.turned == 0);
    jf_images_free(all);
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
        "1,2\n3,+.\n",    /* signs and a point */
        "1,2\n3,-.\n",
        "1,2\n3,+\n",
        "1;2\n3;+,\n",   /* with a decimal comma */
        "1,2\n3,0x\n",   /* no digits */
        "1,2\n3,0x10\n", /* no decimal */
        "1,2\n3,-0X1p3\n",
        "1;2,5\n3;0x1,8\n",
    };
    for (size_t k = 0; k < sizeof bad / sizeof *bad; k++)
        CHECK(refused(text("bad.csv", bad[k]), NULL, 0));
    CHECK(refused(file("zero.csv", "1,2\n3,\0\n", 8), NULL, 0));
    CHECK(refused("/nowhere/at/all.csv", NULL, 0));
    CHECK(refused("/nowhere/at\nall.csv", NULL, 0));
    snprintf(path, sizeof path, "%s/empty", folder);
    CHECK(mkdir(path, 0700) == 0 && refused(path, NULL, 0));
    CHECK(reads(text("a.xyz", "1,2\n3,4\n"), NULL, 2, 2, 10));
    CHECK(refused(text("a.xyz", "1,2\1\n3,4\n"), NULL, 0));
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

/* A whole number that no double holds is refused, in the columns that are
 * looked at, in either order of entries. */
static void test_npy_wholes(void)
{
    const int64_t two53 = INT64_C(1) << 53, two62 = INT64_C(1) << 62;
    const int64_t held[4] = {two53, -two53, two62, INT64_MIN},
                  signs[4] = {3, 4, 5, -two53 - 1},
                  label[6] = {1, 2, two62, 3, 4, two62 + 1};
    const uint64_t high[2] = {1, UINT64_MAX};
    unsigned char b[512];
    size_t n = npy(b, "<i8", "False", "(4,)", held, sizeof held);
    CHECK(told(file("a.npy", b, n), NULL, 4, 1,
               -(double)two53 + 3 * 0x1p62 - 4 * 0x1p63, NULL));
    n = npy(b, "<i8", "False", "(2, 2)", signs, sizeof signs);
    CHECK(told(file("a.npy", b, n), NULL, 0, 0, 0, "2^53 expected"));
    CHECK(told(path, NULL, 0, 0, 0,
               "-9007199254740993 found in row 2, column 2"));
    CHECK(told(path, &(jf_data_options){.columns = "1"}, 2, 1, 13, NULL));
    n = npy(b, "<u8", "False", "(2,)", high, sizeof high);
    CHECK(told(file("a.npy", b, n), NULL, 0, 0, 0,
               "18446744073709551615 found in row 2, column 1"));
    n = npy(b, "<i8", "False", "(2, 3)", label, sizeof label);
    CHECK(told(file("a.npy", b, n), NULL, 0, 0, 0, "row 2, column 3"));
    CHECK(reads(path, "1-2", 2, 2, 10));
    n = npy(b, "<i8", "True", "(2, 3)", label, sizeof label);
    CHECK(told(file("a.npy", b, n), NULL, 0, 0, 0, "row 2, column 3"));
    CHECK(reads(path, "1", 2, 1, 3));
    n = npy(b, "<i8", "True", "(1, 3, 2)", label, sizeof label);
    CHECK(told(file("a.npy", b, n), &(jf_data_options){.one = 1}, 0, 0, 0,
               "row 1, column 6"));
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
        {"<i3", "False", "(2, 2)"},
        {"<f12", "False", "(2, 2)"},
        {"|O", "False", "(2, 2)"},
        {"<f8", "Maybe", "(2, 2)"},
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

/* Every type, either byte order, and more dimensions: the entries 1, -2, 3, 4
 * (weighted sum 22; 254 for -2 where there is no sign). */
static void test_npy_types(void)
{
    static const struct {
        const char *type;
        size_t size;
        const char *bytes;
        double sum;
    } t[] = {
        {"<f2", 8, "\0\x3c\0\xc0\0\x42\0\x44", 22},
        {">f2", 8, "\x3c\0\xc0\0\x42\0\x44\0", 22},
        {"<f2", 8, "\1\0\0\0\0\0\0\0", 5.9604644775390625e-8},
        {"|i1", 4, "\1\xfe\3\4", 22},
        {"|u1", 4, "\1\xfe\3\4", 534},
        {"|b1", 4, "\1\0\1\1", 8},
        {"<i2", 8, "\1\0\xfe\xff\3\0\4\0", 22},
        {">u2", 8, "\0\1\0\xfe\0\3\0\4", 534},
        {">i4", 16, "\0\0\0\1\xff\xff\xff\xfe\0\0\0\3\0\0\0\4", 22},
        {"<u4", 16, "\1\0\0\0\xfe\0\0\0\3\0\0\0\4\0\0\0", 534},
        {"<i8", 32,
         "\1\0\0\0\0\0\0\0\xfe\xff\xff\xff\xff\xff\xff\xff"
         "\3\0\0\0\0\0\0\0\4\0\0\0\0\0\0\0",
         22},
        {"<f16", 64,
         "\0\0\0\0\0\0\0\x80\xff\x3f\7\7\7\7\7\7"
         "\0\0\0\0\0\0\0\x80\0\xc0\0\0\0\0\0\0"
         "\0\0\0\0\0\0\0\xc0\0\x40\0\0\0\0\0\0"
         "\0\0\0\0\0\0\0\x80\1\x40\0\0\0\0\0\0",
         22},
    };
    unsigned char b[512];
    for (size_t k = 0; k < sizeof t / sizeof *t; k++) {
        size_t n = npy(b, t[k].type, "False", "(2, 2)", t[k].bytes, t[k].size);
        CHECK(told(file("a.npy", b, n), NULL, 2, 2, t[k].sum, NULL));
        CHECK(told(file("a.npy", b, n - 1), NULL, 0, 0, 0, "truncated"));
    }
    const double d[8] = {1, 2, 3, 4, 5, 6, 7, 8},
                 hole[4] = {1, (double)NAN, 3, 4};
    size_t n = npy(b, "<f8", "True", "(2, 2)", d, 32); /* 1 3 / 2 4 */
    CHECK(told(file("a.npy", b, n), NULL, 2, 2, 29, NULL));
    n = npy(b, "<f8", "False", "(2, 2, 2)", d, 64);
    CHECK(told(file("a.npy", b, n), NULL, 2, 4, 204, "an array of 2 x 2 x 2"));
    n = npy(b, "<f8", "True", "(2, 2, 2)", d, 64); /* 1 5 3 7 / 2 6 4 8 */
    CHECK(told(file("a.npy", b, n), NULL, 2, 4,
               1 + 10 + 9 + 28 + 10 + 36 + 28 + 64, "row of 4 numbers"));
    n = npy(b, "<f8", "False", "(4,)", hole, 32);
    CHECK(told(file("a.npy", b, n), NULL, 0, 0, 0, "--drop-missing"));
    CHECK(told(path, &(jf_data_options){.drop_missing = 1}, 3, 1, 1 + 6 + 12,
               "1 of 4 rows left out"));
    b[6] = 3; /* version 3 has a length of 4 bytes */
    CHECK(refused(file("a.npy", b, n), NULL, 0));
    static const char *const others[][2] = {{"|O", "objects"},
                                            {"<c16", "complex"},
                                            {"<U3", "strings"},
                                            {"<M8[ns]", "dates"}};
    for (size_t k = 0; k < sizeof others / sizeof *others; k++) {
        n = npy(b, others[k][0], "False", "(2, 2)", d, 64);
        CHECK(told(file("a.npy", b, n), NULL, 0, 0, 0, others[k][1]));
    }
}

static void put(unsigned char **to, unsigned long value, int size)
{
    for (int i = 0; i < size; i++, value >>= 8)
        *(*to)++ = (unsigned char)value;
}

/* An archive of count arrays, "x" and "y", of the same bytes. */
static size_t zip(unsigned char *to, int count, int packed,
                  const unsigned char *bytes, size_t size)
{
    unsigned char *at = to, small[1024], *starts[2];
    z_stream z = {.next_in = (unsigned char *)(size_t)bytes,
                  .avail_in = (unsigned)size,
                  .next_out = small,
                  .avail_out = sizeof small};
    CHECK(deflateInit2(&z, 9, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY) == Z_OK &&
          deflate(&z, Z_FINISH) == Z_STREAM_END);
    size_t length = packed ? sizeof small - z.avail_out : size;
    unsigned long check = crc32(0, bytes, (unsigned)size);
    deflateEnd(&z);
    for (int part = 0; part < 2; part++) { /* members, then the directory */
        unsigned char *start = at;
        for (int k = 0; k < count; k++) {
            if (part == 0)
                starts[k] = at;
            put(&at, part ? 0x02014b50 : 0x04034b50, 4);
            put(&at, 20, part ? 4 : 2);
            put(&at, 0, 2);
            put(&at, packed ? 8 : 0, 2);
            put(&at, 0, 4);
            put(&at, check, 4);
            put(&at, length, 4);
            put(&at, size, 4);
            put(&at, 5, 2);
            put(&at, 0, part ? 12 : 2);
            if (part)
                put(&at, (unsigned long)(starts[k] - to), 4);
            memcpy(at, k ? "y.npy" : "x.npy", 5);
            at += 5;
            if (part == 0)
                memcpy(at, packed ? small : bytes, length);
            at += part == 0 ? length : 0;
        }
        if (part) {
            size_t directory = (size_t)(at - start);
            put(&at, 0x06054b50, 4);
            put(&at, 0, 4);
            put(&at, (unsigned long)count, 2);
            put(&at, (unsigned long)count, 2);
            put(&at, directory, 4);
            put(&at, (unsigned long)(start - to), 4);
            put(&at, 0, 2);
        }
    }
    return (size_t)(at - to);
}

static void test_npz(void)
{
    unsigned char array[512], b[2048];
    const double d[4] = {1, -2, 3, 4};
    size_t size = npy(array, "<f8", "False", "(2, 2)", d, sizeof d);
    for (int packed = 0; packed < 2; packed++) {
        size_t n = zip(b, 1, packed, array, size);
        CHECK(told(file("a.npz", b, n), NULL, 2, 2, 22, "array x"));
        CHECK(told(path, &(jf_data_options){.array = "y"}, 0, 0, 0, "x"));
        for (size_t k = 0; k < n; k++) /* truncated anywhere */
            CHECK(refused(file("a.npz", b, k), NULL, 0));
        b[40] ^= 1; /* in the array: the checksum tells */
        CHECK(told(file("a.npz", b, n), NULL, 0, 0, 0, "damaged"));
        n = zip(b, 2, packed, array, size);
        CHECK(told(file("a.npz", b, n), NULL, 0, 0, 0, "2 arrays found"));
        CHECK(
            told(path, &(jf_data_options){.array = "y"}, 2, 2, 22, "array y"));
    }
}

/* A chunk that the file does not hold, and pixels that it cannot. */
static void test_png_lies(void)
{
    unsigned char b[512] = {0}, pixels[4] = {1, 2, 3, 4};
    char name[256];
    snprintf(name, sizeof name, "%s/lie.png", folder);
    CHECK(jf_image_write(name, &(jf_image){2, 2, 1, pixels}) == GSL_SUCCESS);
    FILE *f = fopen(name, "rb");
    size_t n = f ? fread(b, 1, sizeof b, f) : 0;
    if (f)
        fclose(f);
    CHECK(told(name, NULL, 4, 1, 30, "1 picture of 2 x 2 pixels"));
    b[33] = 0x5f; /* the length of the second chunk */
    CHECK(told(file("lie.png", b, n), NULL, 0, 0, 0, "bytes declared"));
    b[33] = 0;
    b[17] = b[21] = 0x20; /* width and height */
    CHECK(told(file("lie.png", b, n), NULL, 0, 0, 0, "pixels"));
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
    b[2] = 0x0a; /* no type */
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

/* A valid file of each kind; its size. */
static size_t valid_file(int kind, unsigned char *b)
{
    static const char csv[] = "x,y\n1,2\n3.5e2,-4\n\"7\",8\n";
    static const char dressed[] =
        "sep=;\n;a;b;\nu;m;s;\n0;1,5;2;\n1;3;NA;\n2;5%;\"7\";\n3;1;2;\n";
    static const char wide[] = "\xff\xfe"
                               "1\0,\0\xe9\0\n\0\x3d\xd8\0\xde,\0\x33\0\n";
    static const char idx[] = "\0\0\x0b\2\0\0\0\2\0\0\0\2\0\1\0\2\xff\xff\0\3";
    unsigned char array[512], pixels[12] = {9, 8, 7, 6, 5, 4, 3, 2, 1};
    const double d[4] = {1, 2, 3, 4.5};
    size_t n = npy(array, ">f8", "True", "(2, 1, 2)", d, sizeof d);
    switch (kind) {
    case 0:
        memcpy(b, csv, n = sizeof csv - 1);
        break;
    case 1:
        memcpy(b, dressed, n = sizeof dressed - 1);
        break;
    case 2:
        memcpy(b, wide, n = sizeof wide);
        break;
    case 3:
        memcpy(b, idx, n = sizeof idx - 1);
        break;
    case 4:
        memcpy(b, array, n);
        break;
    case 5:
        n = zip(b, 1, 1, array, n);
        break;
    default:
        snprintf(path, sizeof path, "%s/whole.png", folder);
        CHECK(jf_image_write(path, &(jf_image){2, 2, 3, pixels}) ==
              GSL_SUCCESS);
        FILE *f = fopen(path, "rb");
        n = f ? fread(b, 1, 1024, f) : 0;
        if (f)
            fclose(f);
    }
    return n;
}

/* Bytes flipped at random in valid files, and ends cut off: no crash, and a
 * line if refused. */
static void test_damage(void)
{
    enum { KINDS = 7, EACH = 700 };
    unsigned char valid[2048], b[2048];
    gsl_rng *rng = jf_stream_new();
    unsigned wrong = 0, refusals = 0;
    jf_stream_seek(rng, 4, JF_PURPOSE_USER, 0, 0);
    for (int k = 0; k < KINDS * EACH; k++) {
        size_t n = valid_file(k / EACH, valid);
        memcpy(b, valid, n);
        for (unsigned long j = 0; j <= gsl_rng_get(rng) % 4; j++)
            b[gsl_rng_get(rng) % n] = (unsigned char)gsl_rng_get(rng);
        if (k % 3 == 0)
            n = 1 + gsl_rng_get(rng) % n;
        jf_dataset data;
        int lines, status = quietly(file("d.csv", b, n), k % 2 ? NULL : "1-2",
                                    &data, 0, &lines);
        wrong += (status == GSL_SUCCESS) == (lines != 0);
        refusals += status != GSL_SUCCESS;
        jf_data_free(&data);
    }
    CHECK(wrong == 0);
    CHECK(refusals > EACH); /* the damage is seen */
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
        CHECK(jf_data_load(tables[k].name, NULL, 1, &data) == GSL_SUCCESS);
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
    /* Values of C1.3b and C3.5 in theory/theory.md. */
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
    check_template(folder, sizeof folder, "data");
    if (!mkdtemp(folder))
        return 1;
    test_csv();
    test_dresses();
    test_pictures();
    test_heads();
    test_csv_any();
    test_csv_refusals();
    test_numbers();
    test_npy();
    test_npy_wholes();
    test_npy_types();
    test_npz();
    test_png_lies();
    test_idx_and_gz();
    test_damage();
    test_shipped();
    test_toys();
    test_transforms();
    snprintf(path, sizeof path, "rm -r %s", folder);
    CHECK(system(path) == 0);
    return check_end();
}
