/* summary.c -- what a person wants to know, in a few lines a size. */
#include "highres.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* The mean of a method over the pictures of a set. */
static double codec(const tables *t, size_t point, const char *set,
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

/* Ends of a recipe at a rate: least and largest over seeds. */
static void ends_of(const scale *s, size_t k, recipe r, size_t rate, size_t set,
                    const tables *t)
{
    double low = (double)INFINITY, high = -(double)INFINITY, trip = 0;
    size_t diverged = 0;
    for (size_t i = 0; i < s[k].seeds; i++) {
        size_t point = highres_point(s, k, r, rate, i);
        double bits = jf_table_number(t->ends, point, set, "last_bits");
        size_t last = jf_table_rows(t->steps, point) - 1;
        low = fmin(low, bits);
        high = fmax(high, bits);
        trip = jf_worse(
            trip, jf_table_number(t->steps, point, last, "roundtrip_error"));
        diverged += jf_table_number(t->ends, point, set, "diverged") > 0;
    }
    size_t point = highres_point(s, k, r, rate, 0);
    printf("    %-11s rate %-6g %5.2f to %5.2f  round trip %.1e",
           highres_recipes[r].name, jf_table_number(t->ends, point, 0, "rate"),
           low, high, trip);
    if (diverged)
        printf("  %zu of %zu diverged", diverged, s[k].seeds);
    printf("\n");
}

static void one_set(const scale *s, size_t k, size_t set, size_t codecs,
                    const tables *t)
{
    size_t point = highres_point(s, k, (recipe)s[k].from, 0, 0);
    char name[64];
    jf_table_string(t->ends, point, set, "image_set", name, sizeof name);
    printf("  %s at %zu x %zu: spectrum %.2f (circular %.2f, reflecting %.2f), "
           "png %.2f, webp %.2f, jxl %.2f\n",
           name, s[k].size, s[k].size,
           jf_table_number(t->ends, point, set, "spectrum_bits"),
           jf_table_number(t->ends, point, set, "circular_bits"),
           jf_table_number(t->ends, point, set, "reflecting_bits"),
           codec(t, codecs, name, "png"), codec(t, codecs, name, "webp"),
           codec(t, codecs, name, "jxl"));
    for (size_t r = s[k].from; r < s[k].from + s[k].recipes; r++)
        for (size_t rate = 0; rate < s[k].rates; rate++)
            ends_of(s, k, (recipe)r, rate, set, t);
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
