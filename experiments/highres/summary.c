/* summary.c -- what a person wants to know, in a few lines a size. */
#include "highres.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

double highres_codec(const tables *t, size_t point, const char *set,
                     const char *method)
{
    double sum = 0;
    size_t n = 0;
    for (size_t i = 0; i < jf_table_rows(t->codecs, point); i++) {
        char text[64];
        jf_table_string(t->codecs, point, i, "image_set", text, sizeof text);
        if (strcmp(text, set) != 0)
            continue;
        jf_table_string(t->codecs, point, i, "method", text, sizeof text);
        if (strcmp(text, method) != 0)
            continue;
        sum += jf_table_number(t->codecs, point, i, "bits_per_dim");
        n++;
    }
    return sum / (double)n;
}

static void say_codec(const tables *t, size_t point, const char *set,
                      const char *method)
{
    double bits = highres_codec(t, point, set, method);
    if (isfinite(bits))
        printf(", %s %.2f", method, bits);
}

/* The runs of a recipe at a rate, over seeds. */
typedef struct {
    double low, high;   /* bits at their ends */
    double trip, bound; /* largest round trip and prediction of all records */
    size_t diverged;
} ends;

static ends ends_of(const scale *s, size_t k, recipe r, size_t rate, size_t set,
                    const tables *t)
{
    ends e = {(double)INFINITY, -(double)INFINITY, 0, 0, 0};
    for (size_t i = 0; i < s[k].seeds; i++) {
        size_t point = highres_point(s, k, r, rate, i);
        double bits = jf_table_number(t->ends, point, set, "last_bits");
        e.low = fmin(e.low, bits);
        e.high = fmax(e.high, bits);
        e.diverged += jf_table_number(t->ends, point, set, "diverged") > 0;
        for (size_t j = 0; j < jf_table_rows(t->steps, point); j++) {
            e.trip = jf_worse(
                e.trip, jf_table_number(t->steps, point, j, "roundtrip_error"));
            e.bound = jf_worse(e.bound, jf_table_number(t->steps, point, j,
                                                        "predicted_roundtrip"));
        }
    }
    return e;
}

static void say_ends(const scale *s, size_t k, recipe r, size_t rate,
                     size_t set, const tables *t)
{
    size_t point = highres_point(s, k, r, rate, 0);
    ends e = ends_of(s, k, r, rate, set, t);
    printf("    %-10s rate %-6g", highres_recipes[r].name,
           jf_table_number(t->ends, point, 0, "rate"));
    if (isfinite(e.high) && e.high < 1e3)
        printf(" %.2f to %.2f,", e.low, e.high);
    if (isfinite(e.trip))
        printf(" round trip %.1e", e.trip);
    if (highres_recipes[r].family == COSINE)
        printf(" within %.1e, proved", e.bound);
    if (e.diverged)
        printf(" %zu of %zu diverged", e.diverged, s[k].seeds);
    printf("\n");
}

static void one_set(const scale *s, size_t k, size_t set, size_t codecs,
                    const tables *t)
{
    static const char *const methods[] = {"png", "webp", "jxl"};
    size_t point = highres_point(s, k, (recipe)s[k].from, 0, 0);
    char name[64];
    jf_table_string(t->ends, point, set, "image_set", name, sizeof name);
    printf("  %s at %zu x %zu: spectrum circular %.2f, reflecting %.2f", name,
           s[k].size, s[k].size,
           jf_table_number(t->ends, point, set, "circular_bits"),
           jf_table_number(t->ends, point, set, "reflecting_bits"));
    for (size_t m = 0; m < sizeof methods / sizeof *methods; m++)
        say_codec(t, codecs, name, methods[m]);
    printf("\n");
    for (size_t r = s[k].from; r < s[k].from + s[k].recipes; r++)
        for (size_t rate = 0; rate < s[k].rates; rate++)
            say_ends(s, k, (recipe)r, rate, set, t);
}

void highres_summary(const experiment *e, size_t count, const scale *s,
                     const tables *t)
{
    size_t points = 0;
    for (size_t k = 0; k < count; k++)
        points += highres_runs(&s[k]);
    printf("bits per dimension of held-out pictures, 256 levels with uniform "
           "noise\n");
    for (size_t k = 0; k < count; k++) {
        size_t point = highres_point(s, k, (recipe)s[k].from, 0, 0);
        for (size_t set = 0; set < jf_table_rows(t->ends, point); set++)
            if (k + 1 == count || set == 0)
                one_set(s, k, set, points + k, t);
    }
    printf("  held-out pictures, their reconstructions and samples: "
           "%s/highres-samples.png\n",
           e->args.out);
}
